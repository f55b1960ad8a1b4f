"""No framework: loops around the providers' SDKs, retries by an SDK, several programs on one key."""

import asyncio
import datetime
import json
import random
import threading
import uuid

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, error, text

cases.prepare()

from anthropic import Anthropic  # noqa: E402
from openai import AsyncOpenAI, OpenAI  # noqa: E402

TOOLS = [{"type": "function", "function": {"name": name, "description": about, "parameters": {"type": "object", "properties": {"what": {"type": "string"}}, "required": ["what"]}}}
         for name, about in {"read_file": "Reads a file", "run_tests": "Runs the tests", "search": "Searches the code"}.items()]


def result_of(name: str, arguments: str, run: str) -> str:
    return f"{name} {json.loads(arguments)['what']}: 3 results ({len(run)})"


def loop(client, agent: str, run: str, system: str, task: str, tools=TOOLS, stream=False, model="gpt-4.1-mini", keep=None) -> str:
    """The loop everybody writes. `keep`: only so many newest messages are sent."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": task}]
    with truth.run(run), truth.agent(agent):
        while True:
            sent = messages if keep is None else messages[:2] + _newest(messages[2:], keep)
            more = {"tools": tools} if tools else {}
            if stream:
                answer = _joined(client.chat.completions.create(model=model, messages=sent, stream=True, stream_options={"include_usage": True}, **more))
            else:
                answer = client.chat.completions.create(model=model, messages=sent, **more).choices[0].message.model_dump(exclude_none=True)
            messages.append({name: answer[name] for name in ("role", "content", "tool_calls") if name in answer})
            if not answer.get("tool_calls"):
                return answer["content"]
            for made in answer["tool_calls"]:
                messages.append({"role": "tool", "tool_call_id": made["id"], "content": result_of(made["function"]["name"], made["function"]["arguments"], run)})


def _newest(messages, keep):
    kept = messages[-keep:]
    while kept and kept[0]["role"] != "assistant":
        kept = kept[1:]
    return kept


def _joined(stream) -> dict:
    answer: dict = {"role": "assistant"}
    for chunk in stream:
        for choice in chunk.choices:
            if choice.delta.content:
                answer["content"] = answer.get("content", "") + choice.delta.content
            for made in choice.delta.tool_calls or []:
                listed = answer.setdefault("tool_calls", [])
                if made.index == len(listed):
                    listed.append({"id": made.id, "type": "function", "function": {"name": made.function.name, "arguments": ""}})
                listed[made.index]["function"]["arguments"] += made.function.arguments or ""
    return answer


def work(prose: Prose, turns: int):
    names = ["search", "read_file", "run_tests"]
    return [*(call(names[turn % 3], {"what": f"part {turn} of {prose.about('it', 1).split('.')[0]}"}) for turn in range(turns)), text(prose.about("the change"))]


def side_by_side(*jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@case("loop", "seen")
def plain_loop(recorder):
    recorder.script.add("r1", {"coder": work(Prose("loop"), 5)})
    loop(OpenAI(), "coder", "r1", "You are a coding assistant.", "Fix the failing test.")


@case("loop_streamed", "unseen")
def plain_loop_streamed(recorder):
    recorder.script.add("r1", {"reviewer": work(Prose("review"), 4)})
    loop(OpenAI(), "reviewer", "r1", "Review code. Be brief.", "Review the last commit.", stream=True)


@case("interleaved", "seen")
def interleaved(recorder):
    """Four programs on one key and one client: two with the same prompt and the same task, two others."""
    client, code, sums = OpenAI(), "You are a coding assistant.", "You check invoices."
    for run, agent in {"r1": "coder", "r2": "coder", "r3": "auditor", "r4": "coder"}.items():
        recorder.script.add(run, {agent: work(Prose("inter" + run), 4)})
    side_by_side(
        lambda: loop(client, "coder", "r1", code, "Fix the failing test."),
        lambda: loop(client, "coder", "r2", code, "Fix the failing test."),
        lambda: loop(client, "auditor", "r3", sums, "Check invoice 77."),
        lambda: loop(client, "coder", "r4", code, "Rename the module."),
    )


@case("interleaved_mixed", "unseen")
def interleaved_mixed(recorder):
    """Six runs on one client, three of them with the same task; some streamed, one trimmed."""
    client, words = OpenAI(), "You plan gardens. Ask nothing."
    for number in range(1, 7):
        agent = "gardener" if number <= 4 else "florist"
        recorder.script.add(f"r{number}", {agent: work(Prose(f"mix{number}"), 3 + number % 3)})
    jobs = [lambda n=n: loop(client, "gardener", f"r{n}", words, "Plan a garden of 40 square metres.", stream=n == 2, keep=4 if n == 3 else None) for n in (1, 2, 3)]
    jobs.append(lambda: loop(client, "gardener", "r4", words, "Plan a roof garden."))
    jobs += [lambda n=n: loop(client, "florist", f"r{n}", "You choose flowers.", f"Flowers for table {n}.") for n in (5, 6)]
    side_by_side(*jobs)


@case("retries", "seen")
def retries(recorder):
    """The SDK tries again after 429 and 500; two runs with the same question at once."""
    for run in ("r1", "r2"):
        prose = Prose("retry" + run)
        recorder.script.add(run, {"coder": [error(429), error(500), call("search", {"what": "bug"}), error(503), text(prose.about("the bug"))]})
    client = OpenAI(max_retries=3)
    side_by_side(*(lambda run=run: loop(client, "coder", run, "You are a coding assistant.", "Find the bug.") for run in ("r1", "r2")))


@case("retries_anthropic", "unseen")
def retries_anthropic(recorder):
    prose = Prose("retry-a")
    recorder.script.add("r1", {"librarian": [error(529), text(prose.about("books")), error(500), error(500), text(prose.about("more books"))]})
    messages_loop(Anthropic(max_retries=3), "librarian", "r1", "You are a librarian.", ["Which books are new?", "Which are thin?"])


def messages_loop(client, agent, run, system, questions, stream=False):
    messages = []
    with truth.run(run), truth.agent(agent):
        for question in questions:
            messages.append({"role": "user", "content": question})
            while True:
                tools = [{"name": "search", "description": "Searches", "input_schema": {"type": "object", "properties": {"what": {"type": "string"}}}}]
                about = {"model": "claude-sonnet-4-5", "max_tokens": 500, "system": [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}], "messages": messages, "tools": tools}
                if stream:
                    with client.messages.stream(**about) as streamed:
                        answer = streamed.get_final_message()
                else:
                    answer = client.messages.create(**about)
                blocks = [{name: value for name, value in block.model_dump().items() if name in ("type", "text", "id", "name", "input")} for block in answer.content]
                messages.append({"role": "assistant", "content": blocks})
                used = [block for block in blocks if block["type"] == "tool_use"]
                if not used:
                    break
                messages.append({"role": "user", "content": [{"type": "tool_result", "tool_use_id": block["id"], "content": f"2 hits for {block['input']}"} for block in used]})


@case("anthropic", "seen")
def anthropic(recorder):
    client = Anthropic()
    for run in ("r1", "r2"):
        prose = Prose("anth" + run)
        recorder.script.add(run, {"archivist": [call("search", {"what": run}), text(prose.about("maps")), text(prose.about("letters"))]})
    side_by_side(*(lambda run=run: messages_loop(client, "archivist", run, "You keep an archive.", ["Which maps are there?", "And letters?"], stream=run == "r2") for run in ("r1", "r2")))


@case("responses_chain", "seen")
async def responses_chain(recorder):
    """`previous_response_id` instead of a history: three runs at once with the same questions."""
    await chain(recorder, "clerk", "You are a clerk.", ["Open a case.", "Add a note.", "Close it."], 3)


@case("responses_chain_tools", "unseen")
async def responses_chain_tools(recorder):
    await chain(recorder, "registrar", "You keep the register of boats.", ["Register a boat.", "Rename it."], 4, tools=True)


async def chain(recorder, agent, instructions, questions, runs, tools=False):
    client = AsyncOpenAI()
    tool = {"type": "function", "name": "lookup", "parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}

    async def one(run):
        prose = Prose(agent + run)
        answers = [reply for question in questions for reply in ([call("lookup", {"what": question})] if tools else []) + [text(prose.about("the case"))]]
        recorder.script.add(run, {agent: answers})
        before = None
        with truth.run(run), truth.agent(agent):
            for question in questions:
                sent = [{"role": "user", "content": question}]
                while sent:
                    answer = await client.responses.create(model="gpt-4.1-mini", instructions=instructions, input=sent, previous_response_id=before, tools=[tool] if tools else [])
                    before = answer.id
                    sent = [{"type": "function_call_output", "call_id": item.call_id, "output": "found"} for item in answer.output if item.type == "function_call"]

    await asyncio.gather(*(one(f"r{number}") for number in range(1, runs + 1)))


def pipeline(client, run, subject):
    """Two prompts by hand: what one writes is the other's input; both prompts carry the time and an id."""
    now = datetime.datetime.now().strftime("%Y-%m-%d %H:%M:%S.%f")
    facts = loop(client, "fact_finder", run, f"[{now}] request {uuid.uuid4()}\nYou find facts. Worker object at {hex(id(run))}.", f"Facts about {subject}.", tools=TOOLS[2:])
    loop(client, "editor", run, f"Current time: {now}. You edit texts for the newsletter.", f"Edit this:\n\n{facts}", tools=None)


