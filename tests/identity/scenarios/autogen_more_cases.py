"""AutoGen where it is harder: a manager with a ledger, a graph, teams at once with the same default prompt, a team inside an agent."""

import asyncio
import json

from autogen_agentchat.agents import AssistantAgent, SocietyOfMindAgent
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import DiGraphBuilder, GraphFlow, MagenticOneGroupChat, RoundRobinGroupChat, SelectorGroupChat

from record import case as cases
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.autogen_cases import do, measure, round_robin_team, selected, told


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    await asyncio.gather(*(one(f"r{number}") for number in range(1, count + 1)))


async def ledger(recorder, names, question, count):
    first, second = names

    async def one(run):
        prose = Prose(first + run)

        def progress(done, who):
            entry = lambda answer: {"reason": "so it is", "answer": answer}  # noqa: E731
            return text(json.dumps({"is_request_satisfied": entry(done), "is_in_loop": entry(False), "is_progress_being_made": entry(True), "next_speaker": entry(who), "instruction_or_question": entry(prose.about(f"a task for {who}", 1))}))

        recorder.script.add(run, {
            "<orchestrator>": [text(prose.about("the facts")), text(prose.about("the plan")), progress(False, first), progress(False, second), progress(True, first), text(prose.about("the end"))],
            first: [text(prose.about("what was found"))],
            second: [text(prose.about("what was built"))],
        })
        agents = [AssistantAgent(name, model_client=told(name), description=f"The {name}", system_message=words) for name, words in zip(names, ("You search files.", "You write code."))]
        await do(MagenticOneGroupChat(agents, model_client=told("<orchestrator>", kind="planner")), run, question)

    await at_once(recorder, one, count)


@case("magentic_one", "seen")
async def magentic_seen(recorder):
    await ledger(recorder, ("FileSurfer", "Coder"), "Count the lines.", 3)


@case("magentic_one_farm", "fresh")
async def magentic_fresh(recorder):
    await ledger(recorder, ("CowHerd", "MilkTester"), "How good is the milk?", 3)


async def default_prompts(recorder, names, question, count):
    async def one(run):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {names[0]: [call("measure", {"what": "it"}), text(prose.about("one")), text(prose.about("three"))], names[1]: [text(prose.about("two")), text("Agreed. TERMINATE")]})
        await do(round_robin_team(names), run, question)

    await at_once(recorder, one, count)


@case("round_robin_8_at_once", "seen")
async def round_robin_seen(recorder):
    await default_prompts(recorder, ("mason", "carpenter"), "Build a shed.", 8)


@case("round_robin_tailors", "fresh")
async def round_robin_fresh(recorder):
    await default_prompts(recorder, ("cutter", "seamstress"), "Make a coat.", 8)


async def choices(recorder, names, descriptions, question, count):
    async def one(run):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {
            "<selector>": [text(name) for name in (names[0], names[1], names[2], names[1], names[0])],
            names[0]: [text(prose.about("the steps")), text("All is done. TERMINATE")],
            names[1]: [text(prose.about("the first")), text(prose.about("the second"))],
            names[2]: [text(prose.about("the third"))],
        })
        await do(selected(names, descriptions), run, question)

    await at_once(recorder, one, count)


@case("selector_at_once", "seen")
async def selector_seen(recorder):
    await choices(recorder, ("lead_bot", "trail_finder", "map_maker"), ("leading", "finding trails", "making maps"), "A walk of two days.", 6)


@case("selector_orchestra", "fresh")
async def selector_fresh(recorder):
    await choices(recorder, ("conductor", "violinist", "drummer"), ("the whole", "strings", "rhythm"), "Play a waltz.", 6)


async def flows(recorder, names, question, count):
    """A graph: one writes, two edit side by side, one joins."""
    async def one(run):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {name: [text(prose.about(f"the part of {name}"))] for name in names})
        agents = [AssistantAgent(name, model_client=told(name), system_message=f"You do the work of the {name.replace('_', ' ')}.") for name in names]
        builder = DiGraphBuilder()
        for agent in agents:
            builder.add_node(agent)
        builder.add_edge(agents[0], agents[1]).add_edge(agents[0], agents[2]).add_edge(agents[1], agents[3]).add_edge(agents[2], agents[3])
        await do(GraphFlow(agents, builder.build()), run, question)

    await at_once(recorder, one, count)


@case("graph_flow", "seen")
async def flows_seen(recorder):
    await flows(recorder, ("writer", "grammar_editor", "style_editor", "final_reviewer"), "A paragraph on clouds.", 5)


@case("graph_flow_court", "fresh")
async def flows_fresh(recorder):
    await flows(recorder, ("clerk", "prosecutor", "defender", "judge"), "The case of the hat.", 5)


async def inner_teams(recorder, names, question, count):
    """An agent that is a team: its inner talk, then one answer from it, then the outer agent."""
    async def one(run):
        first, second, outer = names
        prose = Prose(first + run)
        recorder.script.add(run, {first: [text(prose.about("a draft"))], second: [text(prose.about("a critique") + " APPROVE")], "<summary>": [text(prose.about("the answer"))], outer: [text(prose.about("the translation"))]})
        inner = RoundRobinGroupChat([AssistantAgent(name, model_client=told(name), system_message=words) for name, words in zip(names, ("You write.", "You criticise. Respond with APPROVE when done."))], termination_condition=TextMentionTermination("APPROVE"))
        mind = SocietyOfMindAgent("society_of_mind", team=inner, model_client=told("<summary>", kind="summary"))
        last = AssistantAgent(outer, model_client=told(outer), system_message="Translate the text to Spanish.")
        await do(RoundRobinGroupChat([mind, last], termination_condition=MaxMessageTermination(3)), run, question)

    await at_once(recorder, one, count)


@case("society", "seen")
async def inner_seen(recorder):
    await inner_teams(recorder, ("draft_writer", "critic", "translator"), "A short story.", 4)


@case("society_songs", "fresh")
async def inner_fresh(recorder):
    await inner_teams(recorder, ("lyricist", "listener", "singer"), "A song.", 4)


if __name__ == "__main__":
    cases.main("autogen", "autogen-agentchat")
