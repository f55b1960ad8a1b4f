"""Agno teams: a leader that delegates to one, several or all members; the time in the prompt; a nested team.

Truth: every member has a model object of its own. Agno then makes a client for each; where several runs go at once they share one,
so that connections tell neither agents nor runs apart.
"""

import asyncio

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

cases.prepare()

from agno.agent import Agent  # noqa: E402
from agno.models.openai import OpenAIChat  # noqa: E402
from agno.models.openai import OpenAIResponses  # noqa: E402
from agno.team import Team  # noqa: E402
from openai import AsyncOpenAI  # noqa: E402


_shared: dict = {}
"""The client all models share, when a case wants that."""


def told(owner: str, kind=OpenAIChat, model="gpt-4.1-mini", **more):
    class Told(kind):
        def invoke(self, *args, **kwargs):
            with truth.agent(owner):
                return super().invoke(*args, **kwargs)

        async def ainvoke(self, *args, **kwargs):
            with truth.agent(owner):
                return await super().ainvoke(*args, **kwargs)

        def invoke_stream(self, *args, **kwargs):
            truth.set_agent(owner)
            yield from super().invoke_stream(*args, **kwargs)

    return Told(id=model, **_shared, **more)


def stock_price(symbol: str) -> str:
    """Looks up a price."""
    return f"{symbol}: 101.5"


def news(topic: str) -> str:
    """Looks up the news."""
    return f"Two stories about {topic}."


FINANCE = (("Finance Desk", "Answer as one desk."), ("Market Analyst", "Knows prices"), ("News Reader", "Knows the news"))
HARBOUR = (("Harbour Office", "Ships first."), ("Quay Master", "Counts crates"), ("Radio Operator", "Listens to ships"))


def desk(kind=OpenAIChat, staff=FINANCE, **more):
    (lead, words), (first, first_role), (second, second_role) = staff
    market = Agent(name=first, role=first_role, model=told(first, kind), tools=[stock_price], telemetry=False)
    press = Agent(name=second, role=second_role, model=told(second, kind), tools=[news], telemetry=False)
    return Team(name=lead, members=[market, press], model=told(lead, kind), instructions=words, telemetry=False, **more)


def delegate(member: str, task: str):
    return ("delegate_task_to_member", {"member_id": member.lower().replace(" ", "-"), "task": task})


def desk_script(seed: str, symbol: str, staff=FINANCE):
    prose = Prose(seed)
    lead, first, second = (name for name, _ in staff)
    return {
        lead: [
            call(*delegate(first, f"Price of {symbol}?"), to=first),
            call(*delegate(second, prose.about(f"question about {symbol}", 1)), to=second),
            text(prose.about(symbol)),
        ],
        first: [call("stock_price", {"symbol": symbol}), text(prose.about(f"the price of {symbol}"))],
        second: [call("news", {"topic": symbol}), text(prose.about("the news"))],
    }


@case("team", "seen")
def team(recorder):
    for run, symbol in {"r1": "AAA", "r2": "BBB"}.items():
        recorder.script.add(run, desk_script(run, symbol))
        with truth.run(run):
            desk(add_datetime_to_context=True).run(f"What about {symbol}?")


@case("team_responses", "unseen")
def team_responses(recorder):
    recorder.script.add("r1", desk_script("resp", "CCC", HARBOUR))
    with truth.run("r1"):
        desk(OpenAIResponses, HARBOUR).run("What about CCC?")


@case("team_parallel", "seen")
async def team_parallel(recorder):
    """Two delegations in one answer, three runs at once with the same question."""
    async def one(run):
        prose = Prose("par" + run)
        recorder.script.add(run, {
            "Finance Desk": [calls(delegate("market-analyst", prose.about("prices", 1)), delegate("news-reader", prose.about("stories", 1)), to=["Market Analyst", "News Reader"]), text(prose.about("the day"))],
            "Market Analyst": [text(prose.about("prices"))],
            "News Reader": [text(prose.about("news"))],
        })
        with truth.run(run):
            await desk().arun("How was the day?")

    _shared["async_client"] = AsyncOpenAI()
    await asyncio.gather(*(one(f"r{number}") for number in (1, 2, 3)))
    _shared.clear()


@case("team_to_all", "unseen")
async def team_to_all(recorder):
    """Everybody gets the task; members have the same role text; two runs at once."""
    async def one(run, subject):
        members = [Agent(name=name, role="Gives one opinion", model=told(name), telemetry=False) for name in ("Left Juror", "Right Juror", "Middle Juror")]
        jury = Team(name="Jury", members=members, model=told("Jury"), delegate_to_all_members=True, telemetry=False)
        prose = Prose("jury" + run)
        recorder.script.add(run, {"Jury": [call("delegate_task_to_members", {"task": f"Judge {subject}."}, to=[member.name for member in members]), text(prose.about(subject))],
                                  **{member.name: [text(prose.about(subject))] for member in members}})
        with truth.run(run):
            await jury.arun(f"Is {subject} good?")

    _shared["async_client"] = AsyncOpenAI()
    await asyncio.gather(one("r1", "the cake"), one("r2", "the soup"))
    _shared.clear()


@case("team_at_once", "unseen")
async def team_at_once(recorder):
    """The same question to the same team, 10 times at once on one client."""
    recorder.latency_s = (0.1, 0.5)
    _shared["async_client"] = AsyncOpenAI()

    async def one(run):
        recorder.script.add(run, desk_script(run, "the crane", HARBOUR))
        with truth.run(run):
            await desk(staff=HARBOUR).arun("What about the crane?")

    await asyncio.gather(*(one(f"r{number:02}") for number in range(1, 11)))
    _shared.clear()


@case("single_stream", "seen")
def single_stream(recorder):
    recorder.script.add("r1", {"Poet": [call("news", {"topic": "spring"}), text(Prose("poet").about("spring"))]})
    agent = Agent(name="Poet", model=told("Poet"), tools=[news], instructions="Write poems.", add_name_to_context=True, telemetry=False)
    with truth.run("r1"):
        for _ in agent.run("About spring.", stream=True):
            pass


if __name__ == "__main__":
    cases.main("agno", "agno")
