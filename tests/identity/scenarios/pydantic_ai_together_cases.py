"""Pydantic AI: workers asked side by side, one run after the other, histories that are cut, two agents with the same instructions."""

import asyncio

from openai import AsyncOpenAI
from pydantic_ai import Agent

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.pydantic_ai_cases import told


def kitchen(client):
    """Two workers with the same instructions; the lead asks both at once by tools, then one program step grades the end."""
    cold, warm = (Agent(told(name, client), instructions="You cook what you are told.", name=name) for name in ("cold_cook", "warm_cook"))
    lead = Agent(told("menu_lead", client), instructions="You make menus. Ask your cooks.", name="menu_lead")

    @lead.tool_plain
    async def starter(dish: str) -> str:
        """Asks for a starter."""
        return (await cold.run(f"Make this cold: {dish}")).output

    @lead.tool_plain
    async def main_course(dish: str) -> str:
        """Asks for a main course."""
        return (await warm.run(f"Make this warm: {dish}")).output

    return lead, Agent(told("dish_judge", client), instructions="You taste.", name="dish_judge")


async def dinner(recorder, run, client, question, dishes):
    prose = Prose("dinner" + run)
    recorder.script.add(run, {
        "menu_lead": [calls(("starter", {"dish": dishes[0]}), ("main_course", {"dish": dishes[1]}), to=["cold_cook", "warm_cook"]), text(prose.about("the menu"))],
        "cold_cook": [text(prose.about("the starter"))],
        "warm_cook": [text(prose.about("the main course"))],
        "dish_judge": [text(prose.about("the taste"))],
    })
    lead, judge = kitchen(client)
    with truth.run(run):
        menu = (await lead.run(question)).output
        await judge.run(f"How is this menu? {menu}")


@case("dinners_at_once", "seen")
async def dinners_at_once(recorder):
    """The same question and the same dishes in three, others in two."""
    recorder.latency_s = (0.02, 0.25)
    client = AsyncOpenAI()
    dishes = (("a salad of beans", "a stew of roots"),) * 3 + (("a plate of cheese", "a stew of roots"), ("a salad of beans", "a pie of leeks"))
    await asyncio.gather(*(dinner(recorder, f"r{number}", client, "A dinner for six.", each) for number, each in enumerate(dishes, 1)))


@case("dinners_for_each", "seen")
async def dinners_for_each(recorder):
    client = AsyncOpenAI()
    for number, guests in enumerate(("six", "eight", "six"), 1):
        await dinner(recorder, f"r{number}", client, f"A dinner for {guests}.", ("a salad of beans", "a stew of roots"))


@case("cut_histories", "seen")
async def cut_histories(recorder):
    """Talks at once, of which only the last two messages are sent; each begins anew when it is over."""
    recorder.latency_s = (0.02, 0.15)
    client = AsyncOpenAI()
    questions = ("Hello", "Is the pool open?", "How warm is it?", "And the sauna?")

    async def guest(number):
        for talk in range(2):
            run, prose = f"g{number}t{talk}", Prose(f"pool{number}{talk}")
            recorder.script.add(run, {"pool_guard": [text(prose.about("the pool", 1)) for _ in questions]})
            agent = Agent(told("pool_guard", client), instructions="You guard a pool.", name="pool_guard")
            before = []
            with truth.run(run):
                for question in questions:
                    result = await agent.run(question, message_history=before[-2:])
                    before = result.all_messages()

    await asyncio.gather(guest(1), guest(2), guest(3))


if __name__ == "__main__":
    cases.main("pydantic_ai", "pydantic-ai-slim")
