"""LangGraph: a supervisor, a swarm, a nested team, trimmed and summarised histories.

Truth: every agent has a chat model object of its own; all share one HTTP client, as they do by default.
"""

import asyncio
import datetime

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from langchain.agents import create_agent  # noqa: E402
from langchain.agents.middleware import SummarizationMiddleware, before_model  # noqa: E402
from langchain_core.messages import RemoveMessage, trim_messages  # noqa: E402
from langchain_core.tools import tool  # noqa: E402
from langchain_openai import ChatOpenAI  # noqa: E402
from langgraph.checkpoint.memory import InMemorySaver  # noqa: E402
from langgraph.graph.message import REMOVE_ALL_MESSAGES  # noqa: E402
from langgraph_supervisor import create_supervisor  # noqa: E402
from langgraph_swarm import create_handoff_tool, create_swarm  # noqa: E402


class Told(ChatOpenAI):
    """A chat model that belongs to one agent."""

    owner: dict = {}

    def _generate(self, *args, **kwargs):
        with truth.agent(**self.owner):
            return super()._generate(*args, **kwargs)

    async def _agenerate(self, *args, **kwargs):
        with truth.agent(**self.owner):
            return await super()._agenerate(*args, **kwargs)

    def _stream(self, *args, **kwargs):
        with truth.agent(**self.owner):
            yield from super()._stream(*args, **kwargs)


def told(owner: str, **more) -> Told:
    about = {"name": owner, **more.pop("about", {})}
    return Told(model=more.pop("model", "gpt-4.1-mini"), owner=about, **more)


@tool
def add(a: float, b: float) -> float:
    """Adds two numbers."""
    return a + b


@tool
def web_search(query: str) -> str:
    """Searches the web."""
    return f"FAANG headcounts for {query}: 164000, 67317."


@tool
def book(what: str) -> str:
    """Books something."""
    return f"Booked: {what}."


def office():
    maths = create_agent(told("math_expert"), tools=[add], name="math_expert", system_prompt="You are a math expert. Always use one tool at a time.")
    research = create_agent(told("research_expert"), tools=[web_search], name="research_expert", system_prompt="You are a world class researcher with access to web search. Do not do any math.")
    return create_supervisor([research, maths], model=told("supervisor"), prompt="You are a team supervisor managing a research expert and a math expert.").compile()


def office_script(seed: str):
    prose = Prose(seed)
    return {
        "supervisor": [call("transfer_to_research_expert", to="research_expert"), call("transfer_to_math_expert", to="math_expert"), text(prose.about("the headcount"))],
        "research_expert": [call("web_search", {"query": f"headcount {seed}"}), text(prose.about("headcounts"))],
        "math_expert": [call("add", {"a": 164000, "b": 67317}), text(f"The sum is 231317, checked for {seed}.")],
    }


@case("supervisor", "seen")
def supervisor(recorder):
    for run in ("r1", "r2"):
        recorder.script.add(run, office_script(run))
        with truth.run(run):
            office().invoke({"messages": [{"role": "user", "content": "What is the combined headcount of the two largest?"}]})


@case("supervisor_at_once", "seen")
async def supervisor_at_once(recorder):
    """The same question to the same team, 12 times at once on one client."""
    recorder.latency_s = (0.1, 0.5)

    async def one(run):
        recorder.script.add(run, office_script(run))
        with truth.run(run):
            await office().ainvoke({"messages": [{"role": "user", "content": "What is the combined headcount of the two largest?"}]})

    await asyncio.gather(*(one(f"r{number:02}") for number in range(1, 13)))


@case("supervisor_tags", "unseen")
async def supervisor_tags(recorder):
    """Names in the text instead of the name field, full histories, three runs at once."""
    async def one(run):
        legal = create_agent(told("legal"), tools=[web_search], name="legal", system_prompt="You check contracts.")
        finance = create_agent(told("finance"), tools=[add], name="finance", system_prompt="You check sums.")
        boss = create_supervisor([legal, finance], model=told("chief_of_staff"), prompt="You lead legal and finance.", supervisor_name="chief_of_staff",
                                 output_mode="full_history", include_agent_name="inline").compile()
        prose = Prose("tags" + run)
        recorder.script.add(run, {
            "chief_of_staff": [call("transfer_to_legal", to="legal"), call("transfer_to_finance", to="finance"), text(prose.about("the contract"))],
            "legal": [call("web_search", {"query": "clause 4"}), text(prose.about("clause 4"))],
            "finance": [call("add", {"a": 4, "b": 5}), text(prose.about("the sum"))],
        })
        with truth.run(run):
            await boss.ainvoke({"messages": [{"role": "user", "content": f"Check the contract {run} and its sum."}]})

    await asyncio.gather(*(one(f"r{number}") for number in (1, 2, 3)))


@case("nested_supervisors", "seen")
def nested_supervisors(recorder):
    prose = Prose("nested")
    recorder.script.add("r1", {
        "top_lead": [call("transfer_to_writing_team", to="writing_lead"), text(prose.about("the brochure"))],
        "writing_lead": [call("transfer_to_drafter", to="drafter"), text(prose.about("the draft"))],
        "drafter": [call("web_search", {"query": "brochure"}), text(prose.about("brochures"))],
    })
    drafter = create_agent(told("drafter"), tools=[web_search], name="drafter", system_prompt="You draft.")
    team = create_supervisor([drafter], model=told("writing_lead"), prompt="You lead the writers.", supervisor_name="writing_lead").compile(name="writing_team")
    top = create_supervisor([team], model=told("top_lead"), prompt="You lead the teams.", supervisor_name="top_lead").compile()
    with truth.run("r1"):
        top.invoke({"messages": [{"role": "user", "content": "Make a brochure."}]})