@case("timestamps", "seen")
def timestamps(recorder):
    client = OpenAI()
    for run in ("r1", "r2", "r3"):
        prose = Prose("time" + run)
        recorder.script.add(run, {"fact_finder": [call("search", {"what": "whales"}), text(prose.about("whales"))], "editor": [text(prose.about("whales, edited"))]})
    side_by_side(*(lambda run=run: pipeline(client, run, "whales") for run in ("r1", "r2", "r3")))


@case("timestamps_templates", "unseen")
def timestamps_templates(recorder):
    """A template with a customer, a locale, a time and a session id, two agents, four runs one after another."""
    client, random_ = OpenAI(), random.Random(7)
    for number, (customer, locale) in enumerate([("Ines", "pt-PT"), ("Ken", "ja-JP"), ("Lea", "de-DE"), ("Mo", "ar-EG")], 1):
        run, prose = f"r{number}", Prose(f"tpl{number}")
        session = uuid.UUID(int=random_.getrandbits(128))
        recorder.script.add(run, {"concierge": [call("search", {"what": customer}), text(prose.about("the stay"))], "quality_check": [text(prose.about("the answer"))]})
        answer = loop(client, "concierge", run, f"You are the concierge of a hotel. Customer: {customer} ({locale}). Session {session}. Now: {datetime.datetime.now(datetime.timezone.utc).isoformat()}", "What is there to do?")
        loop(client, "quality_check", run, f"Rate answers from 1 to 5. Rubric version 12. Date: {datetime.date.today():%A, %d %B %Y}", f"Customer {customer} got: {answer}", tools=None)


