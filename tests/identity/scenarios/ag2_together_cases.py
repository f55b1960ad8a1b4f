"""AG2: group chats and hand-overs one after the other, and at once with the same and with other words."""

import threading

from autogen.agentchat.group import TerminateTarget

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import text
from scenarios.ag2_cases import agent, goes_to, group, hand_over, in_pattern

NAMES, WORDS = ("captain", "navigator", "stoker"), ("You command.", "You find the way.", "You keep the fire.")


def chat(recorder, run, task):
    prose, (boss, first, second) = Prose("ship" + run), NAMES
    recorder.script.add(run, {
        "<selector>": [text(name) for name in (first, second, boss)],
        first: [text(prose.about("the way"))],
        second: [text(prose.about("the fire"))],
        boss: [text("DONE, thank you. TERMINATE")],
    })
    members = [agent(name, word) for name, word in zip(NAMES, WORDS)]
    with truth.run(run):
        group(members, members[0], task)


def desk(recorder, run, task):
    prose, (first, second) = Prose("post" + run), ("counter_agent", "parcel_agent")
    recorder.script.add(run, {first: [hand_over(second)], second: [text(prose.about("the parcel"))]})
    agents = [agent(first, "You stand at the counter."), agent(second, "You look for parcels.")]
    goes_to(agents[0], agents[1], "Parcels")
    for each in agents:
        each.handoffs.set_after_work(TerminateTarget())
    with truth.run(run):
        in_pattern(agents, task)


def side_by_side(recorder, one, tasks):
    recorder.latency_s = (0.02, 0.25)
    threads = [threading.Thread(target=one, args=(recorder, f"r{number}", task)) for number, task in enumerate(tasks, 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@case("chats_for_each", "seen")
def chats_for_each(recorder):
    for number, task in enumerate(("To Oslo.", "To Bergen.", "To Oslo."), 1):
        chat(recorder, f"r{number}", task)


@case("chats_same_and_other", "seen")
def chats_same_and_other(recorder):
    side_by_side(recorder, chat, ("To Kiel.", "To Kiel.", "To Riga.", "To Turku."))


@case("desks_for_each", "seen")
def desks_for_each(recorder):
    for number, task in enumerate(("Where is parcel 5?", "Where is parcel 6?", "Where is parcel 5?"), 1):
        desk(recorder, f"r{number}", task)


@case("desks_other_words", "seen")
def desks_other_words(recorder):
    side_by_side(recorder, desk, ("Where is parcel 7?", "Where is parcel 8?", "Where is parcel 9?", "Where is parcel 10?"))


if __name__ == "__main__":
    cases.main("ag2", "ag2")
