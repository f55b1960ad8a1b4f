"""LangGraph where it is harder: graphs by hand with a router, workers that sign, names in the text, deep agents, swarms at once."""

import asyncio
import json

from langchain.agents import create_agent
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph_supervisor import create_supervisor
from langgraph_supervisor.handoff import create_handoff_tool
from typing_extensions import Literal, TypedDict

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.langgraph_cases import add, book, told, travel_swarm, web_search


def router_graph(staff):
    """The supervisor everybody writes by hand: structured output says who is next, workers' answers come back signed."""
    lead, *workers = staff
    names = [name for name, _ in workers]
    options = [*names, "FINISH"]

    class Router(TypedDict):
        """Worker to route to next. If no workers needed, route to FINISH."""

        next: Literal[tuple(options)]  # type: ignore[valid-type]

    model = told(lead[0])
    words = f"You are a supervisor tasked with managing a conversation between the following workers: {names}. Given the following user request, respond with the worker to act next. Each worker will perform a task and respond with their results and status. When finished, respond with FINISH."

    def supervise(state):
        answer = model.with_structured_output(Router).invoke([{"role": "system", "content": words}, *state["messages"]])
        return {"next": answer["next"]}

    graph = StateGraph(type("State", (MessagesState,), {"__annotations__": {"next": str}}))
    graph.add_node(lead[0], supervise)
    for name, prompt in workers:
        agent = create_agent(told(name), tools=[web_search], system_prompt=prompt)

        def work(state, agent=agent, name=name):
            result = agent.invoke({"messages": state["messages"]})
            return {"messages": [HumanMessage(content=result["messages"][-1].content, name=name)]}

        graph.add_node(name, work)
        graph.add_edge(name, lead[0])
    graph.add_edge(START, lead[0])
    graph.add_conditional_edges(lead[0], lambda state: END if state["next"] == "FINISH" else state["next"])
    return graph.compile()


async def routed(recorder, staff, question, count):
    recorder.latency_s = (0.05, 0.3)

    async def one(run):
        prose = Prose(staff[0][0] + run)
        first, second = staff[1][0], staff[2][0]
        choices = [text(json.dumps({"next": name}), handoff_to=None if name == "FINISH" else name) for name in (first, second, first, "FINISH")]
        recorder.script.add(run, {
            staff[0][0]: choices,
            first: [call("web_search", {"query": run}), text(prose.about("the facts")), text(prose.about("the last fact"))],
            second: [text(prose.about("the sum"))],
        })

        def go():
            with truth.run(run):
                router_graph(staff).invoke({"messages": [{"role": "user", "content": question}]})

        await asyncio.to_thread(go)

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("router", "seen")
async def router(recorder):
    await routed(recorder, (("supervisor", ""), ("researcher", "You are a researcher. DO NOT do any math."), ("coder", "You write code.")), "What's the square root of 42?", 4)


@case("router_korean", "fresh")
async def router_korean(recorder):
    await routed(recorder, (("supervisor", ""), ("fact_finder", "당신은 자료 조사원입니다. 계산은 하지 마세요."), ("calculator", "당신은 계산만 합니다.")), "42의 제곱근은?", 5)


async def inline(recorder, names, question, count, mode="last_message", **more):
    """Names stand in the text; the whole history of a worker goes back to its supervisor."""
    recorder.latency_s = (0.05, 0.3)
    lead, first, second = names

    async def one(run):
        prose = Prose(lead + run)
        recorder.script.add(run, {
            lead: [call(f"transfer_to_{first}", to=first), call(f"transfer_to_{second}", to=second), text(prose.about("all of it"))],
            first: [call("web_search", {"query": question}), text(prose.about("one half"))],
            second: [call("add", {"a": 1, "b": 2}), text(prose.about("the other half"))],
        })
        one = create_agent(told(first), tools=[web_search], name=first, system_prompt=f"You are {first}.")
        two = create_agent(told(second), tools=[add], name=second, system_prompt=f"You are {second}.")
        app = create_supervisor([one, two], model=told(lead), prompt="You manage a small team.", output_mode=mode, supervisor_name=lead, **more).compile()
        with truth.run(run):
            await app.ainvoke({"messages": [{"role": "user", "content": question}]})

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("inline_at_once", "seen")
async def inline_seen(recorder):
    await inline(recorder, ("boss", "web_scout", "number_cruncher"), "How many people live in both cities?", 6, include_agent_name="inline")


@case("full_history", "seen")
async def full_history(recorder):
    await inline(recorder, ("dispatcher", "map_reader", "fuel_clerk"), "How far is it and what does it cost?", 6, mode="full_history", add_handoff_back_messages=False)


