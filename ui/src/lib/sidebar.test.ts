import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { getPrefs, setPrefs } from "./prefs";
import { leaveSidebar, toggleSidebar, useSidebar } from "./sidebar";

function screenIs(narrow: boolean): void {
  vi.stubGlobal("matchMedia", () => ({ matches: narrow, addEventListener: () => undefined, removeEventListener: () => undefined }));
}

afterEach(() => {
  act(() => {
    leaveSidebar();
    setPrefs({ sidebarCollapsed: false });
  });
  vi.unstubAllGlobals();
});

test("beside a wide page the sidebar is as it was chosen", () => {
  screenIs(false);
  const { result } = renderHook(useSidebar);
  expect(result.current).toEqual({ folded: false, over: false });
  act(toggleSidebar);
  expect(result.current).toEqual({ folded: true, over: false });
  expect(getPrefs().sidebarCollapsed).toBe(true);
});

test("on a narrow screen it is folded, lies over the page when opened, and goes when something is chosen", () => {
  screenIs(true);
  const { result } = renderHook(useSidebar);
  expect(result.current).toEqual({ folded: true, over: false });
  act(toggleSidebar);
  expect(result.current).toEqual({ folded: false, over: true });
  act(leaveSidebar);
  expect(result.current).toEqual({ folded: true, over: false });
  expect(getPrefs().sidebarCollapsed).toBe(false);
});