def travel_swarm(names=("flight_assistant", "hotel_assistant"), **more):
    first, second = names
    one = create_agent(told(first, **more), tools=[book, create_handoff_tool(agent_name=second)], name=first, system_prompt=f"You are {first.replace('_', ' ')} of a travel office.")
    two = create_agent(told(second, **more), tools=[book, create_handoff_tool(agent_name=first)], name=second, system_prompt="You book rooms and nothing else.")
    return create_swarm([one, two], default_active_agent=first).compile(checkpointer=InMemorySaver())


@case("swarm", "seen")
def swarm(recorder):
    """Two questions in one thread: the second starts at the agent that was active."""
    prose = Prose("swarm")
    recorder.script.add("r1", {
        "flight_assistant": [call("book", {"what": "a flight to Oslo"}), call("transfer_to_hotel_assistant", to="hotel_assistant"), text(prose.about("the flight back"))],
        "hotel_assistant": [call("book", {"what": "a room in Oslo"}), text(prose.about("the room")), call("transfer_to_flight_assistant", to="flight_assistant")],
    })
    app, config = travel_swarm(), {"configurable": {"thread_id": "1"}}
    with truth.run("r1"):
        app.invoke({"messages": [{"role": "user", "content": "A flight to Oslo and a room."}]}, config)
        app.invoke({"messages": [{"role": "user", "content": "And a flight back on Sunday."}]}, config)


@case("swarm_stream", "unseen")
def swarm_stream(recorder):
    for run, city in {"r1": "Rome", "r2": "Riga"}.items():
        prose = Prose("swarm" + city)
        recorder.script.add(run, {
            "car_desk": [call("book", {"what": f"a car in {city}"}), call("transfer_to_boat_desk", to="boat_desk")],
            "boat_desk": [call("book", {"what": f"a boat in {city}"}), text(prose.about("the boat"))],
        })
        app, config = travel_swarm(("car_desk", "boat_desk"), streaming=True), {"configurable": {"thread_id": run}}
        with truth.run(run):
            for _ in app.stream({"messages": [{"role": "user", "content": f"A car and a boat in {city}."}]}, config, stream_mode="messages"):
                pass


def chat(app, run: str, thread: str, questions):
    with truth.run(run):
        for question in questions:
            app.invoke({"messages": [{"role": "user", "content": question}]}, {"configurable": {"thread_id": thread}})


QUESTIONS = ["What is a heat pump?", "What does it cost to run?", "Does it work in winter?", "Is it loud?", "Who installs one?", "Which grant is there?"]


@case("trimmed", "seen")
def trimmed(recorder):
    """Only the newest messages go to the model; two threads in turns."""
    @before_model
    def newest(state, _runtime):
        kept = trim_messages(state["messages"], max_tokens=5, token_counter=len, strategy="last", start_on="human", include_system=False)
        return {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES), *kept]}

    app = create_agent(told("house_advisor"), tools=[web_search], system_prompt="You advise people who own houses.", middleware=[newest], checkpointer=InMemorySaver(), name="house_advisor")
    for run in ("r1", "r2"):
        prose = Prose("trim" + run)
        answers = [reply for question in QUESTIONS for reply in (call("web_search", {"query": question}), text(prose.about("this")))]
        recorder.script.add(run, {"house_advisor": answers})
    for question in QUESTIONS:
        for run in ("r1", "r2"):
            chat(app, run, run, [question])


@case("summarised", "seen")
def summarised(recorder):
    """The old part of the history becomes a summary; the summarising call is the framework's own."""
    summaries = told("<summary>", about={"kind": "summary", "on_behalf_of": "garden_advisor"})
    app = create_agent(told("garden_advisor"), tools=[], system_prompt=f"You advise gardeners. Today is {datetime.date.today()}.", checkpointer=InMemorySaver(),
                       middleware=[SummarizationMiddleware(model=summaries, trigger=("messages", 6), keep=("messages", 2))], name="garden_advisor")
    for run in ("r1", "r2"):
        prose = Prose("garden" + run)
        recorder.script.add(run, {"garden_advisor": [text(prose.about("this")) for _ in QUESTIONS], "<summary>": [text(prose.about("the talk so far"), again=True)]})
        chat(app, run, run, [question.replace("heat pump", "rain barrel") for question in QUESTIONS])


@case("summarised_and_trimmed", "unseen")
def summarised_and_trimmed(recorder):
    summaries = told("<summary>", about={"kind": "summary", "on_behalf_of": "law_clerk"})
    app = create_agent(told("law_clerk"), tools=[web_search], system_prompt="You help tenants. Quote the law.", checkpointer=InMemorySaver(),
                       middleware=[SummarizationMiddleware(model=summaries, trigger=("messages", 7), keep=("messages", 3))], name="law_clerk")
    questions = ["May I paint the wall?", "Who pays for the boiler?", "How long is the notice?", "May I have a dog?", "What about the deposit?"]
    for run in ("r1", "r2", "r3"):
        prose = Prose("law" + run)
        answers = [reply for question in questions for reply in (call("web_search", {"query": question}), text(prose.about("the law")))]
        recorder.script.add(run, {"law_clerk": answers, "<summary>": [text(prose.about("the tenant's questions"), again=True)]})
    for question in questions:
        for run in ("r1", "r2", "r3"):
            chat(app, run, run, [question])


if __name__ == "__main__":
    cases.main("langgraph", "langgraph")
