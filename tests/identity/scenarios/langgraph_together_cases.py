"""LangGraph: teams one after the other, swarms and supervisors at once with the same and with other questions, work sent to many at
once, histories that are cut while others go on."""

import asyncio
import operator
from typing import Annotated

from langchain.agents import create_agent
from langchain.agents.middleware import before_model
from langchain_core.messages import RemoveMessage, trim_messages
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.types import Send
from langgraph_supervisor import create_supervisor
from typing_extensions import TypedDict

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.langgraph_cases import add, told, travel_swarm, web_search


def vineyard():
    one = create_agent(told("soil_tester"), tools=[web_search], name="soil_tester", system_prompt="You test soil.")
    two = create_agent(told("vine_counter"), tools=[add], name="vine_counter", system_prompt="You count vines.")
    return create_supervisor([one, two], model=told("cellar_master"), prompt="You run a vineyard.", supervisor_name="cellar_master").compile()


async def harvest(recorder, run, question):
    prose = Prose("vine" + run)
    recorder.script.add(run, {
        "cellar_master": [call("transfer_to_soil_tester", to="soil_tester"), call("transfer_to_vine_counter", to="vine_counter"), text(prose.about("the harvest"))],
        "soil_tester": [call("web_search", {"query": "soil"}), text(prose.about("the soil"))],
        "vine_counter": [text(prose.about("the vines"))],
    })
    with truth.run(run):
        await vineyard().ainvoke({"messages": [{"role": "user", "content": question}]})


@case("supervisor_for_each", "seen")
async def supervisor_for_each(recorder):
    for number, question in enumerate(("When do we pick?", "What do we plant?", "When do we pick?"), 1):
        await harvest(recorder, f"r{number}", question)


@case("supervisor_same_and_other", "seen")
async def supervisor_same_and_other(recorder):
    recorder.latency_s = (0.02, 0.25)
    questions = ("When do we pick?", "When do we pick?", "When do we pick?", "What do we plant?")
    await asyncio.gather(*(harvest(recorder, f"r{number}", question) for number, question in enumerate(questions, 1)))


@case("swarm_talks_anew", "seen")
async def swarm_talks_anew(recorder):
    """Two people at once, two talks each one after the other, in the same words; the second question of a talk starts at whoever was active."""
    recorder.latency_s = (0.02, 0.15)
    names = ("boat_assistant", "cabin_assistant")

    async def person(number):
        for talk in range(2):
            run = f"p{number}t{talk}"
            prose = Prose("boat" + run)
            recorder.script.add(run, {
                names[0]: [call("transfer_to_cabin_assistant", to=names[1]), text(prose.about("the boat back"))],
                names[1]: [text(prose.about("the cabin")), call("transfer_to_boat_assistant", to=names[0])],
            })
            app, config = travel_swarm(names), {"configurable": {"thread_id": run}}
            with truth.run(run):
                for question in ("A cabin, please.", "And the boat back."):
                    await app.ainvoke({"messages": [{"role": "user", "content": question}]}, config)

    await asyncio.gather(person(1), person(2))


@case("sent_to_many", "seen")
async def sent_to_many(recorder):
    """A map by `Send` over what the first one wrote, and a join; four runs about the same subject at once."""
    recorder.latency_s = (0.02, 0.2)

    class State(TypedDict):
        subject: str
        parts: list
        notes: Annotated[list, operator.add]

    def graph():
        lister, noter, joiner = told("part_lister"), told("part_noter"), told("part_joiner")

        async def listing(state):
            said = (await lister.ainvoke(f"List the parts of {state['subject']}, one a line.")).content
            return {"parts": [line.split(". ", 1)[1] for line in said.split("\n")]}

        async def note(state):
            return {"notes": [(await noter.ainvoke(f"Say what is to be said about this part: {state['part']}")).content]}

        async def join(state):
            await joiner.ainvoke("Join these notes to one text:\n" + "\n\n".join(state["notes"]))
            return {}

        made = StateGraph(State)
        made.add_node("listing", listing).add_node("note", note).add_node("join", join)
        made.add_edge(START, "listing").add_conditional_edges("listing", lambda state: [Send("note", {"part": part}) for part in state["parts"]], ["note"])
        made.add_edge("note", "join").add_edge("join", END)
        return made.compile()

    async def one(run):
        prose = Prose("clock" + run)
        parts = [prose.about(f"the {part}", 1) for part in ("spring", "wheel", "hand")]
        recorder.script.add(run, {"part_lister": [text("\n".join(f"{at}. {part}" for at, part in enumerate(parts, 1)))], "part_noter": [text(prose.about("this part")) for _ in parts], "part_joiner": [text(prose.about("the clock"))]})
        with truth.run(run):
            await graph().ainvoke({"subject": "a clock", "notes": []})

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 5)))


@case("trimmed_at_once", "seen")
async def trimmed_at_once(recorder):
    """Only the newest messages go to the model, of four threads at once in the same words."""
    recorder.latency_s = (0.02, 0.15)

    @before_model
    def newest(state, _runtime):
        kept = trim_messages(state["messages"], max_tokens=3, token_counter=len, strategy="last", start_on="human", include_system=False)
        return {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES), *kept]}

    questions = ("What is a sundial?", "Which way does it point?", "Does it work in winter?", "Who made the first?")

    async def one(run):
        prose = Prose("dial" + run)
        recorder.script.add(run, {"dial_guide": [text(prose.about("sundials", 1)) for _ in questions]})
        app = create_agent(told("dial_guide"), tools=[web_search], system_prompt="You guide people through a garden of clocks.", middleware=[newest], checkpointer=InMemorySaver(), name="dial_guide")
        with truth.run(run):
            for question in questions:
                await app.ainvoke({"messages": [{"role": "user", "content": question}]}, {"configurable": {"thread_id": run}})

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 5)))


if __name__ == "__main__":
    cases.main("langgraph", "langgraph")