@case("inline_kitchen", "fresh")
async def inline_fresh(recorder):
    await inline(recorder, ("head_chef", "sauce_cook", "pastry_cook"), "Dinner for nine.", 6, mode="full_history", include_agent_name="inline")


@case("supervisor_no_back", "fresh")
async def no_back(recorder):
    await inline(recorder, ("harbour_master", "pilot_boat", "crane_driver"), "A ship is coming.", 8, add_handoff_back_messages=False)


async def swarms(recorder, names, question, count):
    recorder.latency_s = (0.05, 0.3)
    first, second = names

    async def one(run):
        prose = Prose(first + run)
        recorder.script.add(run, {
            first: [call("book", {"what": "a ticket"}), call(f"transfer_to_{second}", to=second), text(prose.about("the way back"))],
            second: [call("book", {"what": "a bed"}), text(prose.about("the bed")), call(f"transfer_to_{first}", to=first)],
        })
        app, config = travel_swarm(names), {"configurable": {"thread_id": run}}
        with truth.run(run):
            await app.ainvoke({"messages": [{"role": "user", "content": question}]}, config)
            await app.ainvoke({"messages": [{"role": "user", "content": "And back again."}]}, config)

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("swarm_8_at_once", "seen")
async def swarm_seen(recorder):
    await swarms(recorder, ("train_assistant", "hostel_assistant"), "To the sea, please.", 8)


@case("swarm_ferry_at_once", "fresh")
async def swarm_fresh(recorder):
    await swarms(recorder, ("ferry_clerk", "cabin_clerk"), "To the island, please.", 9)


async def deep(recorder, workers, question, count):
    """Deep agents: a list of what to do, files, and sub-agents started by one tool."""
    from deepagents import create_deep_agent

    recorder.latency_s = (0.05, 0.3)
    first, second = workers

    async def one(run):
        prose = Prose(first + run)
        task = lambda who, what: ("task", {"description": prose.about(what), "subagent_type": who})  # noqa: E731
        recorder.script.add(run, {
            "lead": [call("write_todos", {"todos": [{"content": "look", "status": "in_progress"}]}), calls(task(first, "a look"), task(second, "a check"), to=[first, second]),
                     call(*task(first, "another look"), to=first), text(prose.about("the whole"))],
            first: [call("web_search", {"query": "a"}), text(prose.about("the look")), text(prose.about("the second look"))],
            second: [text(prose.about("the check"))],
        })
        subagents = [{"name": name, "description": f"Is good at being {name}", "system_prompt": f"You work as {name}.", "tools": [web_search], "model": told(name)} for name in workers]
        app = create_deep_agent(model=told("lead"), tools=[web_search], system_prompt="You lead research.", subagents=subagents, name="lead")
        with truth.run(run):
            await app.ainvoke({"messages": [{"role": "user", "content": question}]})

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


@case("deep", "seen")
async def deep_seen(recorder):
    await deep(recorder, ("research-agent", "critique-agent"), "Write about otters.", 2)


@case("deep_audit", "fresh")
async def deep_fresh(recorder):
    await deep(recorder, ("ledger-reader", "law-checker"), "Audit the club.", 2)


@case("pipeline_at_once", "seen")
async def pipeline_seen(recorder):
    await pipelines(recorder, (("outliner", "Make an outline for: {topic}"), ("author", "Write the text for this outline:\n{text}"), ("judge", "Rate this text from 1 to 10:\n{text}")), "tea", 8)


@case("pipeline_letters", "fresh")
async def pipeline_fresh(recorder):
    await pipelines(recorder, (("reader", "이 편지의 요점을 적어라: {topic}"), ("replier", "다음 요점에 답장을 써라:\n{text}"), ("polisher", "이 답장을 다듬어라:\n{text}")), "편지 12호", 8)


async def pipelines(recorder, steps, topic, count):
    """Prompts that are one user message, each built from the answer before; the last two steps come round twice."""
    recorder.latency_s = (0.05, 0.3)

    async def one(run):
        prose = Prose(steps[0][0] + run)
        recorder.script.add(run, {name: [text(prose.about(topic)) for _ in range(1 if at == 0 else 2)] for at, (name, _) in enumerate(steps)})
        models = {name: told(name) for name, _ in steps}
        with truth.run(run):
            said = (await models[steps[0][0]].ainvoke(steps[0][1].format(topic=topic))).content
            for name, prompt in (*steps[1:], *steps[1:]):
                said = (await models[name].ainvoke(prompt.format(text=said))).content

    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


if __name__ == "__main__":
    cases.main("langgraph", "langgraph")
