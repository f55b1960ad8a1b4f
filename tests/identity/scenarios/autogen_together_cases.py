"""AutoGen: teams one after the other, at once with the same and other tasks, short memories, hand-overs, default prompts beside others."""

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat, Swarm
from autogen_core.model_context import BufferedChatCompletionContext

from record import case as cases
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.autogen_cases import do, measure, selected, told


def tent(seed):
    prose = Prose(seed)
    return {
        "tent_maker": [call("transfer_to_rope_maker", to="rope_maker"), text(prose.about("the tent") + " TERMINATE")],
        "rope_maker": [call("measure", {"what": "the rope"}), call("transfer_to_tent_maker", to="tent_maker")],
    }


def tent_team():
    tents = AssistantAgent("tent_maker", model_client=told("tent_maker"), handoffs=["rope_maker"], system_message="You sew tents.")
    ropes = AssistantAgent("rope_maker", model_client=told("rope_maker"), handoffs=["tent_maker"], tools=[measure], system_message="You twist ropes.")
    return Swarm([tents, ropes], termination_condition=TextMentionTermination("TERMINATE"))


@case("swarm_same_and_other", "seen")
async def swarm_same_and_other(recorder):
    recorder.latency_s = (0.02, 0.2)
    tasks = ("A tent for four.", "A tent for four.", "A tent for four.", "A tent for two.")
    for number in range(1, 5):
        recorder.script.add(f"r{number}", tent(f"tent{number}"))
    await asyncio.gather(*(do(tent_team(), f"r{number}", task) for number, task in enumerate(tasks, 1)))


@case("swarm_for_each", "seen")
async def swarm_for_each(recorder):
    for number, task in enumerate(("A red tent.", "A blue tent.", "A red tent."), 1):
        recorder.script.add(f"r{number}", tent(f"each{number}"))
        await do(tent_team(), f"r{number}", task)


@case("short_memories", "seen")
async def short_memories(recorder):
    """Every agent is sent the last two messages only; both have the default prompt; four teams in the same words at once."""
    recorder.latency_s = (0.02, 0.2)

    async def one(run):
        prose = Prose("short" + run)
        recorder.script.add(run, {"baker": [text(prose.about("the dough")) for _ in range(3)], "miller": [text(prose.about("the flour")) for _ in range(3)]})
        agents = [AssistantAgent(name, model_client=told(name), model_context=BufferedChatCompletionContext(2)) for name in ("baker", "miller")]
        await do(RoundRobinGroupChat(agents, termination_condition=MaxMessageTermination(7)), run, "Bake bread.")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 5)))


@case("swarm_default_prompts_at_once", "seen")
async def swarm_default_prompts_at_once(recorder):
    """All agents have the framework's own prompt; the hand-overs alone say who has the word; three teams at once, then one more."""
    recorder.latency_s = (0.02, 0.15)

    def team():
        one = AssistantAgent("sail_maker", model_client=told("sail_maker"), handoffs=["mast_maker"])
        two = AssistantAgent("mast_maker", model_client=told("mast_maker"), handoffs=["sail_maker"], tools=[measure])
        return Swarm([one, two], termination_condition=TextMentionTermination("TERMINATE"))

    for number in range(1, 5):
        prose = Prose(f"sail{number}")
        recorder.script.add(f"r{number}", {
            "sail_maker": [call("transfer_to_mast_maker", to="mast_maker"), text(prose.about("the sail") + " TERMINATE")],
            "mast_maker": [call("measure", {"what": "the mast"}), call("transfer_to_sail_maker", to="sail_maker")],
        })
    await asyncio.gather(*(do(team(), f"r{number}", "Rig the boat.") for number in (1, 2, 3)))
    await do(team(), "r4", "Rig the boat.")


@case("selector_for_each", "seen")
async def selector_for_each(recorder):
    names = ("cook_bot", "shop_bot")
    for number, task in enumerate(("Soup for ten.", "Cake for ten.", "Soup for ten."), 1):
        prose, run = Prose(f"soup{number}"), f"r{number}"
        recorder.script.add(run, {"<selector>": [text(name) for name in ("shop_bot", "cook_bot", "shop_bot", "cook_bot")], "shop_bot": [text(prose.about("the list")), text(prose.about("the shop"))], "cook_bot": [text(prose.about("the soup")), text("Done. TERMINATE")]})
        await do(selected(names, ("cooking", "shopping")), run, task)


if __name__ == "__main__":
    cases.main("autogen", "autogen-agentchat")
