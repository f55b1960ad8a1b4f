"""Microsoft Agent Framework: hand-overs, a group chat with an orchestrator, a sequence, agents as tools, a manager with a ledger.

Truth: every agent has a client object of its own around one pool of connections.
"""

import asyncio
import json

from agent_framework import Agent, tool
from agent_framework.openai import OpenAIChatClient, OpenAIChatCompletionClient
from agent_framework.orchestrations import ConcurrentBuilder, GroupChatBuilder, HandoffBuilder, MagenticBuilder, SequentialBuilder

from record import case as cases
from record import clients
from record.case import case
from record.prose import Prose
from record.script import call, text
from record.truth import run as truth_run

cases.prepare()


@tool
def lookup(what: str) -> str:
    """Looks something up."""
    return f"{what}: in order"


def agent(name: str, words: str, http, kind=OpenAIChatCompletionClient, **more) -> Agent:
    return Agent(client=kind(model="gpt-4.1-mini", async_client=clients.told(name, http)), instructions=words, name=name, description=f"Is the {name}", **more)


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    http = clients.pool()
    await asyncio.gather(*(one(f"r{number}", http) for number in range(1, count + 1)))


async def drain(workflow, message):
    async for _ in workflow.run(message, stream=True):
        pass


async def handoffs(recorder, names, words, question, count):
    front, second, third = names

    async def one(run, http):
        prose = Prose(front + run)
        recorder.script.add(run, {
            front: [call(f"handoff_to_{second}", to=second)],
            second: [call("lookup", {"what": run}), call(f"handoff_to_{third}", to=third)],
            third: [call("lookup", {"what": "money"}), text(prose.about("the money") + " GOODBYE")],
        })
        staff = [agent(name, word, http, tools=[lookup] if name != front else [], require_per_service_call_history_persistence=True) for name, word in zip(names, words)]
        builder = HandoffBuilder(name="desk", participants=staff, termination_condition=lambda talk: any("GOODBYE" in (message.text or "") for message in talk)).with_start_agent(staff[0])
        builder.add_handoff(staff[0], [staff[1], staff[2]]).add_handoff(staff[1], [staff[2]])
        with truth_run(run):
            await drain(builder.build(), question)

    await at_once(recorder, one, count)


@case("handoff", "seen")
async def handoff_seen(recorder):
    await handoffs(recorder, ("triage_agent", "order_agent", "return_agent"), ("You route customers.", "You know orders.", "You take things back."), "My order is broken.", 5)


@case("handoff_clinic", "fresh")
async def handoff_fresh(recorder):
    await handoffs(recorder, ("reception", "nurse", "billing"), ("You receive patients.", "You know what hurts.", "You send bills."), "I fell off my bike.", 6)


async def group(recorder, names, words, question, count):
    lead, first, second = names

    async def one(run, http):
        prose = Prose(lead + run)

        def pick(who, done=False):
            about = {"terminate": done, "reason": "it is their turn", "next_speaker": None if done else who, "final_message": "Done." if done else None}
            return text(json.dumps(about))

        recorder.script.add(run, {lead: [pick(first), pick(second), pick(first), pick("", True)], first: [text(prose.about("one side")), text(prose.about("the end"))], second: [text(prose.about("the other side"))]})
        with truth_run(run):
            chat = GroupChatBuilder(participants=[agent(first, words[1], http), agent(second, words[2], http)], orchestrator_agent=agent(lead, words[0], http), max_rounds=6)
            await drain(chat.build(), question)

    await at_once(recorder, one, count)


@case("group_chat", "seen")
async def group_seen(recorder):
    await group(recorder, ("Coordinator", "Researcher", "Writer"), ("You coordinate a talk.", "You collect facts.", "You write it up."), "Trams or buses?", 4)


@case("group_chat_jury", "fresh")
async def group_fresh(recorder):
    await group(recorder, ("Foreman", "Optimist", "Sceptic"), ("You lead the jury.", "You see the good.", "You see the bad."), "Guilty or not?", 4)


