"""Google ADK: transfers and workflows one after the other, and at once with the same and with other questions."""

import asyncio

from google.adk.agents import ParallelAgent, SequentialAgent

from record import case as cases
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.adk_cases import agent, ask, weather


def to(who):
    return call("transfer_to_agent", {"agent_name": who}, to=who)


async def visit(recorder, run, question):
    prose = Prose("isle" + run)
    recorder.script.add(run, {"isle_desk": [to("ferry_guide")], "ferry_guide": [call("weather", {"city": "Rum"}), to("isle_host")], "isle_host": [text(prose.about("the isle")), text(prose.about("the beds"))]})
    root = agent("isle_desk", "Route.", description="The first contact", sub_agents=[agent("ferry_guide", "Know ferries.", description="Ferries", tools=[weather]), agent("isle_host", "Welcome guests.", description="Beds")])
    await ask(root, run, [question, "And is there a bed?"])


async def report(recorder, run, question):
    prose = Prose("coast" + run)
    recorder.script.add(run, {name: [text(prose.about(name))] for name in ("east_watch", "west_watch", "coast_writer")})
    both = ParallelAgent(name="both", sub_agents=[agent("east_watch", "Report the east.", output_key="east"), agent("west_watch", "Report the west.", output_key="west")])
    await ask(SequentialAgent(name="pipeline", sub_agents=[both, agent("coast_writer", "Join these: {east} and {west}")]), run, [question])


@case("transfers_for_each", "seen")
async def transfers_for_each(recorder):
    for number, question in enumerate(("A trip to Rum.", "A trip to Eigg.", "A trip to Rum."), 1):
        await visit(recorder, f"r{number}", question)


@case("transfers_same_and_other", "seen")
async def transfers_same_and_other(recorder):
    recorder.latency_s = (0.02, 0.25)
    questions = ("A trip to Muck.", "A trip to Muck.", "A trip to Skye.", "A trip to Iona.")
    await asyncio.gather(*(visit(recorder, f"r{number}", question) for number, question in enumerate(questions, 1)))


@case("reports_for_each", "seen")
async def reports_for_each(recorder):
    for number, question in enumerate(("Report for Monday.", "Report for Tuesday.", "Report for Monday."), 1):
        await report(recorder, f"r{number}", question)


@case("reports_at_once", "seen")
async def reports_at_once(recorder):
    recorder.latency_s = (0.02, 0.25)
    questions = ("Report for Friday.", "Report for Friday.", "Report for Friday.", "Report for Sunday.")
    await asyncio.gather(*(report(recorder, f"r{number}", question) for number, question in enumerate(questions, 1)))


if __name__ == "__main__":
    cases.main("adk", "google-adk")
