"""Pydantic AI: an agent that calls another from a tool, a hand-over in code, history between runs, both dialects and Anthropic.

Truth: every agent has a model object of its own; the provider's client is shared.
"""

import asyncio
from contextlib import asynccontextmanager

from anthropic import AsyncAnthropic
from openai import AsyncOpenAI
from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from pydantic_ai import Agent, RunContext  # noqa: E402
from pydantic_ai.models.anthropic import AnthropicModel  # noqa: E402
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel  # noqa: E402
from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: E402
from pydantic_ai.providers.openai import OpenAIProvider  # noqa: E402


def told(owner: str, client, kind=OpenAIChatModel):
    class Told(kind):
        async def request(self, *args, **kwargs):
            with truth.agent(owner):
                return await super().request(*args, **kwargs)

        @asynccontextmanager
        async def request_stream(self, *args, **kwargs):
            with truth.agent(owner):
                async with super().request_stream(*args, **kwargs) as stream:
                    yield stream

    if kind is AnthropicModel:
        return Told("claude-sonnet-4-5", provider=AnthropicProvider(anthropic_client=client))
    return Told("gpt-4.1-mini", provider=OpenAIProvider(openai_client=client))


def jokes(client, kind=OpenAIChatModel, names=("joke_selector", "joke_writer"), what="joke"):
    first, second = names
    writer = Agent(told(second, client, kind), instructions=f"Write three {what}s.", name=second)
    selector = Agent(told(first, client, kind), instructions=f"Choose the best {what}. Get {what}s with the tool.", name=first)

    @selector.tool
    async def joke_factory(_context: RunContext, subject: str) -> str:
        """Makes jokes."""
        return (await writer.run(f"Jokes about {subject}.")).output

    return selector


def joke_script(seed: str, names=("joke_selector", "joke_writer")):
    first, second = names
    prose = Prose(seed)
    return {first: [call("joke_factory", {"subject": prose.about("geese", 1)}, to=second), text(prose.about("the best joke"))], second: [text(prose.about("geese in jokes"))]}


@case("delegation", "seen")
async def delegation(recorder):
    client = AsyncOpenAI()

    async def one(run):
        recorder.script.add(run, joke_script(run))
        with truth.run(run):
            await jokes(client).run("A joke, please.")

    await asyncio.gather(*(one(f"r{number}") for number in (1, 2, 3)))


@case("delegation_responses", "unseen")
async def delegation_responses(recorder):
    client, names = AsyncOpenAI(), ("riddle_picker", "riddle_maker")

    async def one(run):
        recorder.script.add(run, joke_script("pr" + run, names))
        with truth.run(run):
            await jokes(client, OpenAIResponsesModel, names, "riddle").run("A riddle, please.")

    await asyncio.gather(one("r1"), one("r2"))


@case("history", "seen")
async def history(recorder):
    """Three questions with the history handed on; the instructions name the user."""
    client = AsyncOpenAI()

    async def one(run, user):
        agent = Agent(told("bank_clerk", client), deps_type=str, name="bank_clerk")

        @agent.instructions
        def greet(context: RunContext[str]) -> str:
            return f"You are a clerk. The customer is {context.deps}."

        @agent.tool_plain
        def balance() -> str:
            """The balance."""
            return "123.45"

        prose = Prose("bank" + run)
        recorder.script.add(run, {"bank_clerk": [call("balance"), text(prose.about("the balance")), text(prose.about("the card")), text(prose.about("the loan"))]})
        before = None
        with truth.run(run):
            for question in ("What is my balance?", "I lost my card.", "And a loan?"):
                result = await agent.run(question, deps=user, message_history=before)
                before = result.all_messages()

    await asyncio.gather(one("r1", "Rosa"), one("r2", "Sven"))


@case("anthropic_stream", "seen")
async def anthropic_stream(recorder):
    recorder.script.add("r1", joke_script("pa"))
    with truth.run("r1"):
        async with jokes(AsyncAnthropic(), AnthropicModel).run_stream("A joke, please.") as result:
            await result.get_output()


@case("code_handover", "unseen")
async def code_handover(recorder):
    """The program decides who is next; each agent gets what the one before wrote. Four at once, same question."""
    client = AsyncOpenAI()

    async def one(run):
        prose = Prose("steps" + run)
        recorder.script.add(run, {"outliner": [text(prose.about("the outline"))], "author": [text(prose.about("the chapter"))], "proofreader": [text(prose.about("the proofs"))]})
        given = "A chapter about bees."
        with truth.run(run):
            for name, words in {"outliner": "Make an outline.", "author": "Write the chapter from the outline.", "proofreader": "Correct mistakes."}.items():
                given = (await Agent(told(name, client), instructions=words, name=name).run(given)).output

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 5)))


if __name__ == "__main__":
    cases.main("pydantic_ai", "pydantic-ai-slim")
