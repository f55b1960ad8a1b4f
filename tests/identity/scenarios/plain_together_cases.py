"""No framework: work that comes one piece after the other, new talks of the same people, and the same work by several at once on one
pool, with the same and with other inputs."""

import asyncio
import json

from openai import AsyncOpenAI, OpenAI

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text
from scenarios.plain_cases import TOOLS, loop, side_by_side
from scenarios.plain_more_cases import one_shot

SPAWN = [{"type": "function", "function": {"name": "ask", "description": "Asks a colleague", "parameters": {"type": "object", "properties": {"colleague": {"type": "string"}, "question": {"type": "string"}}}}}]


def steps(client, run, names, words, first):
    """What one answers, the next one is told; the program asks in words of its own."""
    said = first
    for name, word in zip(names, words):
        said = one_shot(client, name, run, word, said)


def scripted(recorder, run, names, about):
    prose = Prose(names[0] + run)
    recorder.script.add(run, {name: [text(prose.about(about))] for name in names})


@case("for_each_topic", "seen")
def for_each_topic(recorder):
    """One after the other on one connection: other topics first, then the first one again."""
    client, names = OpenAI(), ("gatherer", "condenser", "headline-writer")
    words = ("Gather facts.", "Condense the facts to two sentences.", "Write a headline.")
    for number, topic in enumerate(("owls", "bats", "moles", "owls"), 1):
        scripted(recorder, f"r{number}", names, topic)
        steps(client, f"r{number}", names, words, f"Tell me about {topic}.")


@case("programs_after_each_other", "seen")
def programs_after_each_other(recorder):
    """Different programs, one after the other, share a key and a connection and nothing else."""
    client = OpenAI()
    jobs = (("classifier", "Answer with one label.", "Is this mail spam: you have won"), ("translator", "Translate to Korean.", "The ferry leaves at nine."), ("namer", "Name things.", "A name for a bakery, please."), ("coder", "You write SQL.", "All orders of May."))
    for number, (name, word, question) in enumerate(jobs, 1):
        recorder.script.add(f"r{number}", {name: [text(Prose(name).about("it", 1))]})
        one_shot(client, name, f"r{number}", word, question)
    for number, (name, word, _) in enumerate(jobs, 5):
        recorder.script.add(f"r{number}", {name: [call("search", {"what": f"number {number}"}), text(Prose(name + "2").about("it", 1))]})
        loop(client, name, f"r{number}", word, f"Now number {number}, please.", tools=TOOLS[2:])


@case("new_talks", "seen")
def new_talks(recorder):
    """People of a chat program begin anew: the same greeting, the same questions, on the connection of the talk before."""
    client, questions = OpenAI(), ("Hello", "Which bus goes to the harbour?", "Thanks, and back?")

    def person(number):
        for talk in range(3):
            run = f"p{number}t{talk}"
            prose = Prose("bus" + run)
            recorder.script.add(run, {"bus-guide": [text(prose.about("the bus", 1)) for _ in questions]})
            history = [{"role": "system", "content": "You know all buses."}]
            for question in questions:
                history.append({"role": "user", "content": question})
                with truth.run(run), truth.agent("bus-guide"):
                    said = client.chat.completions.create(model="gpt-4.1-mini", messages=history).choices[0].message.content
                history.append({"role": "assistant", "content": said})

    side_by_side(lambda: person(1), lambda: person(2), lambda: person(3))


def trimmed_loops(recorder, count, keep):
    client = OpenAI()

    def one(run):
        prose = Prose("trim" + run)
        turns = [call("search", {"what": f"part {turn}"}) for turn in range(5)]
        recorder.script.add(run, {"sweeper": [*turns, text(prose.about("the sweep"))], "reporter": [text(prose.about("the report"))]})
        said = loop(client, "sweeper", run, "You sweep the archive for what is new.", "Sweep all five parts.", tools=TOOLS[2:], keep=keep)
        one_shot(client, "reporter", run, "You report what was swept.", said)

    side_by_side(*(lambda number=number: one(f"r{number}") for number in range(1, count + 1)))


@case("trimmed_loops", "seen")
def trimmed_seen(recorder):
    """Only the last step and its result are sent; the same words in all runs, then another agent is told the end."""
    trimmed_loops(recorder, 5, 2)


