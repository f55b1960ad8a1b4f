import { describe, expect, it } from "vitest";
import { readTraceFilter, withTraceParam } from "./trace-filter";

describe("the filter of traces", () => {
  it("is what the address says, without what the platform would refuse", () => {
    const params = new URLSearchParams("agent=Writer&errors_only=true&compare=ab&model=&status=ok");
    expect(readTraceFilter(params)).toEqual({ agent: "Writer", errors_only: true });
    expect(readTraceFilter(new URLSearchParams("errors_only=yes"))).toEqual({});
  });

  it("keeps the rest of the address when one part changes", () => {
    const params = new URLSearchParams("agent=Writer&compare=ab");
    expect(withTraceParam(params, "agent", "").toString()).toBe("compare=ab");
    expect(withTraceParam(params, "compare", "cd").toString()).toBe("agent=Writer&compare=cd");
  });
});
