"""No framework, other habits: connections of one's own or one for all, answers handed on as JSON, as an excerpt or reworked, votes,
critics, documents that have nothing to do with each other, and the many ways in which a prompt says who it is for."""

import json

from openai import DefaultHttpxClient, OpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text
from scenarios.plain_cases import TOOLS, loop, side_by_side
from scenarios.plain_more_cases import one_shot


def fresh_client():
    """A connection for every call."""
    return OpenAI(http_client=DefaultHttpxClient(headers={"connection": "close"}))


def single_client():
    """One connection for everybody, which waits in line."""
    import httpx2

    return OpenAI(http_client=DefaultHttpxClient(limits=httpx2.Limits(max_connections=1, max_keepalive_connections=1)))


def at_once(one, count):
    side_by_side(*(lambda number=number: one(f"r{number}") for number in range(1, count + 1)))


def stations(recorder, client, names, words, subject, count, hand=lambda said: said):
    """What one answers is the next one's input, as `hand` gives it on; the first has a tool."""
    first, *others = names

    def one(run):
        prose = Prose(first + run)
        answers = {name: [text(prose.about(f"{subject} once more", 3))] for name in others}
        recorder.script.add(run, {first: [call("search", {"what": subject}), text(prose.about(subject, 3))], **answers})
        said = loop(client(), first, run, words[0], f"Find out about {subject}.", tools=TOOLS[2:])
        for name, word in zip(others, words[1:]):
            said = one_shot(client(), name, run, word, hand(said))

    at_once(one, count)


@case("own_connections", "seen")
def own_connections(recorder):
    stations(recorder, fresh_client, ("scout", "analyst", "herald"), ("You scout.", "You analyse what scouts found.", "You announce results."), "tides", 6)


@case("one_connection", "seen")
def one_connection(recorder):
    client = single_client()
    stations(recorder, lambda: client, ("surveyor", "engineer", "clerk"), ("You survey land.", "You plan roads.", "You write permits."), "a road", 5)


@case("excerpts", "seen")
def excerpts(recorder):
    """Only the first 90 letters of what was said, with a mark that there is more."""
    client = OpenAI()
    stations(recorder, lambda: client, ("collector", "sorter"), ("You collect reports.", "You sort reports by their beginning."), "mushrooms", 6, hand=lambda said: f"Excerpt:\n> {said[:90]}…")


@case("as_json", "seen")
def as_json(recorder):
    """Answers are put into JSON, as one field of many."""
    client, pack = OpenAI(), lambda said: json.dumps({"version": 3, "source": {"kind": "text", "language": "en"}, "text": said, "wanted": ["points", "reason"]}, indent=2)
    stations(recorder, lambda: client, ("chronicler", "assessor"), ("You write reports.", "You give points to reports."), "glass", 6, hand=pack)


def structured(recorder, names, words, question, count):
    """The first answers JSON; the program takes it apart and gives each finding to another, one after the other."""
    client = OpenAI()
    first, second = names

    def one(run):
        prose = Prose(first + run)
        findings = [{"title": f"finding {at}", "detail": prose.about("the find", 2)} for at in range(2)]
        recorder.script.add(run, {first: [text(json.dumps({"findings": findings}))], second: [text(prose.about("the check")) for _ in findings]})
        for found in json.loads(one_shot(client, first, run, words[0], question))["findings"]:
            one_shot(client, second, run, words[1], f"{found['title'].upper()}\n\n{found['detail']}")

    at_once(one, count)


@case("findings", "seen")
def findings(recorder):
    structured(recorder, ("inspector", "verifier"), ("You inspect bridges. Answer JSON.", "You verify one finding."), "Inspect the bridge over the Han.", 6)


def votes(recorder, names, words, question, count):
    """Three answers to one question with one prompt, side by side; a judge is given all of them."""
    client = OpenAI()
    voter, judge = names

    def one(run):
        prose, said = Prose(voter + run), []
        recorder.script.add(run, {voter: [text(prose.about("the case", 3)) for _ in range(3)], judge: [text(prose.about("the verdict"))]})
        side_by_side(*(lambda: said.append(one_shot(client, voter, run, words[0], question)) for _ in range(3)))
        one_shot(client, judge, run, words[1], "\n".join(f"Candidate {at}: {answer}" for at, answer in enumerate(said, 1)))

    at_once(one, count)


@case("votes", "seen")
def votes_seen(recorder):
    votes(recorder, ("voter", "judge"), ("Answer with care.", "Choose the best candidate."), "Is the contract between the two parties valid?", 4)


def refined(recorder, names, words, task, rounds, count):
    """A writer and a critic; each keeps a history of its own, with the other's words as the user's."""
    client = OpenAI()

    def one(run):
        prose = Prose(names[0] + run)
        recorder.script.add(run, {name: [text(prose.about("the draft")) for _ in range(rounds)] for name in names})
        histories = {name: [{"role": "system", "content": word}] for name, word in zip(names, words)}
        said = task
        for _ in range(rounds):
            for name in names:
                histories[name].append({"role": "user", "content": said})
                with truth.run(run), truth.agent(name):
                    said = client.chat.completions.create(model="gpt-4.1-mini", messages=histories[name]).choices[0].message.content
                histories[name].append({"role": "assistant", "content": said})

    at_once(one, count)


@case("refined", "seen")
def refined_seen(recorder):
    refined(recorder, ("lyricist", "lector"), ("You write songs.", "You say what is weak in songs."), "Write about rain.", 3, 5)


