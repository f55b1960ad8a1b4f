"""Haystack: an agent whose tools are agents, and a pipeline of two generators.

Truth: every generator has a client object of its own around one pool of connections.
"""

import threading
from typing import Annotated

from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import ComponentTool, tool

from record import case as cases
from record import clients
from record.case import case
from record.prose import Prose
from record.script import call, text
from record.truth import run as truth_run

cases.prepare()


@tool
def lookup(what: Annotated[str, "The thing"]) -> str:
    """Looks something up."""
    return f"{what}: in order"


def generator(name, http):
    made = OpenAIChatGenerator(model="gpt-4.1-mini")
    made.client = clients.told_sync(name, http)
    warm = made.warm_up if hasattr(made, "warm_up") else None
    if warm:
        def warmed():
            warm()
            made.client = clients.told_sync(name, http)
        made.warm_up = warmed
    return made


def side_by_side(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    http = clients.sync_pool()

    def named(run):
        with truth_run(run):
            one(run, http)

    threads = [threading.Thread(target=named, args=(f"r{number}",)) for number in range(1, count + 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def agents(recorder, lead, worker, words, question, count):
    def one(run, http):
        prose = Prose(lead + run)
        recorder.script.add(run, {
            lead: [call(worker, {"messages": [{"role": "user", "content": [{"text": prose.about("a task", 1)}]}]}, to=worker), text(prose.about("the end"))],
            worker: [call("lookup", {"what": "it"}), text(prose.about("what was found"))],
        })
        inner = Agent(chat_generator=generator(worker, http), system_prompt=words[1], tools=[lookup])
        outer = Agent(chat_generator=generator(lead, http), system_prompt=words[0], tools=[ComponentTool(component=inner, name=worker, description=f"The {worker}", outputs_to_string={"source": "last_message"})])
        outer.warm_up()
        outer.run(messages=[ChatMessage.from_user(question)])

    side_by_side(recorder, one, count)


@case("agent_tool", "seen")
def agents_seen(recorder):
    agents(recorder, "coordinator", "research_specialist", ("You coordinate.", "You research."), "What about bees?", 4)


@case("agent_tool_port", "fresh")
def agents_fresh(recorder):
    agents(recorder, "port_captain", "customs_officer", ("You run the port.", "You look into boxes."), "What is in the box?", 4)


if __name__ == "__main__":
    cases.main("haystack", "haystack-ai")
