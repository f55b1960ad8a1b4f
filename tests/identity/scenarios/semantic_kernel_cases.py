"""Semantic Kernel: hand-overs, a group chat in turns, agents as plugins, a thread that goes on.

Truth: every agent has a client object of its own around one pool of connections.
"""

import asyncio

from semantic_kernel.agents import ChatCompletionAgent, ChatHistoryAgentThread, GroupChatOrchestration, HandoffOrchestration, OrchestrationHandoffs, RoundRobinGroupChatManager, SequentialOrchestration
from semantic_kernel.agents.runtime import InProcessRuntime
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.functions import kernel_function

from record import case as cases
from record import clients
from record.case import case
from record.prose import Prose
from record.script import call, text
from record.truth import run as truth_run

cases.prepare()


class Desk:
    @kernel_function(description="Looks something up.")
    def lookup(self, what: str) -> str:
        return f"{what}: in order"


def agent(name, words, http, plugins=()):
    service = OpenAIChatCompletion(ai_model_id="gpt-4.1-mini", async_client=clients.told(name, http))
    return ChatCompletionAgent(service=service, name=name, description=f"Is the {name}", instructions=words, plugins=list(plugins))


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    http = clients.pool()
    await asyncio.gather(*(one(f"r{number}", http) for number in range(1, count + 1)))


async def orchestrate(orchestration, task):
    runtime = InProcessRuntime()
    runtime.start()
    result = await orchestration.invoke(task=task, runtime=runtime)
    await result.get(timeout=60)
    await runtime.stop_when_idle()


async def handoffs(recorder, names, words, question, count):
    first, second, third = names

    async def one(run, http):
        prose = Prose(first + run)
        to = lambda who: call(f"Handoff-transfer_to_{who}", to=who)  # noqa: E731
        recorder.script.add(run, {
            first: [to(second)],
            second: [call("Desk-lookup", {"what": run}), to(third)],
            third: [call("Desk-lookup", {"what": "money"}), call("Handoff-complete_task", {"task_summary": prose.about("the money")})],
        })
        staff = [agent(name, word, http, [Desk()] if name != first else []) for name, word in zip(names, words)]
        links = OrchestrationHandoffs().add(staff[0], staff[1]).add(staff[1], staff[2])
        with truth_run(run):
            await orchestrate(HandoffOrchestration(members=staff, handoffs=links), question)

    await at_once(recorder, one, count)


@case("handoff", "seen")
async def handoff_seen(recorder):
    await handoffs(recorder, ("TriageAgent", "OrderStatusAgent", "RefundAgent"), ("Route.", "Say where orders are.", "Pay back."), "My order is late.", 5)


@case("handoff_forest", "fresh")
async def handoff_fresh(recorder):
    await handoffs(recorder, ("Ranger", "Woodcutter", "Forester"), ("Receive.", "Cut.", "Plant."), "A tree fell.", 5)


async def rounds(recorder, names, words, question, count):
    first, second = names

    async def one(run, http):
        prose = Prose(first + run)
        recorder.script.add(run, {name: [text(prose.about(name)) for _ in range(2)] for name in names})
        chat = GroupChatOrchestration(members=[agent(name, word, http) for name, word in zip(names, words)], manager=RoundRobinGroupChatManager(max_rounds=4))
        with truth_run(run):
            await orchestrate(chat, question)

    await at_once(recorder, one, count)


@case("group_chat", "seen")
async def rounds_seen(recorder):
    await rounds(recorder, ("Copywriter", "Reviewer"), ("You write slogans.", "You review slogans."), "A slogan for a car.", 5)


@case("group_chat_museum", "fresh")
async def rounds_fresh(recorder):
    await rounds(recorder, ("Curator", "Visitor"), ("You explain.", "You ask."), "This picture.", 5)


async def plugins(recorder, lead, names, question, count):
    async def one(run, http):
        prose = Prose(lead + run)
        first, second = names
        recorder.script.add(run, {
            lead: [call(f"{first}-{first}", {"messages": prose.about("a first task", 1)}, to=first), call(f"{second}-{second}", {"messages": prose.about("a second task", 1)}, to=second), text(prose.about("both")), text(prose.about("more"))],
            first: [text(prose.about("the first"))],
            second: [text(prose.about("the second"))],
        })
        boss = agent(lead, "Use your agents.", http, [agent(name, f"You are good at {name}.", http) for name in names])
        with truth_run(run):
            thread = ChatHistoryAgentThread()
            await boss.get_response(messages=question, thread=thread)
            await boss.get_response(messages="Is that all?", thread=thread)

    await at_once(recorder, one, count)


@case("plugins", "seen")
async def plugins_seen(recorder):
    await plugins(recorder, "FrontAgent", ("BillingAgent", "TechAgent"), "My bill and my line.", 4)


@case("plugins_stable", "fresh")
async def plugins_fresh(recorder):
    await plugins(recorder, "StableHand", ("Farrier", "Saddler"), "The horse is lame.", 4)


async def sequence(recorder, names, words, question, count):
    async def one(run, http):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {name: [text(prose.about(name))] for name in names})
        with truth_run(run):
            await orchestrate(SequentialOrchestration(members=[agent(name, word, http) for name, word in zip(names, words)]), question)

    await at_once(recorder, one, count)


@case("sequential", "seen")
async def sequence_seen(recorder):
    await sequence(recorder, ("ConceptExtractor", "Marketer", "Proofreader"), ("Extract.", "Sell.", "Correct."), "A bottle that keeps water cold.", 6)


@case("sequential_korean", "fresh")
async def sequence_fresh(recorder):
    await sequence(recorder, ("Extractor", "Seller", "Corrector"), ("추려낸다.", "광고를 쓴다.", "고친다."), "물을 차게 두는 병.", 6)


if __name__ == "__main__":
    cases.main("semantic_kernel", "semantic-kernel")
