"""Google ADK where it is harder: transfers, workflows and loops at once, with the same words, and in Korean."""

import asyncio

from google.adk.agents import LoopAgent, ParallelAgent, SequentialAgent

from record import case as cases
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.adk_cases import agent, ask, leave, weather


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


async def transfers(recorder, names, words, questions, count):
    lead, first, second = names
    to = lambda who: call("transfer_to_agent", {"agent_name": who}, to=who)  # noqa: E731

    async def one(run):
        prose = Prose(lead + run)
        recorder.script.add(run, {lead: [to(first)], first: [call("weather", {"city": "Bergen"}), text(prose.about("the day")), to(second)], second: [text(prose.about("the night"))]})
        root = agent(lead, words[0], description="The first contact", sub_agents=[agent(first, words[1], description="Days", tools=[weather]), agent(second, words[2], description="Nights")])
        await ask(root, run, questions)

    await at_once(recorder, one, count)


@case("transfers_at_once", "seen")
async def transfers_seen(recorder):
    await transfers(recorder, ("front_desk", "day_guide", "night_guide"), ("Route.", "Guide by day.", "Guide by night."), ["What can I do today?", "And tonight?"], 6)


@case("transfers_korean", "fresh")
async def transfers_fresh(recorder):
    await transfers(recorder, ("help_desk", "sun_guide", "moon_guide"), ("안내한다.", "낮을 안내한다.", "밤을 안내한다."), ["오늘 뭐 해요?", "밤에는요?"], 6)


async def flows(recorder, names, question, count):
    first, second, joiner, critic = names

    async def one(run):
        prose = Prose(first + run)
        recorder.script.add(run, {
            first: [call("weather", {"city": "Tromso"}), text(prose.about("the north"))],
            second: [text(prose.about("the south"))],
            joiner: [text(prose.about("both")), text(prose.about("both again"))],
            critic: [text(prose.about("a critique")), call("leave", {}), text("Fine.")],
        })
        parallel = ParallelAgent(name="parallel", sub_agents=[agent(first, "Report the north.", tools=[weather], output_key="north"), agent(second, "Report the south.", output_key="south")])
        loop = LoopAgent(name="loop", max_iterations=2, sub_agents=[agent(joiner, "Join these: {north} and {south}", output_key="text"), agent(critic, "Criticise: {text}", tools=[leave])])
        await ask(SequentialAgent(name="pipeline", sub_agents=[parallel, loop]), run, [question])

    await at_once(recorder, one, count)


@case("flows_at_once", "seen")
async def flows_seen(recorder):
    await flows(recorder, ("north_scout", "south_scout", "chronicler", "reviewer"), "Report.", 5)


@case("flows_markets", "fresh")
async def flows_fresh(recorder):
    await flows(recorder, ("stock_reader", "bond_reader", "columnist", "copy_chief"), "The markets, please.", 5)


if __name__ == "__main__":
    cases.main("adk", "google-adk")