@case("summaries", "seen")
def summaries(recorder):
    """A loop that summarises its own history with a call of its own and goes on from the summary."""
    _summaries(recorder, "helpdesk", "You are a help desk for printers.", ["It is jammed.", "I opened it.", "Now it blinks.", "I turned it off.", "Nothing."], 2)


@case("summaries_other", "unseen")
def summaries_other(recorder):
    _summaries(recorder, "coach", "You coach runners.", ["I want to run 10 km.", "My knee hurts.", "I rested.", "I ran 5 km.", "What next?", "And after that?"], 3)


def _summaries(recorder, agent, system, questions, runs):
    client = OpenAI()
    histories = {}
    for number in range(1, runs + 1):
        run, prose = f"r{number}", Prose(f"{agent}{number}")
        recorder.script.add(run, {agent: [text(prose.about("this")) for _ in questions], "<summary>": [text(prose.about("the talk"), again=True)]})
        histories[run] = [{"role": "system", "content": system}]
    for question in questions:
        for run, history in histories.items():
            with truth.run(run):
                if len(history) > 6:
                    lines = "\n".join(f"{message['role']}: {message['content']}" for message in history[1:])
                    with truth.agent("<summary>", kind="summary", on_behalf_of=agent):
                        short = client.chat.completions.create(model="gpt-4.1-nano", messages=[{"role": "user", "content": f"Summarise this conversation in two sentences:\n{lines}"}])
                    history[1:] = [{"role": "user", "content": f"Summary of the conversation so far: {short.choices[0].message.content}"}]
                history.append({"role": "user", "content": question})
                with truth.agent(agent):
                    answer = client.chat.completions.create(model="gpt-4.1-mini", messages=history)
                history.append({"role": "assistant", "content": answer.choices[0].message.content})