def fan_out(recorder, client, run, lead, workers, question, jobs):
    """The lead asks all at once; each worker has a tool; jobs are what `jobs` says of the run."""
    prose = Prose(lead + run)
    asked = [("ask", {"colleague": worker, "question": job}) for worker, job in zip(workers, jobs)]
    recorder.script.add(run, {
        lead: [calls(*asked, to=list(workers)), calls(asked[0], to=workers[0]), text(prose.about("all"))],
        **{worker: [call("search", {"what": worker}), text(prose.about(worker)), *([text(prose.about(worker + " again"))] if at == 0 else [])] for at, worker in enumerate(workers)},
    })
    history = [{"role": "system", "content": "You lead a small office."}, {"role": "user", "content": question}]
    with truth.run(run):
        while True:
            with truth.agent(lead):
                answer = client.chat.completions.create(model="gpt-4.1", messages=history, tools=SPAWN).choices[0].message
            history.append(answer.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}))
            if not answer.tool_calls:
                return
            results = {}

            def work(made):
                told = json.loads(made.function.arguments)
                results[made.id] = loop(client, told["colleague"], run, f"You help the office as {told['colleague']}.", told["question"], tools=TOOLS[2:])

            side_by_side(*(lambda made=made: work(made) for made in answer.tool_calls))
            history += [{"role": "tool", "tool_call_id": made.id, "content": results[made.id]} for made in answer.tool_calls]


@case("fan_out_same_jobs", "seen")
def fan_out_same_jobs(recorder):
    """The same jobs in every run, two runs a little later than the others."""
    client, workers = OpenAI(), ("bookkeeper", "driver", "gardener")
    go = lambda number: fan_out(recorder, client, f"r{number}", "office-lead", workers, "Get the house ready.", ["What does it cost us this year?", "When can the van be here?", "What grows behind the house?"])  # noqa: E731
    side_by_side(*(lambda number=number: go(number) for number in (1, 2, 3)))
    side_by_side(*(lambda number=number: go(number) for number in (4, 5)))


@case("same_and_other_inputs", "seen")
def same_and_other_inputs(recorder):
    """Three ask about one thing, three about others."""
    client, names = OpenAI(), ("fact-writer", "fact-checker", "fact-teller")
    words = ("You work with facts.", "You doubt facts.", "Tell the facts to children.")
    topics = ("salt", "salt", "salt", "sugar", "flour", "yeast")
    for number, topic in enumerate(topics, 1):
        scripted(recorder, f"r{number}", names, topic)
    side_by_side(*(lambda number=number, topic=topic: steps(client, f"r{number}", names, words, f"What is to be known about {topic}?") for number, topic in enumerate(topics, 1)))


@case("fan_out_of_texts", "seen")
async def fan_out_of_texts(recorder):
    """A map over parts of one text that several runs have in common; the reduce is told all answers; connections are anybody's."""
    recorder.latency_s = (0.02, 0.2)
    client, parts = AsyncOpenAI(), [f"Paragraph {at}: the canal was dug in {1800 + at} and has {at + 3} locks." for at in range(4)]

    async def asked(run, agent, word, said):
        with truth.run(run), truth.agent(agent):
            answer = await client.chat.completions.create(model="gpt-4.1-mini", messages=[{"role": "system", "content": word}, {"role": "user", "content": said}])
        return answer.choices[0].message.content

    async def one(run):
        prose = Prose("canal" + run)
        recorder.script.add(run, {"note-taker": [text(prose.about("the paragraph")) for _ in parts], "note-joiner": [text(prose.about("the notes"))], "title-maker": [text("The canal of " + run)]})
        notes = await asyncio.gather(*(asked(run, "note-taker", "Take notes.", part) for part in parts))
        joined = await asked(run, "note-joiner", "Join the notes.", "\n---\n".join(notes))
        await asked(run, "title-maker", "Find a title.", f"Find a title for this text: {joined}")

    await asyncio.gather(*(one(f"r{number}") for number in range(1, 5)))


@case("workers_wide", "seen")
def workers_wide(recorder):
    """Two leads at once ask five workers each, whose prompts differ by a word; then one more asks the same."""
    client, workers = OpenAI(), ("mason", "roofer", "painter", "plumber", "glazier")
    go = lambda number: fan_out(recorder, client, f"r{number}", "site-lead", workers, f"Build house {number}.", [f"What do you, the {worker}, need for house {number}?" for worker in workers])  # noqa: E731
    side_by_side(*(lambda number=number: go(number) for number in (1, 2)))
    go(3)


@case("names_beside_none", "seen")
def names_beside_none(recorder):
    """Agents whose prompts name them beside one of no name, which has the prompt of nobody; templated customers in the prompt."""
    client = OpenAI()

    def one(run, customer):
        prose = Prose("letters" + run)
        names = ("Mira", "sorter", "Filing Clerk")
        recorder.script.add(run, {name: [text(prose.about("the letter"))] for name in names})
        words = (f"You are Mira. Sort the letters of {customer}.", f"Sort what comes in for {customer}.", f"# Role: Filing Clerk\nFile it for {customer}.")
        steps(client, run, names, words, f"A letter for {customer} has come.")

    side_by_side(*(lambda run=f"r{number}", customer=customer: one(run, customer) for number, customer in enumerate(("Kim Minjun", "Park Jiwoo", "Kim Minjun", "Anna Berg"), 1)))


if __name__ == "__main__":
    cases.main("plain", None)