async def sequence(recorder, names, words, question, count, builder=SequentialBuilder, kind=OpenAIChatCompletionClient):
    async def one(run, http):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {name: [text(prose.about(f"the part of {name}"))] for name in names})
        with truth_run(run):
            await drain(builder(participants=[agent(name, word, http, kind) for name, word in zip(names, words)]).build(), question)

    await at_once(recorder, one, count)


@case("sequential", "seen")
async def sequential_seen(recorder):
    await sequence(recorder, ("writer", "reviewer", "translator"), ("You write one line.", "You review.", "You translate to Korean."), "A line for a bike.", 6)


@case("concurrent_responses", "seen")
async def concurrent_seen(recorder):
    await sequence(recorder, ("economist", "engineer", "lawyer"), ("Judge the money.", "Judge the steel.", "Judge the law."), "A bridge?", 4, ConcurrentBuilder, OpenAIChatClient)


@case("sequential_korean", "fresh")
async def sequential_fresh(recorder):
    await sequence(recorder, ("작가", "편집자", "교정자"), ("한 줄을 쓴다.", "편집한다.", "맞춤법을 고친다."), "자전거 광고 한 줄.", 6)


@case("concurrent_panel", "fresh")
async def concurrent_fresh(recorder):
    await sequence(recorder, ("biologist", "chemist", "poet"), ("Look at it as life.", "Look at it as matter.", "Look at it as song."), "Rain?", 5, ConcurrentBuilder)


async def as_tools(recorder, names, words, question, count):
    lead, first, second = names

    async def one(run, http):
        prose = Prose(lead + run)
        recorder.script.add(run, {
            lead: [call(first, {"task": prose.about("a first task", 1)}, to=first), call(second, {"task": prose.about("a second task", 1)}, to=second), text(prose.about("both"))],
            first: [call("lookup", {"what": "x"}), text(prose.about("the first"))],
            second: [text(prose.about("the second"))],
        })
        with truth_run(run):
            tools = [agent(name, word, http, tools=[lookup]).as_tool() for name, word in zip(names[1:], words[1:])]
            await agent(lead, words[0], http, tools=tools).run(question)

    await at_once(recorder, one, count)


@case("as_tools", "seen")
async def as_tools_seen(recorder):
    await as_tools(recorder, ("concierge", "weather_agent", "dinner_agent"), ("You help guests with your tools.", "You know the weather.", "You know where to eat."), "Plan my evening.", 4)


@case("as_tools_garden", "fresh")
async def as_tools_fresh(recorder):
    await as_tools(recorder, ("head_gardener", "soil_expert", "rose_expert"), ("You plan gardens with your tools.", "You know soil.", "You know roses."), "Plan my garden.", 5)


async def ledger(recorder, names, question, count):
    lead, first, second = names

    async def one(run, http):
        prose = Prose(lead + run)

        def progress(done, who):
            entry = lambda answer: {"reason": "so it is", "answer": answer}  # noqa: E731
            return text(json.dumps({"is_request_satisfied": entry(done), "is_in_loop": entry(False), "is_progress_being_made": entry(True), "next_speaker": entry(who), "instruction_or_question": entry(prose.about(f"a task for {who}", 1))}))

        recorder.script.add(run, {
            lead: [text(prose.about("the facts")), text(prose.about("the plan")), progress(False, first), progress(False, second), progress(True, first), text(prose.about("the end"))],
            first: [text(prose.about("what was found"))],
            second: [text(prose.about("what was built"))],
        })
        with truth_run(run):
            team = MagenticBuilder(participants=[agent(first, "You search.", http), agent(second, "You build.", http)], manager_agent=agent(lead, "You plan and lead.", http), max_round_count=6)
            await drain(team.build(), question)

    await at_once(recorder, one, count)


@case("magentic", "seen")
async def magentic_seen(recorder):
    await ledger(recorder, ("MagenticManager", "SearchAgent", "BuildAgent"), "Find and build it.", 3)


@case("magentic_ship", "fresh")
async def magentic_fresh(recorder):
    await ledger(recorder, ("Captain", "Navigator", "Carpenter"), "Bring the ship home.", 3)


if __name__ == "__main__":
    cases.main("agent_framework", "agent-framework-core")
