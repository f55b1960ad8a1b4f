"""OpenAI Agents SDK: desks one after the other and at once, agents as tools at once, talks that begin anew, trimmed histories, names
stated in several ways."""

import asyncio

from agents import Agent, RunConfig, Runner, SQLiteSession, handoff
from agents.run import CallModelData, ModelInputData
from openai import AsyncOpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.openai_agents_cases import at_desk, order_status, refund, told

MARINA = (("Pier Desk", "Send people to the right pier."), ("Berth Keeper", "You give out berths."), ("Fuel Keeper", "You sell fuel."))


@case("desk_for_each", "seen")
async def desk_for_each(recorder):
    """One order after the other on one client, the first one again at the end."""
    client = AsyncOpenAI()
    for number, order in enumerate(("K-1", "K-2", "K-3", "K-1"), 1):
        await at_desk(recorder, f"r{number}", order, client, staff=MARINA)


@case("desk_same_and_other", "seen")
async def desk_same_and_other(recorder):
    """Three of one order and three of others at once."""
    recorder.latency_s = (0.02, 0.25)
    client = AsyncOpenAI()
    orders = ("L-1", "L-1", "L-1", "L-2", "L-3", "L-4")
    await asyncio.gather(*(at_desk(recorder, f"r{number}", order, client, staff=MARINA) for number, order in enumerate(orders, 1)))


@case("tools_same_jobs", "seen")
async def tools_same_jobs(recorder):
    """Agents as tools, asked side by side for the same in every run; one of them is asked again for what the other answered."""
    recorder.latency_s = (0.02, 0.25)
    client = AsyncOpenAI()

    async def one(run):
        prose = Prose("tools" + run)
        checked = prose.about("the menu", 1)
        recorder.script.add(run, {
            "Head Cook": [calls(("ask_pantry", {"input": "What is left for tonight?"}), ("ask_guests", {"input": "How many people come tonight?"}), to=["Pantry Keeper", "Guest Keeper"]),
                          call("ask_pantry", {"input": checked}, to="Pantry Keeper"), text(prose.about("tonight"))],
            "Pantry Keeper": [call("order_status", {"order_id": "flour"}), text(prose.about("the pantry")), text(prose.about("the list"))],
            "Guest Keeper": [text(prose.about("the guests"))],
        })
        workers = [Agent(name=name, instructions="You answer the kitchen.", tools=[order_status] if name == "Pantry Keeper" else [], model=told(name, client)) for name in ("Pantry Keeper", "Guest Keeper")]
        tools = [worker.as_tool(tool_name=tool, tool_description=f"Asks the {worker.name}") for worker, tool in zip(workers, ("ask_pantry", "ask_guests"))]
        with truth.run(run):
            await Runner.run(Agent(name="Head Cook", instructions="You cook for many.", tools=tools, model=told("Head Cook", client)), "Plan tonight.")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 6)))


@case("talks_anew", "seen")
async def talks_anew(recorder):
    """Two people, three talks each, the same questions; a talk begins when the one before is over."""
    client = AsyncOpenAI()
    questions = ("Hi there", "When do you open?", "And on Sundays?")

    async def person(name):
        for talk in range(3):
            run = f"{name}{talk}"
            prose = Prose("talk" + run)
            recorder.script.add(run, {"Opening Hours": [text(prose.about("the hours", 1)) for _ in questions]})
            agent = Agent(name="Opening Hours", instructions="You know when shops open.", model=told("Opening Hours", client))
            session = SQLiteSession(run)
            with truth.run(run):
                for question in questions:
                    await Runner.run(agent, question, session=session, run_config=RunConfig(tracing_disabled=True))

    await asyncio.gather(person("ann"), person("bo"))


@case("trimmed_at_once", "seen")
async def trimmed_at_once(recorder):
    """Only the last three items go to the model; hand-overs in between; the same words in all runs."""
    recorder.latency_s = (0.02, 0.2)
    client = AsyncOpenAI()

    def newest(data: CallModelData):
        items = data.model_data.input
        kept = items[-4:]
        while kept and kept[0].get("type") == "function_call_output":
            kept = kept[1:]
        return ModelInputData(input=[*items[:1], *[item for item in kept if item is not items[0]]], instructions=data.model_data.instructions)

    async def one(run):
        prose = Prose("trimmed" + run)
        second = Agent(name="Lens Grinder", instructions="You grind lenses.", tools=[refund], model=told("Lens Grinder", client))
        first = Agent(name="Frame Maker", instructions="You make frames.", tools=[order_status], handoffs=[second], model=told("Frame Maker", client))
        recorder.script.add(run, {
            "Frame Maker": [call("order_status", {"order_id": "A"}), call("order_status", {"order_id": "B"}), call("transfer_to_lens_grinder", to="Lens Grinder")],
            "Lens Grinder": [call("refund", {"order_id": "C"}), call("refund", {"order_id": "D"}), text(prose.about("the glasses"))],
        })
        with truth.run(run):
            await Runner.run(first, "I need new glasses.", run_config=RunConfig(call_model_input_filter=newest, tracing_disabled=True))

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 5)))


