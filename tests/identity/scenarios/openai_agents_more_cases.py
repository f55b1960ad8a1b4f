"""OpenAI Agents SDK where it is harder: many desks at once, another language, filtered hand-overs, agents that check, turns of people."""

import asyncio

from agents import Agent, GuardrailFunctionOutput, RunConfig, Runner, handoff, input_guardrail
from agents.extensions import handoff_filters
from openai import AsyncOpenAI
from pydantic import BaseModel

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.openai_agents_cases import GARAGE, SHOP, at_desk, hand_over, order_status, refund, told

BAKERY = (("Front Counter", "Greet and route."), ("Cake Expert", "Say what is in a cake."), ("Complaints", "Handle complaints. Be kind."))


@case("desk_12_at_once", "seen")
async def desk_12_at_once(recorder):
    """The same order and the same words in all of them; one client."""
    recorder.latency_s = (0.1, 0.4)
    client = AsyncOpenAI()
    await asyncio.gather(*(at_desk(recorder, f"r{number:02}", "A-7", client, staff=BAKERY) for number in range(1, 13)))


@case("desk_streamed_at_once", "fresh")
async def desk_streamed_at_once(recorder):
    recorder.latency_s = (0.1, 0.4)
    client = AsyncOpenAI()
    await asyncio.gather(*(at_desk(recorder, f"r{number:02}", "Q-55", client, "responses", True, GARAGE) for number in range(1, 11)))


def korean(client, names, tools):
    """Names that no function name can hold: the tools have names of their own."""
    front, second = names
    clerk = Agent(name=second, instructions=f"당신은 {second}입니다. 짧게 답하세요.", tools=[order_status], model=told(second, client))
    first = Agent(name=front, instructions=f"당신은 {front}입니다. 알맞은 담당자에게 넘기세요.", handoffs=[handoff(clerk, tool_name_override=tools[0])], model=told(front, client))
    clerk.handoffs = [handoff(first, tool_name_override=tools[1])]
    return first


async def korean_runs(recorder, names, tools, count):
    client = AsyncOpenAI()

    async def one(run):
        prose = Prose("ko" + run)
        recorder.script.add(run, {
            names[0]: [call(tools[0], to=names[1]), text("확인했습니다. " + prose.about("배송", 1))],
            names[1]: [call("order_status", {"order_id": run}), call(tools[1], to=names[0])],
        })
        with truth.run(run):
            await Runner.run(korean(client, names, tools), f"제 주문 {run}은 어디에 있나요?")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("korean", "seen")
async def korean_seen(recorder):
    await korean_runs(recorder, ("안내 데스크", "주문 담당자"), ("route_to_orders", "transfer_back"), 3)


@case("korean_library", "fresh")
async def korean_library(recorder):
    await korean_runs(recorder, ("도서관 안내원", "대출 담당 사서"), ("hand_to_lending", "back_to_desk"), 4)


async def filtered(recorder, names, question, count, nest=False):
    """The receiver's history has no tools in it any more, or is one text."""
    client = AsyncOpenAI()

    async def one(run):
        prose = Prose(names[0] + run)
        second = Agent(name=names[1], instructions=f"You are {names[1]}.", tools=[refund], model=told(names[1], client))
        first = Agent(name=names[0], instructions=f"You are {names[0]}.", tools=[order_status], model=told(names[0], client),
                      handoffs=[second] if nest else [handoff(second, input_filter=handoff_filters.remove_all_tools)])
        recorder.script.add(run, {
            names[0]: [call("order_status", {"order_id": run}), hand_over(names[1])],
            names[1]: [call("refund", {"order_id": run}), text(prose.about("the case")), text(prose.about("the next question"))],
        })
        with truth.run(run):
            config = RunConfig(tracing_disabled=True, **({"nest_handoff_history": True} if nest else {}))
            result = await Runner.run(first, question, run_config=config)
            await Runner.run(result.last_agent, result.to_input_list() + [{"role": "user", "content": "And when is the money there?"}], run_config=config)

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("filtered_handoff", "seen")
async def filtered_seen(recorder):
    await filtered(recorder, ("Greeter", "Claims Adjuster"), "My parcel is broken.", 5)


@case("nested_history", "seen")
async def nested_history(recorder):
    await filtered(recorder, ("Intake", "Senior Engineer"), "The server is on fire.", 4, nest=True)


@case("filtered_hotel", "fresh")
async def filtered_fresh(recorder):
    await filtered(recorder, ("Night Porter", "Room Service"), "There is no towel.", 6)


@case("nested_school", "fresh")
async def nested_fresh(recorder):
    await filtered(recorder, ("School Office", "Headteacher"), "My child is ill.", 4, nest=True)


class Verdict(BaseModel):
    is_homework: bool
    reasoning: str


async def guarded(recorder, names, questions):
    """An agent that checks the input runs beside the one that answers; another is a tool; the conversation goes on."""
    client = AsyncOpenAI()
    guard, tutor, helper = names

    async def one(run, questions):
        checker = Agent(name=guard, instructions="Check if the user asks for homework.", output_type=Verdict, model=told(guard, client))

        @input_guardrail
        async def check(context, _agent, value):
            result = await Runner.run(checker, value, context=context.context)
            return GuardrailFunctionOutput(output_info=result.final_output, tripwire_triggered=False)

        expert = Agent(name=helper, instructions=f"You answer questions as {helper}.", model=told(helper, client))
        agent = Agent(name=tutor, instructions="You teach.", input_guardrails=[check], model=told(tutor, client),
                      tools=[expert.as_tool(tool_name="ask_expert", tool_description=f"Asks {helper}")])
        prose = Prose(tutor + run)
        recorder.script.add(run, {
            guard: [text('{"is_homework": false, "reasoning": "%s"}' % prose.about("it", 1)) for _ in questions],
            tutor: [reply for question in questions for reply in (call("ask_expert", {"input": f"Explain: {question}"}, to=helper), text(prose.about("the lesson")))],
            helper: [text(prose.about("the answer")) for _ in questions],
        })
        history = []
        with truth.run(run):
            for question in questions:
                result = await Runner.run(agent, history + [{"role": "user", "content": question}])
                history = result.to_input_list()

    await asyncio.gather(one("r1", questions), one("r2", questions), one("r3", questions[::-1]))


@case("guarded", "seen")
async def guarded_seen(recorder):
    await guarded(recorder, ("Guardrail check", "Math Tutor", "Algebra Expert"), ["What is a ring?", "What is a field?"])


@case("guarded_music", "fresh")
async def guarded_fresh(recorder):
    await guarded(recorder, ("Topic filter", "Music Teacher", "Historian of Music"), ["Who was Bach?", "What is a fugue?", "And a canon?"])


if __name__ == "__main__":
    cases.main("openai_agents", "openai-agents")
