"""smolagents: a manager with managed agents, by tool calls and by code; planning steps.

Truth: every agent has a model object of its own around one shared client.
"""

import threading

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

cases.prepare()

from smolagents import CodeAgent, OpenAIModel, ToolCallingAgent, tool  # noqa: E402

_pool: dict = {}


def told(owner: str):
    class Told(OpenAIModel):
        def generate(self, *args, **kwargs):
            with truth.agent(owner):
                return super().generate(*args, **kwargs)

    model = Told(model_id="gpt-4.1-mini")
    model.client = _pool.setdefault(model.client.base_url, model.client)
    return model


@tool
def visit(place: str) -> str:
    """Visits a place.

    Args:
        place: The place.
    """
    return f"{place} is open until six."


def answer(prose_text: str):
    return call("final_answer", {"answer": prose_text})


def code(line: str, **more):
    return text(f"Thought: I do the next step.\n<code>\n{line}\n</code>", **more)


@case("tool_calling", "seen")
def tool_calling(recorder):
    """Two runs at once, the manager asks both workers."""
    def one(run):
        scout = ToolCallingAgent(tools=[visit], model=told("scout"), name="scout", description="Visits places", verbosity_level=0, max_steps=4)
        writer = ToolCallingAgent(tools=[], model=told("letter_writer"), name="letter_writer", description="Writes letters", verbosity_level=0, max_steps=4)
        manager = ToolCallingAgent(tools=[], model=told("manager"), managed_agents=[scout, writer], verbosity_level=0, max_steps=6)
        with truth.run(run):
            manager.run("Invite everybody to a fine place.")

    threads = []
    for run in ("r1", "r2"):
        prose = Prose("smol" + run)
        recorder.script.add(run, {
            "manager": [call("scout", {"task": prose.about("which place", 1)}, to="scout"), call("letter_writer", {"task": prose.about("the letter", 1)}, to="letter_writer"), answer(prose.about("the invitation"))],
            "scout": [call("visit", {"place": "the museum"}), answer(prose.about("the museum"))],
            "letter_writer": [answer(prose.about("dear all"))],
        })
        threads.append(threading.Thread(target=one, args=(run,)))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@case("code", "seen")
def code_agents(recorder):
    prose = Prose("code")
    recorder.script.add("r1", {
        "manager": [code('found = web_walker(task="Find the height of the tower.")\nprint(found)', handoff_to="web_walker"), code('final_answer("324 metres, as found.")')],
        "web_walker": [code('print(visit(place="the tower"))'), code(f'final_answer("{prose.about("the tower", 1)}")')],
    })
    walker = CodeAgent(tools=[visit], model=told("web_walker"), name="web_walker", description="Walks the web", verbosity_level=0, max_steps=4)
    manager = CodeAgent(tools=[], model=told("manager"), managed_agents=[walker], verbosity_level=0, max_steps=4)
    with truth.run("r1"):
        manager.run("How high is the tower?")


@case("tool_calling_parallel", "unseen")
def tool_calling_parallel(recorder):
    prose = Prose("smolp")
    recorder.script.add("r1", {
        "manager": [calls(("left_walker", {"task": "Walk on the left side."}), ("right_walker", {"task": "Walk on the right side."}), to=["left_walker", "right_walker"]), answer(prose.about("the street"))],
        "left_walker": [call("visit", {"place": "the left shop"}), answer(prose.about("the left"))],
        "right_walker": [call("visit", {"place": "the right shop"}), answer(prose.about("the right"))],
    })
    walkers = [ToolCallingAgent(tools=[visit], model=told(name), name=name, description=f"Is a {name}", verbosity_level=0, max_steps=4) for name in ("left_walker", "right_walker")]
    manager = ToolCallingAgent(tools=[], model=told("manager"), managed_agents=walkers, verbosity_level=0, max_steps=4)
    with truth.run("r1"):
        manager.run("What is in the street?")


@case("code_planning", "unseen")
def code_planning(recorder):
    """A planning step before the first and after the second action: the same agent, another prompt."""
    recorder.script.add("r1", {"calculator": [
        text("## 1. Facts survey\nNone.\n## 2. Plan\n1. Add.\n<end_plan>"), code("print(2 + 2)"), code("print(4 * 3)"),
        text("## 1. Updated facts survey\n4.\n## 2. Plan\n1. Answer.\n<end_plan>"), code("final_answer(12)"),
    ]})
    agent = CodeAgent(tools=[], model=told("calculator"), planning_interval=2, verbosity_level=0, max_steps=6)
    with truth.run("r1"):
        agent.run("What is (2 + 2) * 3?")


if __name__ == "__main__":
    cases.main("smolagents", "smolagents")
