"""AutoGen: round robin, a selector, a swarm, an agent as a tool; the default system prompt is the same for all.

Truth: every agent has a model client object of its own.
"""

import asyncio

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from autogen_agentchat.agents import AssistantAgent  # noqa: E402
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination  # noqa: E402
from autogen_agentchat.teams import RoundRobinGroupChat, SelectorGroupChat, Swarm  # noqa: E402
from autogen_agentchat.tools import AgentTool  # noqa: E402
from autogen_ext.models.openai import OpenAIChatCompletionClient  # noqa: E402


_pools: dict = {}


def told(owner: str, model="gpt-4.1-mini", **about):
    class Told(OpenAIChatCompletionClient):
        async def create(self, *args, **kwargs):
            with truth.agent(owner, **about):
                return await super().create(*args, **kwargs)

        async def create_stream(self, *args, **kwargs):
            truth.set_agent(owner, **about)
            async for part in super().create_stream(*args, **kwargs):
                yield part

    client = Told(model=model)
    # One connection pool for all agents, as one client object shared by a team has: ports must not tell agents apart.
    shared = _pools.setdefault(asyncio.get_running_loop(), client._client)
    client._client = shared
    return client


async def measure(what: str) -> str:
    """Measures something."""
    return f"{what}: 7 metres"


async def do(team, run: str, task: str):
    with truth.run(run):
        async for _ in team.run_stream(task=task):
            pass


def round_robin_team(names, messages=("", "")):
    first, second = names
    more = [{"system_message": message} if message else {} for message in messages]
    one = AssistantAgent(first, model_client=told(first), tools=[measure], reflect_on_tool_use=True, **more[0])
    two = AssistantAgent(second, model_client=told(second), **more[1])
    return RoundRobinGroupChat([one, two], termination_condition=TextMentionTermination("TERMINATE") | MaxMessageTermination(20))


@case("round_robin", "seen")
async def round_robin(recorder):
    """Both agents have the framework's default prompt."""
    for run in ("r1", "r2"):
        prose = Prose("rr" + run)
        recorder.script.add(run, {"surveyor": [call("measure", {"what": "the hall"}), text(prose.about("the hall")), text(prose.about("the door"))], "architect": [text(prose.about("the plan")), text("Agreed. TERMINATE")]})
    await asyncio.gather(*(do(round_robin_team(("surveyor", "architect")), run, "Plan the hall.") for run in ("r1", "r2")))


@case("round_robin_prompts", "unseen")
async def round_robin_prompts(recorder):
    prose = Prose("rrp")
    recorder.script.add("r1", {"drummer": [call("measure", {"what": "the tempo"}), text(prose.about("the tempo")), text(prose.about("the beat"))], "singer": [text(prose.about("the text")), text("Good. TERMINATE")]})
    await do(round_robin_team(("drummer", "singer"), ("You keep time.", "You sing.")), "r1", "Make a song.")


def selected(names, descriptions):
    agents = [AssistantAgent(name, model_client=told(name), description=description, system_message=f"You are responsible for {description}.") for name, description in zip(names, descriptions)]
    return SelectorGroupChat(agents, model_client=told("<selector>", kind="selector"), termination_condition=TextMentionTermination("TERMINATE") | MaxMessageTermination(20), allow_repeated_speaker=True)


@case("selector", "seen")
async def selector(recorder):
    names = ("planner_bot", "web_searcher", "data_analyst")
    for run in ("r1", "r2"):
        prose = Prose("sel" + run)
        recorder.script.add(run, {
            "<selector>": [text(name) for name in ("planner_bot", "web_searcher", "data_analyst", "planner_bot")],
            "planner_bot": [text(prose.about("the steps")), text("All is done. TERMINATE")],
            "web_searcher": [text(prose.about("the web"))],
            "data_analyst": [text(prose.about("the data"))],
        })
    await asyncio.gather(*(do(selected(names, ("plans", "searching the web", "numbers")), run, "Who scored most?") for run in ("r1", "r2")))


@case("selector_kitchen", "unseen")
async def selector_kitchen(recorder):
    names, prose = ("chef", "baker"), Prose("kitchen")
    recorder.script.add("r1", {"<selector>": [text(name) for name in ("baker", "chef", "baker")], "chef": [text(prose.about("the roast"))], "baker": [text(prose.about("the bread")), text("Served. TERMINATE")]})
    await do(selected(names, ("meat", "bread")), "r1", "Dinner for six.")


@case("selector_at_once", "unseen")
async def selector_at_once(recorder):
    """The same task for the same team, 8 times at once on one client."""
    recorder.latency_s = (0.1, 0.5)
    names = ("juggler", "clown", "rider")

    async def one(run):
        prose = Prose("circus" + run)
        recorder.script.add(run, {"<selector>": [text(name) for name in ("clown", "rider", "juggler")], "clown": [text(prose.about("the joke"))], "rider": [text(prose.about("the horse"))], "juggler": [text(prose.about("the balls") + " TERMINATE")]})
        await do(selected(names, ("balls", "jokes", "horses")), run, "Plan the show.")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 9)))


@case("swarm", "seen")
async def swarm(recorder):
    for run in ("r1", "r2"):
        prose = Prose("asw" + run)
        recorder.script.add(run, {
            "travel_agent": [call("transfer_to_flights_refunder", to="flights_refunder"), text(prose.about("the refund") + " TERMINATE")],
            "flights_refunder": [call("measure", {"what": f"flight {run}"}), call("transfer_to_travel_agent", to="travel_agent")],
        })

    def team():
        travel = AssistantAgent("travel_agent", model_client=told("travel_agent"), handoffs=["flights_refunder"], system_message="You are a travel agent.")
        refunds = AssistantAgent("flights_refunder", model_client=told("flights_refunder"), handoffs=["travel_agent"], tools=[measure], system_message="You refund flights.")
        return Swarm([travel, refunds], termination_condition=TextMentionTermination("TERMINATE"))

    await asyncio.gather(do(team(), "r1", "Refund my flight."), do(team(), "r2", "Refund my flight."))


@case("swarm_default_prompts", "unseen")
async def swarm_default_prompts(recorder):
    prose = Prose("asd")
    recorder.script.add("r1", {
        "hub": [call("transfer_to_left_hand", to="left_hand"), call("transfer_to_right_hand", to="right_hand"), text(prose.about("both hands") + " TERMINATE")],
        "left_hand": [call("measure", {"what": "left"}), call("transfer_to_hub", to="hub")],
        "right_hand": [call("transfer_to_hub", to="hub")],
    })
    hub = AssistantAgent("hub", model_client=told("hub"), handoffs=["left_hand", "right_hand"])
    hands = [AssistantAgent(name, model_client=told(name), handoffs=["hub"], tools=[measure]) for name in ("left_hand", "right_hand")]
    await do(Swarm([hub, *hands], termination_condition=TextMentionTermination("TERMINATE")), "r1", "Measure both.")


@case("agent_tool", "seen")
async def agent_tool(recorder):
    prose = Prose("atool")
    recorder.script.add("r1", {"main_assistant": [call("poet", {"task": "A poem about the sea."}, to="poet"), text(prose.about("the poem"))], "poet": [text(prose.about("the sea"))]})
    poet = AssistantAgent("poet", model_client=told("poet"), system_message="You write poems.", description="Writes poems")
    main = AssistantAgent("main_assistant", model_client=told("main_assistant"), tools=[AgentTool(poet)], reflect_on_tool_use=True, system_message="You use your tools.")
    with truth.run("r1"):
        await main.run(task="I want a poem about the sea.")


if __name__ == "__main__":
    cases.main("autogen", "autogen-agentchat")