@case("names_in_other_places", "seen")
async def names_in_other_places(recorder):
    """A prompt that names its agent, one that does not, one shared by two, one filled in with the customer; tools with names of their own."""
    client = AsyncOpenAI()

    async def one(run, customer):
        prose = Prose("names" + run)
        shared = f"You help {customer} in one sentence."
        third = Agent(name="Closing Desk", instructions=shared, model=told("Closing Desk", client))
        second = Agent(name="Middle Desk", instructions=shared, handoffs=[handoff(third, tool_name_override="send_on")], tools=[refund], model=told("Middle Desk", client))
        first = Agent(name="Opening Desk", instructions=f"You are Opening Desk. You greet {customer}.", handoffs=[second], model=told("Opening Desk", client))
        recorder.script.add(run, {
            "Opening Desk": [call("transfer_to_middle_desk", to="Middle Desk")],
            "Middle Desk": [call("refund", {"order_id": run}), call("send_on", to="Closing Desk")],
            "Closing Desk": [text(prose.about("the end"))],
        })
        with truth.run(run):
            await Runner.run(first, "Close my account, please.")

    await asyncio.gather(one("r1", "Lee Haneul"), one("r2", "Lee Haneul"), one("r3", "Maria Rossi"))
    await one("r4", "Lee Haneul")


@case("same_instructions_at_once", "seen")
async def same_instructions_at_once(recorder):
    """Three agents with the same words on the responses dialect: only the hand-overs tell them apart; three runs at once, one after."""
    recorder.latency_s = (0.02, 0.15)
    client = AsyncOpenAI()
    words = "You are a helpful assistant. Answer in one sentence."

    async def one(run):
        third = Agent(name="Night Shift", instructions=words, tools=[order_status], model=told("Night Shift", client, dialect="responses"))
        second = Agent(name="Late Shift", instructions=words, tools=[order_status], handoffs=[third], model=told("Late Shift", client, dialect="responses"))
        first = Agent(name="Early Shift", instructions=words, tools=[order_status], handoffs=[second], model=told("Early Shift", client, dialect="responses"))
        prose = Prose("shift" + run)
        recorder.script.add(run, {
            "Early Shift": [call("order_status", {"order_id": "Z"}), call("transfer_to_late_shift", to="Late Shift")],
            "Late Shift": [call("order_status", {"order_id": "Z"}), call("transfer_to_night_shift", to="Night Shift")],
            "Night Shift": [call("order_status", {"order_id": "Z"}), text(prose.about("the order"))],
        })
        with truth.run(run):
            await Runner.run(first, "Nobody can tell me where Z is.")

    await asyncio.gather(*(one(f"r{number}") for number in (1, 2, 3)))
    await one("r4")


@case("as_tools_for_each", "seen")
async def as_tools_for_each(recorder):
    """Agents as tools on the responses dialect, one text after the other, the first again; what a tool is given is what the user said."""
    client = AsyncOpenAI()
    for number, words in enumerate(("The pier is closed.", "The pier is open.", "The pier is closed."), 1):
        prose, run = Prose(f"pier{number}"), f"r{number}"
        names = ("Basque Translator", "Welsh Translator")
        recorder.script.add(run, {
            "Pier Announcer": [calls(("to_basque", {"input": words}), ("to_welsh", {"input": words}), to=list(names)), text(prose.about("the pier"))],
            **{name: [text(prose.about(name))] for name in names},
        })
        workers = [Agent(name=name, instructions=f"Translate the text to {name.split()[0]}.", model=told(name, client, dialect="responses")) for name in names]
        tools = [worker.as_tool(tool_name=tool, tool_description=f"Asks {worker.name}") for worker, tool in zip(workers, ("to_basque", "to_welsh"))]
        with truth.run(run):
            await Runner.run(Agent(name="Pier Announcer", instructions="You announce in all languages.", tools=tools, model=told("Pier Announcer", client, dialect="responses")), f"Announce: {words}")


if __name__ == "__main__":
    cases.main("openai_agents", "openai-agents")
