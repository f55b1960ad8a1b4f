"""No framework, where it is harder: people in one chat program, routers, maps and reduces, sub-agents by a `Task` tool, compaction."""

import json
import random

from anthropic import Anthropic
from openai import OpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.plain_cases import TOOLS, loop, side_by_side

def chats(recorder, agent, system, people, questions, keep=None, stated=False):
    """One program, one client, many people: every turn of everybody is the same words, answers differ. A run is one talk."""
    client, histories = OpenAI(), {}
    order = random.Random(agent)
    for number in range(1, people + 1):
        run, prose = f"r{number:02}", Prose(f"{agent}{number}")
        recorder.script.add(run, {agent: [text(prose.about("this", 1)) for _ in questions]})
        histories[run] = [{"role": "system", "content": system}]
    for question in questions:
        runs = list(histories)
        order.shuffle(runs)

        def ask(run, question=question):
            history = histories[run]
            history.append({"role": "user", "content": question})
            sent = history if keep is None else [history[0], *history[1:][-keep:]]
            more = {"user": f"person-{run}"} if stated else {}
            with truth.run(run), truth.agent(agent):
                answer = client.chat.completions.create(model="gpt-4.1-mini", messages=sent, **more)
            history.append({"role": "assistant", "content": answer.choices[0].message.content})

        side_by_side(*(lambda run=run: ask(run) for run in runs))


@case("chat_20_people", "seen")
def chat_seen(recorder):
    chats(recorder, "concierge", "You are the concierge of a hotel. Be brief.", 20, ["Hello", "When is breakfast?", "Thanks"])


@case("chat_trimmed_people", "seen")
def chat_trimmed(recorder):
    chats(recorder, "tutor", "You teach fractions.", 8, ["Hi", "What is a half?", "And a third?", "Which is more?", "Why?"], keep=3)


@case("chat_stated_people", "seen")
def chat_stated(recorder):
    """The program forgets everything: only `user` says who asks again."""
    chats(recorder, "oracle", "You answer in one line.", 6, ["What is rain?", "What is snow?", "What is hail?"], keep=1, stated=True)


@case("chat_bank_people", "fresh")
def chat_fresh(recorder):
    chats(recorder, "teller", "You work at a bank counter. Never give advice.", 20, ["Hello", "What does an account cost?", "OK", "Bye"])


@case("chat_trimmed_korean", "fresh")
def chat_trimmed_fresh(recorder):
    chats(recorder, "도우미", "당신은 도우미입니다. 짧게 답하세요.", 8, ["안녕하세요", "오늘 뭐 먹을까요?", "다른 것은요?", "매운 것은요?", "고마워요"], keep=3)


@case("chat_stated_fresh", "fresh")
def chat_stated_fresh(recorder):
    chats(recorder, "dictionary", "You explain words.", 7, ["What is a keel?", "What is a mast?", "What is a sail?"], keep=1, stated=True)


def one_shot(client, agent, run, system, task, **more):
    with truth.run(run), truth.agent(agent):
        return client.chat.completions.create(model="gpt-4.1-mini", messages=[{"role": "system", "content": system}, {"role": "user", "content": task}], **more).choices[0].message.content


def routed(recorder, names, words, question, count):
    """A classifier chooses who answers; the question goes to the chosen one unchanged; all runs ask the same."""
    client = OpenAI()
    router, *experts = names

    def one(number):
        run, chosen = f"r{number}", experts[number % len(experts)]
        recorder.script.add(run, {router: [text(json.dumps({"category": chosen}))], chosen: [text(Prose(f"{router}{number}").about("the answer"))]})
        schema = {"type": "json_schema", "json_schema": {"name": "Category", "schema": {"type": "object", "properties": {"category": {"type": "string", "enum": list(experts)}}, "required": ["category"], "additionalProperties": False}, "strict": True}}
        category = json.loads(one_shot(client, router, run, words[0], question, response_format=schema))["category"]
        one_shot(client, category, run, words[1 + experts.index(category)], question)

    side_by_side(*(lambda number=number: one(number) for number in range(1, count + 1)))


