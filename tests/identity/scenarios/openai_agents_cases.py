"""OpenAI Agents SDK: triage with hand-overs, agents with the same instructions, agents as tools, sessions, both dialects.

Truth: every agent has a model object of its own around the one shared client; the object says whose it is. On the wire nothing changes.
"""

import asyncio
import datetime

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

cases.prepare()

from agents import Agent, Runner, RunConfig, SQLiteSession, function_tool, set_tracing_disabled  # noqa: E402
from agents.models.openai_chatcompletions import OpenAIChatCompletionsModel  # noqa: E402
from agents.models.openai_responses import OpenAIResponsesModel  # noqa: E402
from openai import AsyncOpenAI  # noqa: E402

set_tracing_disabled(True)


class _Told:
    """A model that belongs to one agent."""

    def __init__(self, owner: str, client, dialect: str = "chat", model: str = "gpt-4.1-mini") -> None:
        kind = OpenAIChatCompletionsModel if dialect == "chat" else OpenAIResponsesModel

        class Model(kind):
            async def get_response(self, *args, **kwargs):
                with truth.agent(owner):
                    return await super().get_response(*args, **kwargs)

            async def stream_response(self, *args, **kwargs):
                truth.set_agent(owner)
                async for event in super().stream_response(*args, **kwargs):
                    yield event

        self.model = Model(model=model, openai_client=client)


def told(owner: str, client, **more):
    return _Told(owner, client, **more).model


@function_tool
def order_status(order_id: str) -> str:
    """Says where an order is."""
    return f"Order {order_id} left the warehouse."


@function_tool
def refund(order_id: str) -> str:
    """Pays an order back."""
    return f"Order {order_id} was refunded."


SHOP = (("Triage Agent", "Send the customer to the right colleague."), ("Order Agent", "Answer questions about orders."), ("Refund Agent", "Handle refunds. Be kind."))
GARAGE = (("Reception", "Welcome drivers and pass them on."), ("Parts Counter", "You know which part is where."), ("Warranty Clerk", "Decide on warranty. Never promise money."))


def desk(client, dialect="chat", staff=SHOP):
    (front, front_words), (second, second_words), (third, third_words) = staff
    orders = Agent(name=second, handoff_description="Knows every order", instructions=second_words, tools=[order_status], model=told(second, client, dialect=dialect))
    refunds = Agent(name=third, instructions=third_words, tools=[refund], model=told(third, client, dialect=dialect))
    triage = Agent(name=front, instructions=front_words, handoffs=[orders, refunds], model=told(front, client, dialect=dialect))
    orders.handoffs.append(triage)
    refunds.handoffs.append(triage)
    return triage


def hand_over(name: str):
    return call(f"transfer_to_{name.lower().replace(' ', '_')}", to=name)


def desk_script(seed: str, order: str, staff=SHOP):
    prose = Prose(seed)
    front, second, third = (name for name, _ in staff)
    return {
        front: [hand_over(second), hand_over(third)],
        second: [call("order_status", {"order_id": order}), hand_over(front)],
        third: [call("refund", {"order_id": order}), text(prose.about(f"order {order}"))],
    }


async def at_desk(recorder, run, order, client, dialect="chat", streamed=False, staff=SHOP):
    recorder.script.add(run, desk_script(run + order, order, staff))
    question = f"Where is order {order}? If it is late I want my money back."
    with truth.run(run):
        if streamed:
            result = Runner.run_streamed(desk(client, dialect, staff), question)
            async for _ in result.stream_events():
                pass
        else:
            await Runner.run(desk(client, dialect, staff), question)


@case("triage", "seen")
async def triage(recorder):
    await at_desk(recorder, "r1", "A-1001", AsyncOpenAI())


@case("triage_responses", "seen")
async def triage_responses(recorder):
    client = AsyncOpenAI()
    await at_desk(recorder, "r1", "B-2001", client, "responses")
    await at_desk(recorder, "r2", "B-2002", client, "responses", streamed=True)


@case("triage_hotel", "unseen")
async def triage_hotel(recorder):
    """Other names, streamed, two runs side by side on one client."""
    client = AsyncOpenAI()

    def hotel():
        rooms = Agent(name="Zimmer", instructions="You book rooms.", model=told("Zimmer", client))
        kitchen = Agent(name="Kitchen Desk", instructions="You order meals to rooms.", model=told("Kitchen Desk", client))
        front = Agent(name="Front Desk", instructions="You are the first contact of the Hotel am See.", handoffs=[rooms, kitchen], model=told("Front Desk", client))
        rooms.handoffs.append(kitchen)
        return front

    async def stay(run, guest):
        prose = Prose(run + guest)
        recorder.script.add(run, {
            "Front Desk": [call("transfer_to_zimmer", to="Zimmer")],
            "Zimmer": [text("One moment.", calls=[("transfer_to_kitchen_desk", {})], handoff_to="Kitchen Desk")],
            "Kitchen Desk": [text(prose.about("dinner"))],
        })
        with truth.run(run):
            result = Runner.run_streamed(hotel(), f"I am {guest}. A room for two and dinner, please.")
            async for _ in result.stream_events():
                pass

    await asyncio.gather(stay("r1", "Ana"), stay("r2", "Bo"))


