"""LlamaIndex where it is harder: workflows at once, steps by hand, agents as tools, an agent that reasons in text."""

import asyncio

import httpx
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent, ReActAgent

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.llama_index_cases import agent, do, handoff, note, told


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    async with httpx.AsyncClient() as http:
        await asyncio.gather(*(one(f"r{number}", http) for number in range(1, count + 1)))


async def workflows(recorder, names, prompts, question, count):
    first, second, third = names

    async def one(run, http):
        prose = Prose(first + run)
        recorder.script.add(run, {
            first: [call("note", {"what": "the start"}), handoff(second)],
            second: [call("note", {"what": "the middle"}), handoff(third), text(prose.about("the report"))],
            third: [handoff(second)],
        })
        agents = [agent(first, prompts[0], http, [second]), agent(second, prompts[1], http, [third]), agent(third, prompts[2], http, [second])]
        await do(agents, run, question)

    await at_once(recorder, one, count)


@case("workflow_8_at_once", "seen")
async def workflow_seen(recorder):
    await workflows(recorder, ("FieldAgent", "DeskAgent", "LegalAgent"), ("You collect.", "You write.", "You check."), "A report on bees.", 8)


@case("workflow_korean", "fresh")
async def workflow_fresh(recorder):
    await workflows(recorder, ("조사원", "작성자", "검토자"), ("조사한다.", "쓴다.", "검토한다."), "벌에 대한 보고서.", 8)


async def as_tools(recorder, lead, workers, question, count):
    async def one(run, http):
        prose = Prose(lead + run)
        inner = {name: FunctionAgent(name=name, description=name, system_prompt=f"You are {name}.", llm=told(name, http), tools=[note]) for name in workers}

        def made(name):
            async def ask(prompt: str) -> str:
                return str(await inner[name].run(prompt))

            ask.__name__, ask.__doc__ = f"call_{name}", f"Asks {name}."
            return ask

        recorder.script.add(run, {
            lead: [*(call(f"call_{name}", {"prompt": prose.about(f"a task for {name}", 1)}, to=name) for name in workers), text(prose.about("all"))],
            **{name: [text(prose.about(f"the part of {name}"))] for name in workers},
        })
        boss = FunctionAgent(name=lead, description=lead, system_prompt="You orchestrate with your tools.", llm=told(lead, http), tools=[made(name) for name in workers])
        with truth.run(run):
            await boss.run(question)

    await at_once(recorder, one, count)


@case("as_tools", "seen")
async def as_tools_seen(recorder):
    await as_tools(recorder, "Orchestrator", ("research_agent", "write_agent"), "A report on ants.", 4)


@case("as_tools_film", "fresh")
async def as_tools_fresh(recorder):
    await as_tools(recorder, "Producer", ("script_doctor", "casting_agent"), "A film on ants.", 5)


async def reasons(recorder, name, question, count):
    async def one(run, http):
        prose = Prose(name + run)
        thought = lambda: f"Thought: {prose.about('the next step', 1)}"  # noqa: E731
        recorder.script.add(run, {name: [text(f'{thought()}\nAction: note\nAction Input: {{"what": "it"}}'), text(f"{thought()}\nAnswer: {prose.about('it')}")]})
        thinker = ReActAgent(name=name, description=name, llm=told(name, http), tools=[note])
        with truth.run(run):
            await thinker.run(question)

    await at_once(recorder, one, count)


@case("react", "seen")
async def react_seen(recorder):
    await reasons(recorder, "Thinker", "What is 7 times 6?", 6)


@case("react_fresh", "fresh")
async def react_fresh(recorder):
    await reasons(recorder, "Ponderer", "What is a prime?", 6)


if __name__ == "__main__":
    cases.main("llama_index", "llama-index-core")