@case("sub_agents", "seen")
def sub_agents(recorder):
    _sub_agents(recorder, ["explorer", "tester"], 2)


@case("sub_agents_wide", "unseen")
def sub_agents_wide(recorder):
    _sub_agents(recorder, ["reader", "drawer", "singer"], 5)


def _sub_agents(recorder, workers, runs):
    """A lead that starts workers by a tool of its own, several at once; no framework names anybody."""
    client = OpenAI()
    spawn = [{"type": "function", "function": {"name": "spawn", "description": "Starts a worker", "parameters": {"type": "object", "properties": {"kind": {"type": "string"}, "prompt": {"type": "string"}}}}}]

    def lead(run):
        prose = Prose("sub" + run)
        made = [("spawn", {"kind": worker, "prompt": prose.about(f"task for the {worker}")}) for worker in workers]
        recorder.script.add(run, {"lead": [calls(*made, to=list(workers)), text(prose.about("all of it"))],
                                  **{worker: [call("search", {"what": worker}), text(prose.about(worker))] for worker in workers}})
        messages = [{"role": "system", "content": "You lead. Start workers and join their results."}, {"role": "user", "content": "Prepare the release."}]
        with truth.run(run), truth.agent("lead"):
            answer = client.chat.completions.create(model="gpt-4.1", messages=messages, tools=spawn).choices[0].message
            messages.append(answer.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}))
            results = {}

            def worker_of(tool_call):
                told = json.loads(tool_call.function.arguments)
                results[tool_call.id] = loop(client, told["kind"], run, f"You are a worker of kind {told['kind']}. Report briefly.", told["prompt"], tools=TOOLS[2:])

            side_by_side(*(lambda tool_call=tool_call: worker_of(tool_call) for tool_call in answer.tool_calls))
            messages += [{"role": "tool", "tool_call_id": made.id, "content": results[made.id]} for made in answer.tool_calls]
            client.chat.completions.create(model="gpt-4.1", messages=messages, tools=spawn)

    side_by_side(*(lambda number=number: lead(f"r{number}") for number in range(1, runs + 1)))


@case("quoted_prompts", "seen")
def quoted_prompts(recorder):
    """Texts that look like other agents' prompts and hand-overs, as data: none of them makes the caller somebody else."""
    _quoted(recorder, "translator", "Translate what you get to Spanish.", [
        "You are Senior Researcher. You have worked in archives.\nYour personal goal is: Find facts\n\nCurrent Task: nothing",
        "You are an agent. Your internal name is \"weather_agent\".",
        "Successfully transferred to math_expert",
        "{\"assistant\": \"Order Agent\"}",
    ])


@case("quoted_prompts_other", "unseen")
def quoted_prompts_other(recorder):
    _quoted(recorder, "summariser", "Shorten the document between the lines.", [
        "----\nYou're a helpful agent named 'scout'.\nYou have been submitted this task by your manager.\n----",
        "----\nTransferred to flights_refunder, adopting the role of flights_refunder immediately.\n----",
        "----\nSystem: You are Crew Manager. You are a seasoned manager.\nYour personal goal is: Manage the team\n----",
    ])


def _quoted(recorder, agent, system, texts):
    """Every text is a run of its own: the program keeps no history."""
    client = OpenAI()
    for number, quoted in enumerate(texts, 1):
        prose = Prose(f"{agent}{number}")
        recorder.script.add(f"r{number}", {agent: [call("search", {"what": f"word {number}"}), text(prose.about("the text"))]})
        loop(client, agent, f"r{number}", system, quoted, tools=TOOLS[2:])


@case("20_at_once", "seen")
def twenty_at_once(recorder):
    """20 loops, one client, the same prompt, the same task."""
    recorder.latency_s = (0.1, 0.4)
    client = OpenAI()
    for number in range(1, 21):
        recorder.script.add(f"r{number:02}", {"coder": work(Prose(f"many{number}"), 3)})
    side_by_side(*(lambda number=number: loop(client, "coder", f"r{number:02}", "You are a coding assistant.", "Fix the failing test.") for number in range(1, 21)))


if __name__ == "__main__":
    cases.main("plain", None)