@case("router", "seen")
def router_seen(recorder):
    routed(recorder, ("classifier", "billing", "technical"), ("Classify the question.", "You are the billing assistant.", "You are the technical assistant."), "My bill is wrong and my line is dead.", 8)


@case("router_pets", "fresh")
def router_fresh(recorder):
    routed(recorder, ("sorter", "cats", "dogs"), ("Say whether it is about cats or dogs.", "You know everything about cats.", "You know everything about dogs."), "It does not eat.", 8)


def map_reduce(recorder, names, words, parts, runs):
    """One answers for each part side by side, another joins them; then the joined text is checked against every part."""
    client = OpenAI()
    mapper, reducer = names

    def one(run):
        prose = Prose(mapper + run)
        recorder.script.add(run, {mapper: [text(prose.about(part)) for part in parts], reducer: [text(prose.about("all of it"))]})
        found: dict = {}

        def do(part):
            found[part] = one_shot(client, mapper, run, words[0], f"Part of {run[0]}: {part}")

        side_by_side(*(lambda part=part: do(part) for part in parts))
        one_shot(client, reducer, run, words[1], "\n\n".join(found[part] for part in parts))

    side_by_side(*(lambda number=number: one(f"r{number}") for number in range(1, runs + 1)))


@case("map_reduce", "seen")
def map_reduce_seen(recorder):
    map_reduce(recorder, ("summarizer", "joiner"), ("Summarise the part.", "Join the summaries."), ["chapter one", "chapter two", "chapter three"], 5)


@case("map_reduce_reviews", "fresh")
def map_reduce_fresh(recorder):
    map_reduce(recorder, ("grader", "dean"), ("Grade the essay.", "Write the report from the grades."), ["essay A", "essay B", "essay C"], 5)


