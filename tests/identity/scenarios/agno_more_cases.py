"""Agno where it is harder: teams at once on one client, members in Korean, tasks that are the same, a talk with a team, a team in a team."""

import asyncio

from openai import AsyncOpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.agno_cases import Agent, OpenAIResponses, Team, _shared, desk, desk_script, news, stock_price, told

VILLAGE = (("Village Hall", "Answer as one office."), ("Road Keeper", "Knows roads"), ("Record Clerk", "Knows papers"))
SHIPYARD = (("Shipyard Office", "Answer as one yard."), ("Welder", "Knows steel"), ("Painter", "Knows paint"))


async def desks(recorder, staff, symbol, count, kind=None, **more):
    recorder.latency_s = (0.05, 0.3)
    _shared["async_client"] = AsyncOpenAI()

    async def one(run):
        recorder.script.add(run, desk_script(run, symbol, staff))
        with truth.run(run):
            await desk(*([kind] if kind else []), staff=staff, **more).arun(f"What about {symbol}?")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))
    _shared.clear()


@case("desks_at_once", "seen")
async def desks_seen(recorder):
    await desks(recorder, VILLAGE, "EEE", 8, add_datetime_to_context=True)


@case("desks_responses_at_once", "fresh")
async def desks_fresh(recorder):
    await desks(recorder, SHIPYARD, "HULL", 8, OpenAIResponses)


def nested(names):
    lead, inner, first, second, outside = names
    one = Agent(name=first, role="Looks", model=told(first), tools=[news], telemetry=False)
    two = Agent(name=second, role="Counts", model=told(second), tools=[stock_price], telemetry=False)
    three = Agent(name=outside, role="Writes", model=told(outside), telemetry=False)
    team = Team(name=inner, role="Finds out", members=[one, two], model=told(inner), telemetry=False)
    return Team(name=lead, members=[team, three], model=told(lead), telemetry=False)


async def nesting(recorder, names, question, count):
    recorder.latency_s = (0.05, 0.3)
    _shared["async_client"] = AsyncOpenAI()
    lead, inner, first, second, outside = names

    def to(who, what):
        return ("delegate_task_to_member", {"member_id": who.lower().replace(" ", "-"), "task": what})

    async def one(run):
        prose = Prose(lead + run)
        recorder.script.add(run, {
            lead: [call(*to(inner, "Find out what there is."), to=inner), call(*to(outside, prose.about("what to write", 1)), to=outside), text(prose.about("all"))],
            inner: [calls(to(first, "Look around."), to(second, "Count it."), to=[first, second]), text(prose.about("the inside"))],
            first: [call("news", {"topic": "it"}), text(prose.about("the look"))],
            second: [text(prose.about("the count"))],
            outside: [text(prose.about("the letter"))],
        })
        with truth.run(run):
            await nested(names).arun(question)

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))
    _shared.clear()


@case("nested_at_once", "seen")
async def nested_seen(recorder):
    await nesting(recorder, ("Front Desk", "Research Team", "Scout", "Counter", "Scribe"), "What is new?", 5)


@case("nested_museum", "fresh")
async def nested_fresh(recorder):
    await nesting(recorder, ("Museum Office", "Depot Team", "Archivist", "Conservator", "Guide"), "What do we show?", 5)


async def talks(recorder, names, questions, count):
    """A team with a memory of the talk: several questions each, in turns."""
    from agno.db.in_memory import InMemoryDb

    recorder.latency_s = (0.05, 0.2)
    _shared["async_client"] = AsyncOpenAI()
    lead, member = names
    teams = {}
    for number in range(1, count + 1):
        run, prose = f"r{number}", Prose(lead + str(number))
        recorder.script.add(run, {
            lead: [reply for question in questions for reply in (call("delegate_task_to_member", {"member_id": member.lower().replace(" ", "-"), "task": question}, to=member), text(prose.about("this")))],
            member: [text(prose.about("what was asked")) for _ in questions],
        })
        worker = Agent(name=member, role="Answers", model=told(member), add_name_to_context=True, telemetry=False)
        teams[run] = Team(name=lead, members=[worker], model=told(lead), db=InMemoryDb(), session_id=run, add_history_to_context=True, telemetry=False)
    for question in questions:
        async def ask(run, team, question=question):
            with truth.run(run):
                await team.arun(question, session_id=run)

        await asyncio.gather(*(ask(run, team) for run, team in teams.items()))
    _shared.clear()


@case("talks", "seen")
async def talks_seen(recorder):
    await talks(recorder, ("Help Line", "Print Expert"), ["It is jammed.", "Now it blinks.", "It smells."], 5)


@case("talks_garage", "fresh")
async def talks_fresh(recorder):
    await talks(recorder, ("정비소", "엔진 전문가"), ["소리가 난다.", "이제 연기가 난다.", "시동이 안 걸린다."], 5)


if __name__ == "__main__":
    cases.main("agno", "agno")
