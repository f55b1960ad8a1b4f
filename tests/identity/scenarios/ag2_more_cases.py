"""AG2 where it is harder: group chats, hand-overs and talks of two at once with the same words."""

import threading

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import text
from scenarios.ag2_cases import agent, goes_to, group, hand_over, in_pattern
from autogen.agentchat.group import TerminateTarget


def side_by_side(recorder, one, count):
    recorder.latency_s = (0.05, 0.3)

    def named(run):
        with truth.run(run):
            one(run)

    threads = [threading.Thread(target=named, args=(f"r{number}",)) for number in range(1, count + 1)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


def chats(recorder, names, words, task, count):
    def one(run):
        prose, (boss, first, second) = Prose(names[0] + run), names
        recorder.script.add(run, {
            "<selector>": [text(name) for name in (first, second, first, boss)],
            first: [text(prose.about("the plan")), text(prose.about("the better plan"))],
            second: [text(prose.about("what to improve"))],
            boss: [text("DONE, thank you. TERMINATE")],
        })
        members = [agent(name, word) for name, word in zip(names, words)]
        group(members, members[0], task)

    side_by_side(recorder, one, count)


@case("chats_at_once", "seen")
def chats_seen(recorder):
    chats(recorder, ("mayor", "town_planner", "town_critic"), ("You govern.", "You plan towns.", "You criticise towns."), "A new square.", 5)


@case("chats_bakers", "fresh")
def chats_fresh(recorder):
    chats(recorder, ("owner", "baker", "taster"), ("You own a bakery.", "You bake.", "You taste."), "A new bread.", 5)


def desks(recorder, names, words, count):
    def one(run):
        prose, (first, second, third) = Prose(names[0] + run), names
        recorder.script.add(run, {first: [hand_over(second)], second: [hand_over(third)], third: [text(prose.about("the bill"))]})
        agents = [agent(name, word) for name, word in zip(names, words)]
        goes_to(agents[0], agents[1], "First things")
        goes_to(agents[1], agents[2], "Second things")
        for each in agents:
            each.handoffs.set_after_work(TerminateTarget())
        in_pattern(agents, "It is broken and the bill is wrong.")

    side_by_side(recorder, one, count)


@case("handoffs_at_once", "seen")
def desks_seen(recorder):
    desks(recorder, ("door_agent", "repair_agent", "money_agent"), ("Open the door.", "Repair things.", "Count money."), 6)


@case("handoffs_station", "fresh")
def desks_fresh(recorder):
    desks(recorder, ("gate_agent", "train_agent", "refund_agent"), ("Open the gate.", "Know trains.", "Pay back."), 6)


def pairs(recorder, names, question, count):
    def one(run):
        prose, (first, second) = Prose(names[0] + run), names
        recorder.script.add(run, {first: [text(prose.about("the question")), text("Understood. TERMINATE")], second: [text(prose.about("the answer")), text(prose.about("the other answer"))]})
        asks, answers = agent(first, "You ask."), agent(second, "You explain.")
        asks.initiate_chat(answers, message=question, max_turns=4, silent=True)

    side_by_side(recorder, one, count)


@case("pairs_at_once", "seen")
def pairs_seen(recorder):
    pairs(recorder, ("apprentice", "master"), "How do I hold the saw?", 6)


@case("pairs_choir", "fresh")
def pairs_fresh(recorder):
    pairs(recorder, ("pupil", "choir_master"), "How do I sing high?", 6)


if __name__ == "__main__":
    cases.main("ag2", "ag2")