def coder_tools(names):
    return [
        {"name": "Task", "description": "Launch a new agent to handle complex, multi-step tasks. Available agent types: " + ", ".join(names), "input_schema": {"type": "object", "properties": {"description": {"type": "string"}, "prompt": {"type": "string"}, "subagent_type": {"type": "string"}}, "required": ["description", "prompt", "subagent_type"]}},
        {"name": "Read", "description": "Reads a file", "input_schema": {"type": "object", "properties": {"file_path": {"type": "string"}}}},
        {"name": "Bash", "description": "Runs a command", "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}}},
    ]


def coder(client, agent, run, system, task, tools, spawn=None, remind=""):
    """A loop over the messages dialect: parallel sub-agents, reminders put into the last user message, caching marks that move."""
    messages = [{"role": "user", "content": [{"type": "text", "text": f"<system-reminder>\nToday's date is 2026-11-21.\n{remind}</system-reminder>"}, {"type": "text", "text": task}]}]
    with truth.run(run), truth.agent(agent):
        while True:
            sent = json.loads(json.dumps(messages))
            sent[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
            answer = client.messages.create(model="claude-sonnet-4-5", max_tokens=2000, system=[{"type": "text", "text": "You are an interactive CLI tool."}, {"type": "text", "text": system}], messages=sent, tools=tools)
            blocks = [{name: value for name, value in block.model_dump().items() if name in ("type", "text", "id", "name", "input")} for block in answer.content]
            messages.append({"role": "assistant", "content": blocks})
            used = [block for block in blocks if block["type"] == "tool_use"]
            if not used:
                return blocks[0]["text"]
            results = {}

            def use(block):
                results[block["id"]] = spawn(block["input"]) if block["name"] == "Task" else f"{block['name']} said: ok {len(run)}"

            side_by_side(*(lambda block=block: use(block) for block in used))
            messages.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": block["id"], "content": [{"type": "text", "text": results[block["id"]]}]} for block in used]})


def coders(recorder, lead, workers, task, count):
    client = Anthropic()

    def one(run):
        prose = Prose(lead + run)
        asked = lambda who: ("Task", {"description": "a look", "prompt": prose.about(f"what {who} must do", 1), "subagent_type": who})  # noqa: E731
        recorder.script.add(run, {
            lead: [call("Read", {"file_path": "main.c"}), calls(asked(workers[0]), asked(workers[1]), to=list(workers)), call(*asked(workers[0]), to=workers[0]), text(prose.about("the fix"))],
            workers[0]: [call("Bash", {"command": "ls"}), text(prose.about("the files")), text(prose.about("more files"))],
            workers[1]: [text(prose.about("the plan"))],
        })
        coder(client, lead, run, "You help users with software engineering.", task, coder_tools(workers), remind="You can delegate.",
              spawn=lambda told: coder(client, told["subagent_type"], run, f"You are an agent for a CLI tool. You are a specialist: {told['subagent_type']}.", told["prompt"], coder_tools(workers)[1:]))

    side_by_side(*(lambda number=number: one(f"r{number}") for number in range(1, count + 1)))


@case("coder_tasks", "seen")
def coder_tasks(recorder):
    coders(recorder, "main-loop", ("code-explorer", "planner-bot"), "Fix the crash on start.", 3)


@case("coder_docs", "fresh")
def coder_docs(recorder):
    coders(recorder, "main-agent", ("doc-writer", "link-checker"), "Document the module.", 3)


def compacted(recorder, agent, system, count):
    """A long loop whose history is replaced by a summary that the agent itself wrote when asked."""
    client = OpenAI()

    def one(run):
        prose = Prose(agent + run)
        recorder.script.add(run, {agent: [*(call("search", {"what": f"part {turn}"}) for turn in range(3)), text("Half done. " + prose.about("it")), call("read_file", {"what": "the rest"}), text(prose.about("the end"))],
                                  "<summary>": [text(prose.about("the work so far", 3))]})
        messages = [{"role": "system", "content": system}, {"role": "user", "content": "Move the module."}]

        def step():
            with truth.agent(agent):
                answer = client.chat.completions.create(model="gpt-4.1", messages=messages, tools=TOOLS).choices[0].message.model_dump(exclude_none=True, include={"role", "content", "tool_calls"})
            messages.append(answer)
            for made in answer.get("tool_calls") or []:
                messages.append({"role": "tool", "tool_call_id": made["id"], "content": "2 files"})
            return bool(answer.get("tool_calls"))

        with truth.run(run):
            while step():
                pass
            with truth.agent("<summary>", kind="summary", on_behalf_of=agent):
                ask = "Your task is to create a detailed summary of the conversation so far, paying close attention to the user's explicit requests."
                short = client.chat.completions.create(model="gpt-4.1", messages=[*messages, {"role": "user", "content": ask}]).choices[0].message.content
            messages[1:] = [{"role": "user", "content": f"This session is being continued from a previous conversation that ran out of context. The conversation is summarized below:\n{short}"}]
            while step():
                pass

    side_by_side(*(lambda number=number: one(f"r{number}") for number in range(1, count + 1)))


@case("compaction", "seen")
def compaction_seen(recorder):
    compacted(recorder, "mover", "You are a coding agent.", 4)


@case("compaction_fresh", "fresh")
def compaction_fresh(recorder):
    compacted(recorder, "refactorer", "You change code in small steps. Never explain.", 5)


def debate(recorder, names, topic, count):
    """Two personas of one program talk: each has the other's words as the user's. Every persona is told its name."""
    client = OpenAI()

    def one(run):
        prose, said = Prose(names[0] + run), []
        recorder.script.add(run, {name: [text(prose.about(f"{topic} by {name}")) for _ in range(3)] for name in names})
        with truth.run(run):
            for turn in range(6):
                name = names[turn % 2]
                history = [{"role": "system", "content": f"# Identity\nYou are **{name}**, one of two speakers in a debate.\n\n# Style\nShort."}, {"role": "user", "content": f"The topic is {topic}."}]
                history += [{"role": "assistant" if at % 2 == turn % 2 else "user", "content": words} for at, words in enumerate(said)]
                with truth.agent(name):
                    said.append(client.chat.completions.create(model="gpt-4.1-mini", messages=history).choices[0].message.content)

    side_by_side(*(lambda number=number: one(f"r{number}") for number in range(1, count + 1)))


@case("debate", "seen")
def debate_seen(recorder):
    debate(recorder, ("Ada", "Grace"), "compilers", 4)


@case("debate_fresh", "fresh")
def debate_fresh(recorder):
    debate(recorder, ("지훈", "서연"), "바다", 4)


if __name__ == "__main__":
    cases.main("plain", None)
