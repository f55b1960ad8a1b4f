"""Strands: a swarm, a graph, agents as tools, a talk whose window slides.

Truth: every agent has a client object of its own around one pool of connections.
"""

import asyncio

from strands import Agent, tool
from strands.agent.conversation_manager import SlidingWindowConversationManager
from strands.models.openai import OpenAIModel
from strands.multiagent import GraphBuilder, Swarm

from record import case as cases
from record import clients
from record.case import case
from record.prose import Prose
from record.script import call, text
from record.truth import run as truth_run

cases.prepare()


@tool
def lookup(what: str) -> str:
    """Looks something up.

    Args:
        what: The thing.
    """
    return f"{what}: in order"


def agent(name: str, words: str, http, **more) -> Agent:
    model = OpenAIModel(client=clients.told(name, http), model_id="gpt-4.1-mini")
    return Agent(model=model, name=name, description=f"Is the {name}", system_prompt=words, callback_handler=None, load_tools_from_directory=False, **more)


async def at_once(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)
    http = clients.pool()
    await asyncio.gather(*(one(f"r{number}", http) for number in range(1, count + 1)))


async def swarm(recorder, names, question, count):
    first, second, third = names

    async def one(run, http):
        prose = Prose(first + run)
        pass_on = lambda who: call("handoff_to_agent", {"agent_name": who, "message": prose.about(f"what {who} must do", 1)}, to=who)  # noqa: E731
        recorder.script.add(run, {
            first: [call("lookup", {"what": run}), pass_on(second), text(prose.about("the rest"))],
            second: [pass_on(third), text(prose.about("the middle"))],
            third: [call("lookup", {"what": "it"}), text(prose.about("the end"))],
        })
        with truth_run(run):
            await Swarm([agent(name, f"You are the {name.replace('_', ' ')}.", http, tools=[lookup]) for name in names]).invoke_async(question)

    await at_once(recorder, one, count)


@case("swarm", "seen")
async def swarm_seen(recorder):
    await swarm(recorder, ("researcher", "architect", "coder"), "Make an API for a list of things to do.", 4)


@case("swarm_press", "fresh")
async def swarm_fresh(recorder):
    await swarm(recorder, ("news_scout", "news_editor", "news_checker"), "Today's front page.", 5)


async def graph(recorder, names, words, question, count):
    async def one(run, http):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {name: [text(prose.about(f"the part of {name}"))] for name in names})
        builder = GraphBuilder()
        for name, word in zip(names, words):
            builder.add_node(agent(name, word, http), name)
        for middle in names[1:-1]:
            builder.add_edge(names[0], middle)
            builder.add_edge(middle, names[-1])
        builder.set_entry_point(names[0])
        with truth_run(run):
            await builder.build().invoke_async(question)

    await at_once(recorder, one, count)


@case("graph", "seen")
async def graph_seen(recorder):
    await graph(recorder, ("research", "analysis", "fact_check", "report"), ("You research.", "You analyse.", "You check facts.", "You report."), "How are the oceans?", 6)


@case("graph_recipe", "fresh")
async def graph_fresh(recorder):
    await graph(recorder, ("shopper", "cook", "sommelier", "waiter"), ("You buy.", "You cook.", "You choose wine.", "You serve."), "Dinner for two.", 6)


async def as_tools(recorder, lead, names, question, count):
    async def one(run, http):
        prose = Prose(lead + run)
        workers = {name: agent(name, f"Answer as the {name.replace('_', ' ')}.", http) for name in names}

        def made(name):
            async def ask(query: str) -> str:
                return str(await workers[name].invoke_async(query))

            ask.__name__, ask.__doc__ = name, f"Asks the {name}.\n\nArgs:\n    query: The question."
            return tool(ask)

        recorder.script.add(run, {
            lead: [*(call(name, {"query": prose.about(f"a question for {name}", 1)}, to=name) for name in names), text(prose.about("all of it")), text(prose.about("one more thing"))],
            **{name: [text(prose.about(f"an answer by {name}"))] for name in names},
        })
        boss = agent(lead, "You answer with the help of your tools.", http, tools=[made(name) for name in names])
        with truth_run(run):
            await boss.invoke_async(question)
            await boss.invoke_async("Is that all?")

    await at_once(recorder, one, count)


@case("as_tools", "seen")
async def as_tools_seen(recorder):
    await as_tools(recorder, "orchestrator", ("research_assistant", "product_assistant"), "Which boots for the mountains?", 4)


@case("as_tools_zoo", "fresh")
async def as_tools_fresh(recorder):
    await as_tools(recorder, "zoo_director", ("vet", "keeper", "feed_store"), "How is the giraffe?", 4)


async def sliding(recorder, name, questions, count):
    async def one(run, http):
        prose = Prose(name + run)
        recorder.script.add(run, {name: [reply for question in questions for reply in (call("lookup", {"what": question}), text(prose.about("it")))]})
        talker = agent(name, "You talk about ships.", http, tools=[lookup], conversation_manager=SlidingWindowConversationManager(window_size=6))
        with truth_run(run):
            for question in questions:
                await talker.invoke_async(question)

    await at_once(recorder, one, count)


@case("sliding_window", "seen")
async def sliding_seen(recorder):
    await sliding(recorder, "ship_talker", ["What is a keel?", "And a mast?", "And a sail?", "And a rope?", "And a knot?"], 4)


@case("sliding_farm", "fresh")
async def sliding_fresh(recorder):
    await sliding(recorder, "farm_talker", ["What is a plough?", "And a barn?", "And a field?", "And a horse?"], 5)


if __name__ == "__main__":
    cases.main("strands", "strands-agents")
