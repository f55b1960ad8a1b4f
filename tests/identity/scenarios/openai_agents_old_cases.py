"""A clearly older OpenAI Agents SDK (0.2.3): desks at once on both dialects, agents as tools.

Truth: every agent has a model object of its own around the one shared client.
"""

import asyncio

from openai import AsyncOpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import calls, text
from scenarios.openai_agents_cases import Runner, at_desk, translators

OFFICE = (("Reception Agent", "Receive people."), ("Visa Agent", "Know visas."), ("Fee Agent", "Know fees."))
MILL = (("Mill Front", "Receive farmers."), ("Grain Expert", "Know grain."), ("Price Clerk", "Know prices."))


@case("desk_at_once", "seen")
async def desk_seen(recorder):
    recorder.latency_s = (0.1, 0.4)
    client = AsyncOpenAI()
    await asyncio.gather(*(at_desk(recorder, f"r{number}", "V-9", client, staff=OFFICE) for number in range(1, 7)))


@case("desk_responses", "fresh")
async def desk_fresh(recorder):
    recorder.latency_s = (0.1, 0.4)
    client = AsyncOpenAI()
    await asyncio.gather(*(at_desk(recorder, f"r{number}", "G-3", client, "responses", staff=MILL) for number in range(1, 7)))


async def translations(recorder, languages, sentence, count):
    recorder.latency_s = (0.1, 0.4)
    client = AsyncOpenAI()

    async def one(run):
        prose, names = Prose(run + sentence), [f"{language} Translator" for language in languages]
        made = [(f"translate_to_{language.lower()}", {"input": sentence}) for language in languages]
        recorder.script.add(run, {"Orchestrator": [calls(*made, to=names), text(prose.about("all"))], **{name: [text(prose.about(name))] for name in names}})
        with truth.run(run):
            await Runner.run(translators(client, languages), f"Translate: {sentence}")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("tools_at_once", "seen")
async def translations_seen(recorder):
    await translations(recorder, ["French", "German"], "The lift is out of order.", 6)


@case("tools_boats", "fresh")
async def translations_fresh(recorder):
    await translations(recorder, ["Dutch", "Danish"], "The boat leaves at noon.", 6)


if __name__ == "__main__":
    cases.main("openai_agents_old", "openai-agents")
