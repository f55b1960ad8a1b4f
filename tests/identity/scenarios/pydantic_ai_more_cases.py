"""Pydantic AI where it is harder: hand-overs in code at once, output functions, the same question to all, agents in Korean."""

import asyncio

from openai import AsyncOpenAI
from pydantic import BaseModel
from pydantic_ai import Agent

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.pydantic_ai_cases import OpenAIChatModel, OpenAIResponsesModel, joke_script, jokes, told


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    client = AsyncOpenAI()
    await asyncio.gather(*(one(f"r{number}", client) for number in range(1, count + 1)))


async def delegations(recorder, names, what, count, kind=OpenAIChatModel):
    async def one(run, client):
        recorder.script.add(run, joke_script(run, names))
        with truth.run(run):
            await jokes(client, kind, names, what).run(f"A {what}, please.")

    await at_once(recorder, one, count)


@case("delegation_10_at_once", "seen")
async def delegation_seen(recorder):
    await delegations(recorder, ("riddle_picker", "riddle_maker"), "riddle", 10)


@case("delegation_slogans", "fresh")
async def delegation_fresh(recorder):
    await delegations(recorder, ("slogan_picker", "slogan_maker"), "slogan", 10, OpenAIResponsesModel)


class Flight(BaseModel):
    number: str


class Seat(BaseModel):
    row: int


async def in_code(recorder, names, words, questions, count):
    """Two agents one after the other, structured output, the first one's history handed to the second."""
    async def one(run, client):
        prose = Prose(names[0] + run)
        first = Agent(told(names[0], client), instructions=words[0], name=names[0], output_type=Flight)
        second = Agent(told(names[1], client), instructions=words[1], name=names[1], output_type=Seat)

        @first.tool_plain
        def search(day: str) -> str:
            """Searches."""
            return f"AK{len(day)}"

        recorder.script.add(run, {
            names[0]: [call("search", {"day": prose.about("it", 1)}), call("final_result", {"number": f"AK{run}"}), call("final_result", {"number": f"BK{run}"})],
            names[1]: [call("final_result", {"row": 7}), call("final_result", {"row": 8})],
        })
        with truth.run(run):
            found = await first.run(questions[0])
            again = await first.run(questions[1], message_history=found.all_messages())
            seat = await second.run(questions[2])
            await second.run(f"Row for {again.output.number}?", message_history=seat.all_messages())

    await at_once(recorder, one, count)


@case("in_code", "seen")
async def in_code_seen(recorder):
    await in_code(recorder, ("flight_search", "seat_picker"), ("Find a flight.", "Extract the seat."), ("From Oslo to Rome.", "Later, please.", "A window."), 6)


@case("in_code_korean", "fresh")
async def in_code_fresh(recorder):
    await in_code(recorder, ("train_search", "seat_chooser"), ("기차를 찾는다.", "자리를 고른다."), ("서울에서 부산.", "더 늦게.", "창가."), 6)


if __name__ == "__main__":
    cases.main("pydantic_ai", "pydantic-ai-slim")
