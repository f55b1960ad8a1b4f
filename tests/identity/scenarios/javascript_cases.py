"""Frameworks from npm: OpenAI Agents for JavaScript, the Vercel AI SDK, LangGraph for JavaScript. Each case is one program, started with node in a
folder that has the packages of `javascript/package.json` (`CORPUS_NODE_DIR`); what its models answer is scripted here."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from record import case as cases
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

SOURCES = Path(__file__).resolve().parent / "javascript"


def program(name: str, runs: int, **given) -> None:
    folder = Path(os.environ["CORPUS_NODE_DIR"])
    for source in SOURCES.glob("*.mjs"):
        shutil.copy(source, folder / source.name)
    given = {"runs": names(runs), **given}
    done = subprocess.run(["node", str(folder / f"{name}.mjs"), json.dumps(given)], timeout=120, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
        raise SystemExit(f"{name} failed")


def names(runs: int) -> list[str]:
    return [f"r{number:02}" for number in range(1, runs + 1)]


def tool_name(name: str) -> str:
    """Capitals stay."""
    return name.replace(" ", "_")


def desk(recorder, agents, questions, runs, **more):
    """The front hands over, the second looks something up and hands back."""
    front, second = agents[0][0], agents[1][0]
    recorder.latency_s = (0.1, 0.4)
    for run in names(runs):
        prose = Prose(front + run)
        recorder.script.add(run, {
            front: [call(f"transfer_to_{tool_name(second)}", to=second), *(text(prose.about("the request", 1)) for _ in questions)],
            second: [call("look_up", {"what": "order 7"}), call(f"transfer_to_{tool_name(front)}", to=front)],
        })
    program("openai_agents", runs, agents=agents, questions=questions, **more)


@case("agents_desk_at_once", "seen")
def agents_desk(recorder):
    """The same words in all runs, and a second question."""
    desk(recorder, [["Post Counter", "You greet people at the post."], ["Parcel Tracer", "You find parcels."]], ["Where is my parcel?", "And what does it cost?"], 8)


@case("agents_desk_responses", "seen")
def agents_desk_responses(recorder):
    desk(recorder, [["Spa Reception", "You greet guests of the spa."], ["Booking Clerk", "You book."]], ["Is there a table for massage at noon?"], 5, responses=True, stream=True)


@case("agents_as_tools", "seen")
def agents_as_tools(recorder):
    """The tool has a name of its own; the colleague is given the question in the lead's words."""
    for run in names(6):
        prose = Prose("js tools" + run)
        recorder.script.add(run, {
            "Quarry Lead": [call("ask_colleague", {"input": "How hard is the granite of layer " + run[1:] + "?"}, to="Stone Assayer"), text(prose.about("the quarry"))],
            "Stone Assayer": [call("look_up", {"what": "granite"}), text(prose.about("granite"))],
        })
    program("openai_agents", 6, agents=[["Quarry Lead", "You plan the quarry."], ["Stone Assayer", "You know stones."]], questions=["What do we break today?"], tools="ask_colleague")


@case("ai_delegate", "seen")
def ai_delegate(recorder):
    """Two tools that are agents, asked at once; each is given its topic inside of a sentence."""
    for run in names(6):
        prose = Prose("ai delegate" + run)
        topics = [f"frost in the vineyards of valley {run[1:]}", f"prices of young wine in {1990 + int(run[1:])}"]
        recorder.script.add(run, {
            "editor": [calls(("note_weather", {"topic": topics[0], "depth": "short"}), ("note_market", {"topic": topics[1], "depth": "long"}), to=["frost-writer", "price-writer"]), text(prose.about("wine"))],
            "frost-writer": [text(prose.about("frost"))],
            "price-writer": [text(prose.about("prices"))],
        })
    program("vercel_ai", 6, pattern="delegate", agents=[["editor", "You edit a paper for growers of wine."], ["frost-writer", "You write about weather."], ["price-writer", "You write about markets."]],
            tools={"frost-writer": "note_weather", "price-writer": "note_market"}, questions={"all": "Write about this year."})


@case("ai_delegate_streamed", "seen")
def ai_delegate_streamed(recorder):
    """The Responses API, streamed; all runs give the same topic."""
    for run in names(5):
        prose = Prose("ai streamed" + run)
        recorder.script.add(run, {
            "curator": [call("note_paintings", {"topic": "the blue period and what came after it", "depth": "long"}, to="historian"), text(prose.about("the hall"))],
            "historian": [text(prose.about("blue"))],
        })
    program("vercel_ai", 5, pattern="delegate", responses=True, stream=True, agents=[["curator", "You plan exhibitions."], ["historian", "You know paintings."]],
            tools={"historian": "note_paintings"}, questions={"all": "Plan the third hall."})


def review(prose, topic):
    return text(json.dumps({"findings": [prose.about(topic, 1), prose.about(topic, 1)], "risk": "medium"}))


