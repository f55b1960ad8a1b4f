import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { AgentChip } from "@/components/agent-chip";
import { JsonView } from "@/components/json-view";
import { Duration, Money, TokenFlow } from "@/components/numbers";
import { useT } from "@/i18n/i18n";
import { agentColor } from "@/lib/agent-color";
import { parseJson } from "@/lib/conversation";
import type { RunCall, RunTask, RunTool } from "@/lib/run-state";
import { urls } from "@/lib/urls";

/** What the crew says and does, task by task, as it happens. */
export function Transcript({ tasks }: { tasks: readonly RunTask[] }) {
  return (
    <ol className="flex flex-col">
      {tasks.map((task) => (
        <Task key={task.name} task={task} />
      ))}
    </ol>
  );
}

function Task({ task }: { task: RunTask }) {
  const t = useT();
  return (
    <li className="border-b px-4 py-3">
      {task.from !== null && (
        <p className="mb-2 flex items-center gap-2 text-xs text-muted-foreground">
          <AgentChip name={task.from} />
          <span aria-hidden>→</span>
          <AgentChip name={task.agent} />
          <span>{t("run.handover")}</span>
        </p>
      )}
      <header className="flex items-baseline gap-3">
        <AgentChip name={task.agent} className="font-semibold" />
        <span className="text-sm text-muted-foreground">{task.name}</span>
        <span className="ml-auto text-xs text-muted-foreground">{task.durationMs !== null && <Duration ms={task.durationMs} />}</span>
      </header>
      <div className="mt-1.5 ml-[3px] flex flex-col gap-2.5 border-l-2 pl-3" style={{ borderColor: agentColor(task.agent) }}>
        {task.steps.map((step, index) => (step.kind === "call" ? <CallStep key={`call-${String(step.call)}`} call={step} /> : <ToolStep key={`tool-${String(index)}`} tool={step} />))}
      </div>
    </li>
  );
}

function CallStep({ call }: { call: RunCall }) {
  const t = useT();
  const { done } = call;
  return (
    <div className="min-w-0">
      {done?.error !== null && done?.error !== undefined ? (
        <p className="text-sm wrap-any text-bad">{done.error}</p>
      ) : (
        call.text !== "" && (
          <p className="max-w-[72ch] whitespace-pre-wrap wrap-any">
            {call.text}
            {done === null && <span aria-hidden className="ml-0.5 inline-block h-3.5 w-1.5 animate-breathe bg-foreground align-text-bottom" />}
          </p>
        )
      )}
      <p className="mt-0.5 flex flex-wrap items-center gap-x-3 text-xs text-muted-foreground">
        {done?.callId !== null && done?.callId !== undefined ? (
          <Link to={urls.call(done.callId)} className="hover:text-foreground hover:underline">{call.model}</Link>
        ) : (
          <span>{call.model}</span>
        )}
        {done === null ? (
          <span className="animate-breathe">{t("run.thinking")}</span>
        ) : (
          <>
            <TokenFlow input={done.inputTokens} output={done.outputTokens} />
            <Money amount={done.cost} />
            <Duration ms={done.durationMs} />
          </>
        )}
      </p>
    </div>
  );
}

function ToolStep({ tool }: { tool: RunTool }) {
  const [open, setOpen] = useState(false);
  const outputs = typeof tool.outputs === "string" ? parseJson(tool.outputs) : tool.outputs;
  return (
    <div className="min-w-0 rounded-md bg-sunken">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className="flex min-h-8 w-full min-w-0 items-center gap-1.5 rounded-md px-2 text-left text-xs hover:bg-hover">
        <ChevronRight aria-hidden className={open ? "size-3.5 shrink-0 rotate-90" : "size-3.5 shrink-0"} />
        <span className="font-mono font-semibold">{tool.name}</span>
        <span className="min-w-0 truncate font-mono text-muted-foreground">
          {short(tool.inputs)} <span aria-hidden className="text-faint">→</span> <span className={tool.failed ? "text-bad" : "text-foreground"}>{short(outputs)}</span>
        </span>
        <span className="ml-auto shrink-0 pl-2 text-muted-foreground">
          <Duration ms={tool.durationMs} />
        </span>
      </button>
      {open && (
        <div className="flex flex-col gap-2 border-t p-2">
          <JsonView value={tool.inputs} />
          <JsonView value={outputs} />
        </div>
      )}
    </div>
  );
}

function short(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null) {
    const only = Object.values(value);
    if (only.length === 1 && typeof only[0] === "string") return only[0];
  }
  return JSON.stringify(value);
}
