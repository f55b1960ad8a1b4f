"""A real CrewAI crew, two agents and a tool, pointed at the gateway by base URL alone (G1, G8)."""

import os
import uuid

os.environ.setdefault("CREWAI_DISABLE_TELEMETRY", "true")
os.environ.setdefault("OTEL_SDK_DISABLED", "true")

from crewai import LLM, Agent, Crew, Process, Task  # noqa: E402
from crewai.tools import tool  # noqa: E402


@tool("calculator")
def calculator(expression: str) -> str:
    """Calculates an arithmetic expression such as 6*7."""
    allowed = set("0123456789+-*/(). ")
    assert set(expression) <= allowed
    return str(eval(expression))  # noqa: S307 (digits and operators only)


def test_a_real_crew_runs_through_the_gateway_and_every_call_is_recorded(base_url, api_key, api):
    trace = uuid.uuid4().hex
    llm = LLM(model="openai/sim-crew", base_url=f"{base_url}/api/log-proxy/{trace}/v1", api_key=api_key)
    researcher = Agent(
        role="Researcher", goal="Find the numbers", backstory="You check every figure.", llm=llm, tools=[calculator]
    )
    writer = Agent(role="Writer", goal="Write it down", backstory="You write short and clear.", llm=llm)
    research = Task(description="Work out 6*7.", expected_output="The number.", agent=researcher)
    write = Task(description="Write one sentence about it.", expected_output="One sentence.", agent=writer)
    crew = Crew(agents=[researcher, writer], tasks=[research, write], process=Process.sequential, verbose=False)
    result = crew.kickoff()
    assert result.raw
    calls = api.calls_of(trace, 3)
    assert {call["status"] for call in calls} == {"ok"}
    assert all(call["cost"] is not None for call in calls)
