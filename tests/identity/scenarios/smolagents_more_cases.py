"""smolagents where it is harder: teams at once with the same tasks, by tools and by code, with planning."""

import threading

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.smolagents_cases import CodeAgent, ToolCallingAgent, answer, code, told, visit


def side_by_side(one, count):
    threads = [threading.Thread(target=one, args=(f"r{number}",)) for number in range(1, count + 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def teams(recorder, names, tasks, question, count):
    """The manager gives the same tasks in every run."""
    recorder.latency_s = (0.05, 0.3)
    first, second = names

    def one(run):
        prose = Prose(first + run)
        recorder.script.add(run, {
            "manager": [call(first, {"task": tasks[0]}, to=first), call(second, {"task": tasks[1]}, to=second), answer(prose.about("the end"))],
            first: [call("visit", {"place": "the market"}), answer(prose.about("the market"))],
            second: [answer(prose.about("the list"))],
        })
        workers = [ToolCallingAgent(tools=[visit], model=told(name), name=name, description=f"The {name}", verbosity_level=0, max_steps=4) for name in names]
        manager = ToolCallingAgent(tools=[], model=told("manager"), managed_agents=workers, verbosity_level=0, max_steps=6)
        with truth.run(run):
            manager.run(question)

    side_by_side(one, count)


@case("teams_at_once", "seen")
def teams_seen(recorder):
    teams(recorder, ("market_scout", "list_maker"), ("Go to the market.", "Make a list."), "What do we cook?", 6)


@case("teams_fleet", "fresh")
def teams_fresh(recorder):
    teams(recorder, ("fleet_spotter", "log_keeper"), ("Count the ships.", "Write the log."), "What is at sea?", 6)


def codes(recorder, worker, question, count, planning=None):
    recorder.latency_s = (0.05, 0.3)

    def one(run):
        prose = Prose(worker + run)
        told_code = lambda line, **more: text(f"Thought: {prose.about('the next step', 1)}\n<code>\n{line}\n</code>", **more)  # noqa: E731
        recorder.script.add(run, {
            "manager": [told_code(f'found = {worker}(task="Find the height of the tower.")\nprint(found)', handoff_to=worker), code(f'final_answer("{prose.about("it", 1)}")')],
            worker: [told_code('print(visit(place="the tower"))'), code(f'final_answer("{prose.about("the tower", 1)}")')],
        })
        inner = CodeAgent(tools=[visit], model=told(worker), name=worker, description="Looks things up", verbosity_level=0, max_steps=4)
        with truth.run(run):
            CodeAgent(tools=[], model=told("manager"), managed_agents=[inner], verbosity_level=0, max_steps=4).run(question)

    side_by_side(one, count)


@case("codes_at_once", "seen")
def codes_seen(recorder):
    codes(recorder, "tower_finder", "How high is the tower?", 6)


@case("codes_bridge", "fresh")
def codes_fresh(recorder):
    codes(recorder, "bridge_finder", "How long is the bridge?", 6)


if __name__ == "__main__":
    cases.main("smolagents", "smolagents")
