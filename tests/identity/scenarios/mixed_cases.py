"""Several programs on one key at the same time: different frameworks, some twice, some on the same subject."""

import asyncio

from openai import AsyncOpenAI, OpenAI
from record import case as cases
from record import truth
from record.case import case

from scenarios import agno_cases, langgraph_cases, openai_agents_cases, plain_cases, pydantic_ai_cases

SUBJECT = "sea freight"


async def in_thread(run: str, work):
    def named():
        with truth.run(run):
            return work()

    return await asyncio.to_thread(named)


@case("office", "seen")
async def office(recorder):
    """Nine runs of five programs."""
    recorder.latency_s = (0.05, 0.3)
    client, plain = AsyncOpenAI(), OpenAI()
    jobs = []
    for number in (1, 2):
        jobs.append(openai_agents_cases.at_desk(recorder, f"desk{number}", "D-4004", client))
        recorder.script.add(f"graph{number}", langgraph_cases.office_script(f"graph{number}"))
        jobs.append(in_thread(f"graph{number}", lambda: langgraph_cases.office().invoke({"messages": [{"role": "user", "content": "What is the combined headcount of the two largest?"}]})))
        recorder.script.add(f"agno{number}", agno_cases.desk_script(f"agno{number}", "DDD"))
        jobs.append(in_thread(f"agno{number}", lambda: agno_cases.desk().run("What about DDD?")))
        recorder.script.add(f"joke{number}", pydantic_ai_cases.joke_script(f"joke{number}"))
        jobs.append(joke(f"joke{number}", client))
    recorder.script.add("loop1", {"coder": plain_cases.work(plain_cases.Prose("mixloop"), 6)})
    jobs.append(in_thread("loop1", lambda: plain_cases.loop(plain, "coder", "loop1", "You are a coding assistant.", "Fix the failing test.")))
    await asyncio.gather(*jobs)


async def joke(run, client):
    with truth.run(run):
        await pydantic_ai_cases.jokes(client).run("A joke, please.")


@case("shared_subject", "unseen")
async def shared_subject(recorder):
    """Twelve runs of four programs, all about the same thing, some on one client."""
    recorder.latency_s = (0.05, 0.3)
    client, plain = AsyncOpenAI(), OpenAI()
    jobs = []
    for number in (1, 2, 3):
        jobs.append(openai_agents_cases.at_desk(recorder, f"desk{number}", "E-5005", client, "responses", staff=openai_agents_cases.GARAGE))
        recorder.script.add(f"agno{number}", agno_cases.desk_script(f"market{number}", SUBJECT, agno_cases.HARBOUR))
        jobs.append(in_thread(f"agno{number}", lambda: agno_cases.desk(staff=agno_cases.HARBOUR).run(f"What about {SUBJECT}?")))
        recorder.script.add(f"joke{number}", pydantic_ai_cases.joke_script(f"freight{number}", ("pun_editor", "pun_author")))
        jobs.append(puns(f"joke{number}", client))
        run = f"pipe{number}"
        prose = plain_cases.Prose(run)
        recorder.script.add(run, {"fact_finder": [plain_cases.call("search", {"what": SUBJECT}), plain_cases.text(prose.about(SUBJECT))], "editor": [plain_cases.text(prose.about(f"{SUBJECT}, edited"))]})
        jobs.append(in_thread(run, lambda run=run: plain_cases.pipeline(plain, run, SUBJECT)))
    await asyncio.gather(*jobs)


async def puns(run, client):
    with truth.run(run):
        await pydantic_ai_cases.jokes(client, names=("pun_editor", "pun_author"), what="pun").run(f"A pun about {SUBJECT}.")


if __name__ == "__main__":
    cases.main("mixed", None)
