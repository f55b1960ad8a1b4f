"""A clearly older CrewAI (0.114): crews in sequence and under a manager at once, on LiteLLM, whose prompts and tools are told in text.

Truth: an agent is known where it is given its task.
"""

import functools
import os
import threading

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import text

cases.prepare()

from crewai import LLM, Agent, Crew, Process, Task  # noqa: E402
from crewai.tools import tool  # noqa: E402


def _in_agent(method):
    @functools.wraps(method)
    def wrapped(self, *args, **kwargs):
        with truth.agent(getattr(self, "_original_role", None) or self.role):
            return method(self, *args, **kwargs)

    return wrapped


Agent.execute_task = _in_agent(Agent.execute_task)


@tool("search")
def search(query: str) -> str:
    """Searches the archive for a query."""
    return f"3 documents about {query}."


def llm():
    return LLM(model="openai/gpt-4.1-mini", base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])


def final(words):
    return text(f"Thought: I now can give a great answer\nFinal Answer: {words}")


def use(thought, name, arguments, **more):
    return text(f"Thought: {thought}\nAction: {name}\nAction Input: {arguments}", **more)


def at_once(recorder, count, crew_of, script_of):
    recorder.latency_s = (0.1, 0.4)

    def one(run):
        with truth.run(run):
            crew_of().kickoff()

    threads = []
    for number in range(1, count + 1):
        recorder.script.add(f"r{number:02}", script_of(f"r{number:02}"))
        threads.append(threading.Thread(target=one, args=(f"r{number:02}",)))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def chain(roles, tasks):
    model = llm()
    agents = [Agent(role=role, goal=f"{role} well", backstory="You have done this for long. You are exact.", llm=model, tools=[search] if at == 0 else []) for at, role in enumerate(roles)]
    return Crew(agents=agents, tasks=[Task(description=task, expected_output="A text", agent=agent) for task, agent in zip(tasks, agents)])


def chain_script(seed, roles):
    prose = Prose(seed + roles[0])
    return {roles[0]: [use(prose.about("the archive", 1), "search", '{"query": "it"}'), final(prose.about("the facts"))], **{role: [final(prose.about(f"the part of {role}"))] for role in roles[1:]}}


@case("sequential_at_once", "seen")
def chain_seen(recorder):
    roles = ("Field Researcher", "Data Analyst", "Report Writer")
    at_once(recorder, 8, lambda: chain(roles, ("Collect facts.", "Work out numbers.", "Write it.")), lambda run: chain_script(run, roles))


@case("sequential_korean", "fresh")
def chain_fresh(recorder):
    roles = ("현장 조사원", "자료 분석가", "기자")
    at_once(recorder, 8, lambda: chain(roles, ("사실을 모아라.", "숫자를 내라.", "기사를 써라.")), lambda run: chain_script(run, roles))


def managed(roles, task):
    model = llm()
    agents = [Agent(role=role, goal=f"{role} well", backstory="You help.", llm=model) for role in roles]
    return Crew(agents=agents, tasks=[Task(description=task, expected_output="A plan")], process=Process.hierarchical, manager_llm=model)


def managed_script(seed, roles):
    prose, (first, second) = Prose(seed + roles[0]), roles
    ask = lambda who, task: use(prose.about(f"whom to ask, {who}", 1), "Delegate work to coworker", '{"task": "%s", "context": "We start in May.", "coworker": "%s"}' % (task, who), handoff_to=who)  # noqa: E731
    return {"Crew Manager": [ask(first, "Look at all there is."), ask(second, "Write down what it costs."), final(prose.about("the plan"))], first: [final(prose.about("all"))], second: [final(prose.about("the cost"))]}


@case("managers_at_once", "seen")
def managed_seen(recorder):
    roles = ("Site Surveyor", "Cost Clerk")
    at_once(recorder, 6, lambda: managed(roles, "Plan the bridge."), lambda run: managed_script(run, roles))


@case("managers_islands", "fresh")
def managed_fresh(recorder):
    roles = ("Island Guide", "Boat Builder")
    at_once(recorder, 6, lambda: managed(roles, "Plan the crossing."), lambda run: managed_script(run, roles))


if __name__ == "__main__":
    cases.main("crewai_old", "crewai")
