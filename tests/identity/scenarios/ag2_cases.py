"""AG2: a group chat with its own selector, hand-overs in a group, two agents that talk to each other.

Truth: the agent that generates a reply says who it is; the client library makes the call inside.
"""

import functools
import os

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from autogen import ConversableAgent, GroupChat, GroupChatManager, LLMConfig  # noqa: E402
from autogen.agentchat import initiate_group_chat  # noqa: E402
from autogen.agentchat.group import AgentTarget, OnCondition, StringLLMCondition, TerminateTarget  # noqa: E402
from autogen.agentchat.group.patterns import DefaultPattern  # noqa: E402

_reply = ConversableAgent._generate_oai_reply_from_client
INTERNAL = {"speaker_selection_agent": ("<selector>", {"kind": "selector"})}


@functools.wraps(_reply)
def _told(self, *args, **kwargs):
    name, about = INTERNAL.get(self.name, (self.name, {}))
    with truth.agent(name, **about):
        return _reply(self, *args, **kwargs)


ConversableAgent._generate_oai_reply_from_client = _told


def config():
    return LLMConfig({"model": "gpt-4.1-mini", "api_key": cases.KEY, "base_url": os.environ["OPENAI_BASE_URL"], "cache_seed": None})


def agent(name: str, system: str, **more) -> ConversableAgent:
    return ConversableAgent(name, system_message=system, llm_config=config(), human_input_mode="NEVER", is_termination_msg=lambda message: "TERMINATE" in (message.get("content") or ""), **more)


def group(members, first, task):
    chat = GroupChat(agents=members, messages=[], max_round=8, speaker_selection_method="auto")
    manager = GroupChatManager(groupchat=chat, llm_config=config(), is_termination_msg=lambda message: "TERMINATE" in (message.get("content") or ""))
    first.initiate_chat(manager, message=task, silent=True)


@case("group_chat", "seen")
def group_chat(recorder):
    for run in ("r1", "r2"):
        prose = Prose("ag2" + run)
        recorder.script.add(run, {
            "<selector>": [text(name) for name in ("lesson_planner", "lesson_reviewer", "lesson_planner", "teacher")],
            "lesson_planner": [text(prose.about("the lesson")), text(prose.about("the better lesson"))],
            "lesson_reviewer": [text(prose.about("what to improve"))],
            "teacher": [text("DONE, thank you. TERMINATE")],
        })
        members = [agent("teacher", "You teach fourth grade."), agent("lesson_planner", "You plan lessons."), agent("lesson_reviewer", "You review lessons.")]
        with truth.run(run):
            group(members, members[0], "A lesson about the solar system.")


@case("group_chat_small", "unseen")
def group_chat_small(recorder):
    prose = Prose("ag2small")
    recorder.script.add("r1", {"<selector>": [text("tailor"), text("cutter"), text("tailor")], "tailor": [text(prose.about("the coat")), text("It fits. TERMINATE")], "cutter": [text(prose.about("the cloth"))]})
    members = [agent("customer_rep", "You speak for the customer."), agent("tailor", "You sew."), agent("cutter", "You cut cloth.")]
    with truth.run("r1"):
        group(members, members[0], "A coat, please.")


def in_pattern(agents, task):
    initiate_group_chat(pattern=DefaultPattern(initial_agent=agents[0], agents=agents), messages=task, max_rounds=14)


def goes_to(source, target, when):
    source.handoffs.add_llm_conditions([OnCondition(target=AgentTarget(target), condition=StringLLMCondition(prompt=when))])


def hand_over(target, number=1):
    return call(f"transfer_to_{target}_{number}", to=target)


@case("handoffs", "seen")
def handoffs(recorder):
    for run in ("r1", "r2"):
        prose = Prose("ag2h" + run)
        recorder.script.add(run, {"triage_agent": [hand_over("tech_agent")], "tech_agent": [hand_over("billing_agent")], "billing_agent": [text(prose.about("the bill"))]})
        triage, tech, billing = agent("triage_agent", "Route the customer."), agent("tech_agent", "Solve technical problems."), agent("billing_agent", "Solve billing problems.")
        goes_to(triage, tech, "Technical problems")
        goes_to(tech, billing, "Bills")
        for each in (triage, tech, billing):
            each.handoffs.set_after_work(TerminateTarget())
        with truth.run(run):
            in_pattern([triage, tech, billing], f"My router {run} is broken and the bill is wrong.")


@case("handoffs_museum", "unseen")
def handoffs_museum(recorder):
    prose = Prose("museum")
    recorder.script.add("r1", {"door": [hand_over("guide")], "guide": [hand_over("shop"), text(prose.about("the paintings"))], "shop": [hand_over("guide")]})
    door, guide, shop = agent("door", "You welcome."), agent("guide", "You show paintings."), agent("shop", "You sell postcards.")
    goes_to(door, guide, "Wants to see paintings")
    goes_to(guide, shop, "Wants to buy")
    goes_to(shop, guide, "Wants to see more")
    for each in (door, guide, shop):
        each.handoffs.set_after_work(TerminateTarget())
    with truth.run("r1"):
        in_pattern([door, guide, shop], "Paintings, then postcards, then paintings.")


@case("two_agents", "seen")
def two_agents(recorder):
    prose = Prose("two")
    recorder.script.add("r1", {"student": [text(prose.about("the question")), text("Understood. TERMINATE")], "tutor": [text(prose.about("the answer")), text(prose.about("the other answer"))]})
    student, tutor = agent("student", "You ask."), agent("tutor", "You explain.")
    with truth.run("r1"):
        student.initiate_chat(tutor, message="What is a prime number?", max_turns=4, silent=True)


if __name__ == "__main__":
    cases.main("ag2", "ag2")