@case("same_instructions", "seen")
async def same_instructions(recorder):
    """Three agents with the same words: only the hand-overs tell them apart."""
    client = AsyncOpenAI()
    words = "You are a helpful assistant. Answer in one sentence."
    for run in ("r1", "r2"):
        second = Agent(name="Second Line", instructions=words, tools=[order_status], model=told("Second Line", client))
        expert = Agent(name="Expert", instructions=words, tools=[order_status], model=told("Expert", client))
        first = Agent(name="First Line", instructions=words, tools=[order_status], handoffs=[second], model=told("First Line", client))
        second.handoffs, expert.handoffs = [expert], [first]
        prose = Prose("same" + run)
        recorder.script.add(run, {
            "First Line": [call("order_status", {"order_id": run}), call("transfer_to_second_line", to="Second Line")],
            "Second Line": [call("order_status", {"order_id": run}), call("transfer_to_expert", to="Expert")],
            "Expert": [call("order_status", {"order_id": run}), text(prose.about("the order"))],
        })
        with truth.run(run):
            await Runner.run(first, f"Nobody can tell me where {run} is.")


@case("same_instructions_responses", "unseen")
async def same_instructions_responses(recorder):
    client = AsyncOpenAI()
    words = "Help the caller politely."
    for run in ("r1", "r2"):
        east = Agent(name="East Office", instructions=words, model=told("East Office", client, dialect="responses"))
        west = Agent(name="West Office", instructions=words, handoffs=[east], model=told("West Office", client, dialect="responses"))
        east.handoffs = [west]
        prose = Prose("office" + run)
        recorder.script.add(run, {"West Office": [call("transfer_to_east_office", to="East Office"), text(prose.about("the parcel"))], "East Office": [call("transfer_to_west_office", to="West Office")]})
        with truth.run(run):
            await Runner.run(west, f"My parcel {run} went to the wrong office.")


def translators(client, languages, dialect="chat"):
    tools = []
    for language in languages:
        name = f"{language} Translator"
        agent = Agent(name=name, instructions=f"Translate the text to {language}.", model=told(name, client, dialect=dialect))
        tools.append(agent.as_tool(tool_name=f"translate_to_{language.lower()}", tool_description=f"Translates to {language}"))
    return Agent(name="Orchestrator", instructions="Use the tools to translate. Never translate yourself.", tools=tools, model=told("Orchestrator", client, dialect=dialect))


@case("agent_as_tool", "seen")
async def agent_as_tool(recorder):
    client = AsyncOpenAI()
    prose = Prose("tool")
    recorder.script.add("r1", {
        "Orchestrator": [
            calls(("translate_to_spanish", {"input": "The harbour is closed today."}), ("translate_to_korean", {"input": "The harbour is closed today."}), to=["Spanish Translator", "Korean Translator"]),
            text(prose.about("both translations")),
        ],
        "Spanish Translator": [text("El puerto está cerrado hoy.")],
        "Korean Translator": [text("오늘은 항구가 닫혀 있습니다.")],
    })
    with truth.run("r1"):
        await Runner.run(translators(client, ["Spanish", "Korean"]), "Say in Spanish and Korean: The harbour is closed today.")


@case("agent_as_tool_responses", "unseen")
async def agent_as_tool_responses(recorder):
    client = AsyncOpenAI()
    for run, sentence in {"r1": "The train is late.", "r2": "The soup is cold."}.items():
        recorder.script.add(run, {
            "Orchestrator": [call("translate_to_french", {"input": sentence}, to="French Translator"), call("translate_to_dutch", {"input": sentence}, to="Dutch Translator"), text(f"Done for: {sentence}")],
            "French Translator": [text(f"(fr {run}) {sentence}")],
            "Dutch Translator": [text(f"(nl {run}) {sentence}")],
        })

    async def one(run, sentence):
        with truth.run(run):
            await Runner.run(translators(client, ["French", "Dutch"], "responses"), f"French and Dutch for: {sentence}")

    await asyncio.gather(one("r1", "The train is late."), one("r2", "The soup is cold."))


@case("session_with_time", "seen")
async def session_with_time(recorder):
    """Instructions with the time to the microsecond, a session over three questions; a run is the whole conversation."""
    client = AsyncOpenAI()

    def instructions(_context, _agent):
        return f"You are the calendar of a clinic. It is now {datetime.datetime.now().isoformat()}. Never promise a date."

    async def patient(run, name):
        prose = Prose("clinic" + name)
        recorder.script.add(run, {"Clinic Calendar": [text(prose.about(question)) for question in ("the visit", "the doctor", "the bill")]})
        agent = Agent(name="Clinic Calendar", instructions=instructions, model=told("Clinic Calendar", client))
        session = SQLiteSession(f"patient-{name}")
        with truth.run(run):
            for question in (f"I am {name}. When can I come?", "Which doctor is there?", "What does it cost?"):
                await Runner.run(agent, question, session=session, run_config=RunConfig(tracing_disabled=True))

    await asyncio.gather(patient("r1", "Iris"), patient("r2", "Jun"), patient("r3", "Kofi"))


@case("20_desks", "unseen")
async def twenty_desks(recorder):
    """The same question to the same reception, 20 times at once on one client."""
    recorder.latency_s = (0.1, 0.5)
    client = AsyncOpenAI()

    await asyncio.gather(*(at_desk(recorder, f"r{number:02}", "C-3003", client, staff=GARAGE) for number in range(1, 21)))


if __name__ == "__main__":
    cases.main("openai_agents", "openai-agents")
