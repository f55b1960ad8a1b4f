"""LlamaIndex: an agent workflow with hand-overs, agents with the same prompt, a single agent with a memory.

Truth: every agent has a model object of its own; the HTTP client is shared.
"""

import asyncio

import httpx
from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent  # noqa: E402
from llama_index.core.memory import ChatMemoryBuffer  # noqa: E402
from llama_index.llms.openai import OpenAI  # noqa: E402


class Told(OpenAI):
    owner: str = ""

    async def achat(self, *args, **kwargs):
        truth.set_agent(self.owner)
        return await super().achat(*args, **kwargs)

    async def astream_chat(self, *args, **kwargs):
        truth.set_agent(self.owner)
        return await super().astream_chat(*args, **kwargs)


def told(owner: str, http: httpx.AsyncClient) -> Told:
    return Told(model="gpt-4.1-mini", owner=owner, async_http_client=http)


def note(what: str) -> str:
    """Writes a note."""
    return f"noted: {what}"


def agent(name: str, prompt: str, http, to=(), streaming=True) -> FunctionAgent:
    return FunctionAgent(name=name, description=f"Is the {name}", system_prompt=prompt, llm=told(name, http), tools=[note], can_handoff_to=list(to), streaming=streaming)


def handoff(to: str):
    return call("handoff", {"to_agent": to, "reason": f"{to} knows better"}, to=to)


async def do(agents, run: str, question: str):
    with truth.run(run):
        await AgentWorkflow(agents=agents, root_agent=agents[0].name).run(user_msg=question)


@case("workflow", "seen")
async def workflow(recorder):
    """Two runs at once with the same question."""
    async with httpx.AsyncClient() as http:
        for run in ("r1", "r2"):
            prose = Prose("llama" + run)
            recorder.script.add(run, {
                "ResearchAgent": [call("note", {"what": prose.about("the web", 1)}), handoff("WriteAgent")],
                "WriteAgent": [call("note", {"what": prose.about("the report", 1)}), handoff("ReviewAgent"), text(prose.about("the report"))],
                "ReviewAgent": [handoff("WriteAgent")],
            })

        def agents():
            return [agent("ResearchAgent", "You search and take notes.", http, ["WriteAgent"]), agent("WriteAgent", "You write reports.", http, ["ReviewAgent"]), agent("ReviewAgent", "You review reports.", http, ["WriteAgent"])]

        await asyncio.gather(do(agents(), "r1", "A report on the web."), do(agents(), "r2", "A report on the web."))


@case("same_prompt", "unseen")
async def same_prompt(recorder):
    async with httpx.AsyncClient() as http:
        for run in ("r1", "r2"):
            prose = Prose("llamasame" + run)
            recorder.script.add(run, {"DayShift": [call("note", {"what": run}), handoff("NightShift")], "NightShift": [call("note", {"what": prose.about("night", 1)}), text(prose.about("the night"))]})
            words = "You answer the emergency line. Stay calm."
            await do([agent("DayShift", words, http, ["NightShift"], streaming=False), agent("NightShift", words, http, ["DayShift"], streaming=False)], run, "My cat is on the roof.")


@case("short_memory", "seen")
async def short_memory(recorder):
    """A memory that forgets: the oldest messages leave the history."""
    questions = ["What is a lock?", "How deep is it?", "Who opens it?", "What does it cost?", "When is it closed?"]
    async with httpx.AsyncClient() as http:
        recorder.script.add("r1", {"Lockkeeper": [text(Prose(question).about("this")) for question in questions]})
        keeper, memory = agent("Lockkeeper", "You keep the lock.", http), ChatMemoryBuffer.from_defaults(token_limit=160, tokenizer_fn=lambda words: words.split())
        with truth.run("r1"):
            for question in questions:
                await keeper.run(user_msg=question, memory=memory)


if __name__ == "__main__":
    cases.main("llama_index", "llama-index-core")