@case("documents", "seen")
def documents(recorder):
    """Documents of one program, one end user stated for all: each is a piece of work of its own, some at once, some one after the other."""
    client = OpenAI()
    for number in range(1, 13):
        recorder.script.add(f"r{number:02}", {"extractor": [text(json.dumps({"total": 100 + number * 7, "currency": "KRW"}))]})

    def one(number):
        with truth.run(f"r{number:02}"), truth.agent("extractor"):
            client.chat.completions.create(model="gpt-4.1-mini", user="nightly", messages=[{"role": "system", "content": "Extract the total of the invoice."}, {"role": "user", "content": f"Invoice {number}: {number * 3} chairs"}])

    side_by_side(*(lambda number=number: one(number) for number in range(1, 7)))
    for number in range(7, 13):
        one(number)


@case("titles", "seen")
def titles(recorder):
    """A chat; beside its first turn another prompt makes a title of the same words, and after every turn a third one suggests questions."""
    client = OpenAI()
    questions = ["How do I store apples over the winter?", "And pears?", "How warm may the cellar be?"]

    def one(run):
        prose = Prose("title" + run)
        recorder.script.add(run, {"cellar-guide": [text(prose.about("storing")) for _ in questions], "titler": [text("Storing fruit " + run)], "suggester": [text(prose.about("what to ask", 1)) for _ in questions]})
        history = [{"role": "system", "content": "You are the cellar guide."}]
        for turn, question in enumerate(questions):
            history.append({"role": "user", "content": question})

            def answer():
                with truth.run(run), truth.agent("cellar-guide"):
                    said = client.chat.completions.create(model="gpt-4.1-mini", messages=history).choices[0].message.content
                history.append({"role": "assistant", "content": said})

            beside = [lambda: one_shot(client, "titler", run, "Write a title of at most five words.", question)] if turn == 0 else []
            side_by_side(answer, *beside)
            talk = "\n".join(f"{message['role']}: {message['content']}" for message in history[1:])
            one_shot(client, "suggester", run, "Suggest what could be asked next.", talk)

    at_once(one, 4)


ASKS = [{"type": "function", "function": {"name": "ask_helper", "description": "Gives a helper something to do", "parameters": {"type": "object", "properties": {"job": {"type": "string"}, "urgent": {"type": "boolean"}}, "required": ["job"]}}}]
JOBS = ["clean the weir screen", "call the harbour pilot", "count the lock gates twice", "check the northern buoy", "note the new tide tables", "book a tug for the noon", "test the old fog horn now", "list the berths still left", "oil the small swing bridge", "find the spare tow rope", "stop the ferry queue here", "read the lower river gauge", "paint the mooring posts", "greet the customs officer", "weigh the gravel barges", "close the upper sluice", "mend the broken winch", "order more diesel oil", "sweep the eastern quay", "light the channel marks"]


@case("short_jobs", "seen")
def short_jobs(recorder):
    """A job of a few words is put into a sentence of the program's own for the helper; nothing else leads from one to the other."""
    def one(run):
        number, client = int(run[1:]), fresh_client()
        job = JOBS[number - 1]
        prose = Prose(run + "short")
        recorder.script.add(run, {"lockkeeper": [call("ask_helper", {"job": job, "urgent": True}, to="helper"), text(prose.about("the day"))], "helper": [text(prose.about("the job", 1))]})
        history = [{"role": "system", "content": "You run a lock."}, {"role": "user", "content": f"Plan hour {number}."}]
        with truth.run(run), truth.agent("lockkeeper"):
            answer = client.chat.completions.create(model="gpt-4.1-mini", messages=history, tools=ASKS).choices[0].message
        said = one_shot(client, "helper", run, "Reply in one line.", f"Somebody at the lock wants you to {job} before anything else today, and to say when it is done.")
        history += [answer.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}), {"role": "tool", "tool_call_id": answer.tool_calls[0].id, "content": said}]
        with truth.run(run), truth.agent("lockkeeper"):
            client.chat.completions.create(model="gpt-4.1-mini", messages=history, tools=ASKS)

    at_once(one, len(JOBS))


PROMPTS = {
    "Data Steward": "# Role: Data Steward\n\nYou keep tables clean.",
    "Harbour Master": "Act as the Harbour Master. Berths are scarce.",
    "night editor": "You work as night editor of a small paper.",
    "Mira": "You are Mira, who answers letters of readers.",
    "Tax Advisor": "<role>Tax Advisor</role>\nAnswer in two sentences.",
    "packing-bot": "[packing-bot]\nYou say how to pack parcels.",
    "Sommelier": "Your job is to be the Sommelier of this house.",
    "release manager": "As the release manager you decide what ships.",
    "lexikon": "System prompt for agent 'lexikon':\nExplain words.",
    "Grader": "You're the Grader: give points from 0 to 10.",
    "quiz_master": "Agent name: quiz_master\nAsk one question.",
    "Voice Coach": "You will play the role of Voice Coach. Be kind.",
    "정원사": "당신은 정원사입니다. 짧게 답하세요.",
    "billing agent": "You are an expert billing agent working for a telephone company.",
    "Copy Editor": "ROLE\nCopy Editor\n\nGOAL\nMend commas.",
    "triage-nurse": "You are `triage-nurse`. Ask one question at a time.",
}


@case("prompts_that_name", "seen")
def prompts_that_name(recorder):
    """Every prompt says who it is for, each in another way; every one is asked one thing."""
    client = OpenAI()
    for at, (name, words) in enumerate(PROMPTS.items(), 1):
        run = f"r{at:02}"
        recorder.script.add(run, {name: [text(Prose(name).about("it"))]})
        one_shot(client, name, run, words, f"Question {at}: what is to be done about number {at * 17}?")


if __name__ == "__main__":
    cases.main("plain", None)
