"""Agno: teams one after the other, at once with the same tasks in the same and in other words, all members at once, single agents."""

import asyncio

from openai import AsyncOpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.agno_cases import Agent, Team, _shared, delegate, news, stock_price, told

NAMES = ("Harvest Office", "Field Hand", "Barn Keeper")


def team(members_named=True, **more):
    lead, first, second = NAMES
    one = Agent(name=first, role="Works in the field", model=told(first), tools=[news], add_name_to_context=members_named, telemetry=False)
    two = Agent(name=second, role="Keeps the barn", model=told(second), tools=[stock_price], telemetry=False)
    return Team(name=lead, members=[one, two], model=told(lead), telemetry=False, **more)


async def season(recorder, run, question, tasks, **more):
    prose, (lead, first, second) = Prose("farm" + run), NAMES
    recorder.script.add(run, {
        lead: [calls(delegate(first, tasks[0]), delegate(second, tasks[1]), to=[first, second]), call(*delegate(first, prose.about("what else", 1)), to=first), text(prose.about("the season"))],
        first: [call("news", {"topic": "weather"}), text(prose.about("the field")), text(prose.about("the rest"))],
        second: [text(prose.about("the barn"))],
    })
    with truth.run(run):
        await team(**more).arun(question)


@case("teams_for_each", "seen")
async def teams_for_each(recorder):
    _shared["async_client"] = AsyncOpenAI()
    for number, crop in enumerate(("barley", "oats", "barley"), 1):
        await season(recorder, f"r{number}", f"How is the {crop}?", (f"Look at the {crop}.", "Count the sacks."))
    _shared.clear()


@case("teams_same_and_other", "seen")
async def teams_same_and_other(recorder):
    recorder.latency_s = (0.02, 0.25)
    _shared["async_client"] = AsyncOpenAI()
    crops = ("rye", "rye", "rye", "hops")
    await asyncio.gather(*(season(recorder, f"r{number}", f"How is the {crop}?", (f"Look at the {crop} on the northern side.", "Count the sacks.")) for number, crop in enumerate(crops, 1)))
    _shared.clear()


@case("agents_for_each", "seen")
async def agents_for_each(recorder):
    """Single agents of one program, one after the other on one connection: each is a run."""
    _shared["async_client"] = AsyncOpenAI()
    jobs = (("Weather Man", "Say how the weather is.", "How is it in Rennes?"), ("Tide Man", "Say when the tide is.", "When is it in Brest?"), ("Weather Man", "Say how the weather is.", "How is it in Lorient?"), ("Fish Man", "Say what the fish costs.", "What is cod today?"))
    for number, (name, words, question) in enumerate(jobs, 1):
        run = f"r{number}"
        recorder.script.add(run, {name: [call("news", {"topic": question}), text(Prose(name + run).about("it", 1))]})
        with truth.run(run):
            await Agent(name=name, model=told(name), tools=[news], instructions=words, telemetry=False).arun(question)
    _shared.clear()


if __name__ == "__main__":
    cases.main("agno", "agno")