@case("ai_parallel", "seen")
def ai_parallel(recorder):
    """Three reviews of one text side by side in every run; the same text in all runs."""
    agents = [["summary-lead", "You are a technical lead summarising reviews."], ["lock-reviewer", "You review security."], ["speed-reviewer", "You review performance."], ["style-reviewer", "You review style."]]
    for run in names(6):
        prose = Prose("ai parallel" + run)
        recorder.script.add(run, {"summary-lead": [text(prose.about("the change"))], **{name: [review(prose, name)] for name, _ in agents[1:]}})
    program("vercel_ai", 6, pattern="parallel", agents=agents, questions={"all": "def pay(amount):\n    return charge(amount * 1.1)"})


@case("ai_route", "seen")
def ai_route(recorder):
    """Every run asks something else; the classifier's answer chooses the prompt."""
    kinds = [["money_back", "You are a kind refund agent."], ["engineer", "You are a patient technician."], ["anything", "You are a clerk of a lamp shop."]]
    questions = {}
    for at, run in enumerate(names(9)):
        kind = kinds[at % 3][0]
        prose = Prose("ai route" + run)
        questions[run] = f"My lamp number {at + 11} does not please me. What now?"
        recorder.script.add(run, {"classifier": [text(json.dumps({"reasoning": prose.about("the query", 1), "type": kind}))], kind: [text(prose.about("lamps"))]})
    program("vercel_ai", 9, pattern="route", agents=[["classifier", "You classify queries."], *kinds], questions=questions)


@case("ai_refine", "seen")
def ai_refine(recorder):
    """Written, judged and written again, twice; all runs write about the same."""
    for run in names(6):
        prose = Prose("ai refine" + run)
        verdicts = [text(json.dumps({"score": 5 + at, "issues": [prose.about("the rhythm", 1)], "advice": prose.about("the ending", 1)})) for at in range(2)]
        recorder.script.add(run, {"poet": [text(prose.about("the sea")) for _ in range(3)], "critic": verdicts})
    program("vercel_ai", 6, pattern="refine", rounds=2, agents=[["poet", "You are a poet."], ["critic", "You are a critic. You read poems."]], questions={"all": "A poem about the sea in autumn"})


@case("ai_chat_titles", "seen")
def ai_chat(recorder):
    """Everybody begins with the same words, streamed; the title stands in no later call."""
    more = ["And in winter?", "Thank you. What does it cost?"]
    questions = {run: f"How do I keep bees on roof {at + 2}?" for at, run in enumerate(names(6))}
    for run in names(6):
        prose = Prose("ai chat" + run)
        recorder.script.add(run, {"beekeeper": [text(prose.about("bees")) for _ in range(3)], "title-maker": [text("Bees above " + run)]})
    program("vercel_ai", 6, pattern="chat", more=more, agents=[["beekeeper", "You are a beekeeper. You answer beginners."], ["title-maker", "Titles have at most five words."]], questions=questions)


@case("ai_plan", "seen")
def ai_plan(recorder):
    """The same goal in all runs; every plan has other steps."""
    for run in names(5):
        prose = Prose("ai plan" + run)
        steps = [{"title": f"step {at}", "detail": prose.about("what to do", 1)} for at in range(3)]
        recorder.script.add(run, {"planner": [text(json.dumps({"steps": steps}))], "doer": [text(prose.about("the step")) for _ in steps], "reporter": [text(prose.about("everything"))]})
    program("vercel_ai", 5, pattern="plan", agents=[["planner", "You are a planner."], ["doer", "You do one step."], ["reporter", "You report to the board."]], questions={"all": "Open a second shop before the spring."})


@case("ai_parts", "seen")
def ai_parts(recorder):
    """Parts of one long text side by side; every run has a text of its own."""
    questions = {run: " ".join(Prose("ai parts" + run + str(at)).about(f"chapter {at}", 4) for at in range(6)) for run in names(5)}
    for run in names(5):
        prose = Prose("ai parts answers" + run)
        recorder.script.add(run, {"reader": [text(prose.about("the part")) for _ in range(3)], "binder": [text(prose.about("the whole"))]})
    program("vercel_ai", 5, pattern="parts", agents=[["binder", "You put notes together."], ["reader", "You read one part of a book."]], questions=questions)


def supervised(recorder, agents, runs, questions, **more):
    lead, first, second = (name for name, _ in agents)
    recorder.latency_s = (0.05, 0.3)
    for run in names(runs):
        prose = Prose(lead + run)
        recorder.script.add(run, {
            lead: [call(f"transfer_to_{first}", to=first), call(f"transfer_to_{second}", to=second), text(prose.about("all of it"))],
            first: [call("look_up", {"what": "numbers"}), text(prose.about("the numbers"))],
            second: [text(prose.about("the words"))],
        })
    program("langgraph", runs, agents=agents, questions=questions, **more)


@case("langgraph_supervisor_at_once", "seen")
def langgraph_supervisor(recorder):
    supervised(recorder, [["foreman", "You lead a joinery."], ["measurer", "You measure wood."], ["carver", "You carve wood."]], 6, {"all": "Make a chair."}, output="last_message")


@case("langgraph_full_history", "seen")
def langgraph_full_history(recorder):
    supervised(recorder, [["purser", "You lead the crew of a ferry."], ["stoker", "You mind the engine."], ["cook", "You cook."]], 4, {f"r{at:02}": f"Make voyage {at} ready." for at in range(1, 5)}, output="full_history")


if __name__ == "__main__":
    cases.main("javascript", None)
