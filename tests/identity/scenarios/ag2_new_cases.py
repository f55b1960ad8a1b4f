"""AG2 1.x: agents as tools of an agent, one conversation over several questions.

Truth: every agent has a configuration of its own, whose client says whose call it is; the HTTP client is shared.
"""

import asyncio

import httpx2
from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

cases.prepare()

from ag2 import Agent  # noqa: E402
from ag2.config import OpenAIConfig  # noqa: E402


def told(owner: str, http) -> OpenAIConfig:
    class Told(OpenAIConfig):
        def create(self):
            client = super().create()
            kind = type(client)
            client.__class__ = type(kind.__name__, (kind,), {"__call__": truth.labelled(kind.__call__, owner)})
            return client

    return Told(model="gpt-4.1-mini", http_client=http)


def measure(what: str) -> str:
    """Measures something."""
    return f"{what}: 3 metres"


def lead_with(names, lead: str, http) -> Agent:
    workers = [Agent(name, f"You do what a {name.replace('_', ' ')} does.", config=told(name, http), tools=[measure]) for name in names]
    return Agent(lead, "You lead. Give work to your people.", config=told(lead, http), tools=[worker.as_tool(description=f"Asks the {worker.name}") for worker in workers])


def work(name: str, objective: str):
    return (f"task_{name}", {"objective": objective, "context": "The house is old."})


@case("tools", "seen")
async def tools(recorder):
    """Two at once with the same question."""
    async with httpx2.AsyncClient() as http:
        for run in ("r1", "r2"):
            prose = Prose("ag2new" + run)
            recorder.script.add(run, {
                "builder": [calls(work("roofer", prose.about("the roof", 1)), work("plumber", prose.about("the pipes", 1)), to=["roofer", "plumber"]), text(prose.about("the house"))],
                "roofer": [call("measure", {"what": "the roof"}), text(prose.about("the roof"))],
                "plumber": [text(prose.about("the pipes"))],
            })

        async def one(run):
            with truth.run(run):
                await lead_with(("roofer", "plumber"), "builder", http).ask("Repair the house.")

        await asyncio.gather(one("r1"), one("r2"))


@case("conversation", "unseen")
async def conversation(recorder):
    async with httpx2.AsyncClient() as http:
        prose = Prose("ag2conv")
        recorder.script.add("r1", {
            "director": [call(*work("lighting", "Light the stage."), to="lighting"), text(prose.about("the stage")), call(*work("lighting", "Make it darker."), to="lighting"), text(prose.about("the dark stage"))],
            "lighting": [call("measure", {"what": "the lamp"}), text(prose.about("the light")), text(prose.about("less light"))],
        })
        with truth.run("r1"):
            reply = await lead_with(("lighting",), "director", http).ask("Prepare act one.")
            await reply.ask("Too bright.")


if __name__ == "__main__":
    cases.main("ag2_new", "ag2", framework="ag2")
