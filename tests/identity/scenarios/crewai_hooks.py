"""The truth of CrewAI: agents are known where the framework gives an agent its task, internal calls where it makes them."""

import functools
import itertools

import crewai.memory.encoding_flow as encoding
import crewai.memory.recall_flow as recall
import crewai.memory.unified_memory as unified
from crewai import Agent
from crewai.utilities.reasoning_handler import AgentReasoning

from record import truth

INTERNAL = {"Task Execution Planner": "<planner>", "Guardrail Agent": "<guardrail>"}
_sessions = itertools.count(1)
_last_of_run: dict[str, str] = {}
"""A task's guardrail and its memories are made after the agent is done: they serve who worked last."""


def _label(agent) -> dict:
    name = getattr(agent, "_original_role", None) or agent.role
    if name in INTERNAL:
        outer = truth.current().get("agent") or _last_of_run.get(truth.current_run())
        return {"name": INTERNAL[name], "kind": INTERNAL[name].strip("<>"), "on_behalf_of": outer}
    _last_of_run[truth.current_run()] = name
    return {"name": name, "session": f"s{next(_sessions)}"}


def _in_agent(method):
    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        with truth.agent(**_label(self)):
            return method(self, *args, **kwargs)

    return wrapped


def _in_agent_async(method):
    @functools.wraps(method)
    async def wrapped(self, *args, **kwargs):
        with truth.agent(**_label(self)):
            return await method(self, *args, **kwargs)

    return wrapped


def _internal(module, function: str, agent: str) -> None:
    original = getattr(module, function)

    @functools.wraps(original)
    def wrapped(*args, **kwargs):
        outer = truth.current().get("agent") or _last_of_run.get(truth.current_run())
        with truth.agent(agent, kind=agent.strip("<>"), on_behalf_of=outer):
            return original(*args, **kwargs)

    setattr(module, function, wrapped)


def install() -> None:
    Agent.execute_task = _in_agent(Agent.execute_task)
    Agent.aexecute_task = _in_agent_async(Agent.aexecute_task)
    Agent.kickoff = _in_agent(Agent.kickoff)
    Agent.kickoff_async = _in_agent_async(Agent.kickoff_async)
    _internal(unified, "extract_memories_from_content", "<memory:extract>")
    _internal(encoding, "analyze_for_save", "<memory:save>")
    _internal(encoding, "analyze_for_consolidation", "<memory:consolidate>")
    _internal(recall, "analyze_query", "<memory:query>")
    reason = AgentReasoning.handle_agent_reasoning

    @functools.wraps(reason)
    def reasoning(self, *args, **kwargs):
        with truth.agent("<reasoning>", kind="reasoning", on_behalf_of=self.agent.role):
            return reason(self, *args, **kwargs)

    AgentReasoning.handle_agent_reasoning = reasoning
