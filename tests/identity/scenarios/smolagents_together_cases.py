"""smolagents: managers one after the other, and at once with the same and with other inputs; workers asked side by side."""

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.smolagents_cases import ToolCallingAgent, answer, told, visit
from scenarios.smolagents_more_cases import side_by_side

NAMES = ("map_reader", "bell_ringer")


def script(run, tasks):
    prose, (first, second) = Prose("tower" + run), NAMES
    return {
        "manager": [calls((first, {"task": tasks[0]}), (second, {"task": tasks[1]}), to=[first, second]), answer(prose.about("the tour"))],
        first: [call("visit", {"place": "the hill"}), answer(prose.about("the map"))],
        second: [answer(prose.about("the bell"))],
    }


def go(run, question):
    workers = [ToolCallingAgent(tools=[visit], model=told(name), name=name, description=f"The {name}", verbosity_level=0, max_steps=4) for name in NAMES]
    with truth.run(run):
        ToolCallingAgent(tools=[], model=told("manager"), managed_agents=workers, verbosity_level=0, max_steps=6).run(question)


@case("teams_for_each", "seen")
def teams_for_each(recorder):
    for number, town in enumerate(("Ulm", "Gent", "Ulm"), 1):
        recorder.script.add(f"r{number}", script(f"r{number}", (f"Read the map of {town}.", f"Ring the bell of {town}.")))
        go(f"r{number}", f"A tour of {town}.")


@case("teams_same_and_other", "seen")
def teams_same_and_other(recorder):
    recorder.latency_s = (0.02, 0.25)
    towns = {"r1": "Brno", "r2": "Brno", "r3": "Brno", "r4": "Porto"}
    for run, town in towns.items():
        recorder.script.add(run, script(run, (f"Read the map of {town}.", "Ring the bell twice.")))

    def one(run):
        go(run, f"A tour of {towns[run]}.")

    side_by_side(one, len(towns))


if __name__ == "__main__":
    cases.main("smolagents", "smolagents")
