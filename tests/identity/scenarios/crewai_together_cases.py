"""CrewAI: the same crew one after the other and at once with the same and with other inputs, side by side tasks, planners and reasoning
one after the other, roles that are templates, managers in turn."""

import json
import threading

from crewai.agent.planning_config import PlanningConfig

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

from scenarios.crewai_cases import Agent, Crew, Process, Task, delegation, llm, plan_reply, search

ROLES = (("{place} Scout", "Know {place}", "You walk through {place}. You draw."), ("Risk Clerk", "Name risks", "You worry."), ("Letter Writer", "Write letters", "You are brief."))
TASKS = ("Describe {place}.", "Name the risks.", "Write to the mayor of {place}.")


def tour(model, **more):
    agents = [Agent(role=role, goal=goal, backstory=story, llm=model, tools=[search] if at == 0 else []) for at, (role, goal, story) in enumerate(ROLES)]
    return Crew(agents=agents, tasks=[Task(description=task, expected_output="A text", agent=agent) for task, agent in zip(TASKS, agents)], **more)


def tour_script(recorder, run, **more):
    prose = Prose("tour" + run)
    recorder.script.add(run, {ROLES[0][0]: [call("search", {"query": "maps"}), text(prose.about("the place"))], **{role: [text(prose.about("the next thing"))] for role, *_ in ROLES[1:]}, **more})


def kickoff(crew, run, **inputs):
    with truth.run(run):
        crew.kickoff(inputs=inputs)


def side_by_side(jobs):
    threads = [threading.Thread(target=job) for job in jobs]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@case("tours_same_and_other", "seen")
def tours_same_and_other(recorder):
    """Templated roles at once: three of one place, three of others, one model object."""
    recorder.latency_s = (0.05, 0.3)
    model, places = llm(), ("Turin", "Turin", "Turin", "Basel", "Graz", "Namur")
    for number in range(1, 7):
        tour_script(recorder, f"r{number}")
    side_by_side([lambda number=number, place=place: kickoff(tour(model), f"r{number}", place=place) for number, place in enumerate(places, 1)])


@case("planned_for_each", "seen")
def planned_for_each(recorder):
    """Each run begins with the planner, one after the other, one model object."""
    model = llm()
    for number, place in enumerate(("Delft", "Breda", "Delft"), 1):
        tour_script(recorder, f"r{number}", **{"<planner>": [plan_reply]})
        kickoff(tour(model, planning=True, planning_llm=model), f"r{number}", place=place)


@case("side_by_side_tasks", "seen")
def side_by_side_tasks(recorder):
    """Two tasks of each run go side by side, a third is told both; four runs in the same words at once."""
    recorder.latency_s = (0.05, 0.3)
    model = llm()

    def crew():
        roles = ("Roof Inspector", "Cellar Inspector", "House Judge")
        roof, cellar, judge = (Agent(role=role, goal=f"Be a {role}", backstory="You look twice.", llm=model) for role in roles)
        first = Task(description="Inspect the roof.", expected_output="Two lines", agent=roof, async_execution=True)
        second = Task(description="Inspect the cellar.", expected_output="Two lines", agent=cellar, async_execution=True)
        return Crew(agents=[roof, cellar, judge], tasks=[first, second, Task(description="Judge the house.", expected_output="One line", agent=judge, context=[first, second])])

    for number in range(1, 5):
        prose = Prose(f"house{number}")
        recorder.script.add(f"r{number}", {role: [text(prose.about(what))] for role, what in (("Roof Inspector", "the roof"), ("Cellar Inspector", "the cellar"), ("House Judge", "the house"))})
    side_by_side([lambda number=number: kickoff(crew(), f"r{number}") for number in range(1, 5)])


@case("managers_for_each", "seen")
def managers_for_each(recorder):
    """A manager with two coworkers, three times one after the other: other work, then the first again."""
    model = llm()
    for number, work in enumerate(("Plan the fair.", "Plan the race.", "Plan the fair."), 1):
        prose, run = Prose(f"fair{number}"), f"r{number}"
        recorder.script.add(run, {
            "Crew Manager": [calls(delegation("Stall Keeper", "Count the stalls.", "It is in June."), delegation("Road Warden", "Close the road.", "It is in June."), to=["Stall Keeper", "Road Warden"]), text(prose.about("the plan"))],
            "Stall Keeper": [call("search", {"query": "stalls"}), text(prose.about("the stalls"))],
            "Road Warden": [text(prose.about("the road"))],
        })
        keeper, warden = Agent(role="Stall Keeper", goal="Count", backstory="You count.", llm=model, tools=[search]), Agent(role="Road Warden", goal="Close roads", backstory="You stand.", llm=model)
        kickoff(Crew(agents=[keeper, warden], tasks=[Task(description=work, expected_output="A plan")], process=Process.hierarchical, manager_llm=model), run)


def fair(recorder, run, seed, process, model):
    """A manager, two coworkers who are asked side by side, one of them once more."""
    prose = Prose(seed)
    ask = ("ask_question_to_coworker", {"question": "Is the gate open?", "context": "People come early.", "coworker": "Gate Warden"})
    recorder.script.add(run, {
        "Crew Manager": [calls(delegation("Gate Warden", "Open the gate.", "It is in June."), delegation("Cash Keeper", "Count the cash.", "It is in June."), to=["Gate Warden", "Cash Keeper"]), call(*ask, to="Gate Warden"), text(prose.about("the fair"))],
        "Gate Warden": [call("search", {"query": "gates"}), text(prose.about("the gate")), text(prose.about("the opening"))],
        "Cash Keeper": [text(prose.about("the cash"))],
    })
    warden, keeper = Agent(role="Gate Warden", goal="Open", backstory="You stand.", llm=model, tools=[search]), Agent(role="Cash Keeper", goal="Count", backstory="You count.", llm=model)
    kickoff(Crew(agents=[warden, keeper], tasks=[Task(description="Hold the fair.", expected_output="A plan")], process=process, manager_llm=model), run)


@case("managers_again_same_answers", "seen")
def managers_again_same_answers(recorder):
    """The same crew under a manager, again and again, and a model that says the same every time."""
    model = llm()
    for number in (1, 2, 3):
        fair(recorder, f"r{number}", "always", Process.hierarchical, model)


@case("tours_again_same_answers", "seen")
def tours_again_same_answers(recorder):
    """The same crew with the same inputs, again and again, and a model that says the same every time."""
    model = llm()
    for number in (1, 2, 3):
        prose, run = Prose("always"), f"r{number}"
        recorder.script.add(run, {ROLES[0][0]: [call("search", {"query": "maps"}), text(prose.about("the place"))], **{role: [text(prose.about("the next thing"))] for role, *_ in ROLES[1:]}})
        kickoff(tour(model), run, place="Delft")


@case("reasoning_for_each", "seen")
def reasoning_for_each(recorder):
    """Every agent plans before it works; two crews of two, one after the other."""
    model, planned = llm(), Prose("plans")

    def plan(body):
        words = planned.about("the way", 1)
        step = {"step_number": 1, "description": words, "tool_to_use": None, "depends_on": []}
        arguments = {"plan": f"Do this: {words}", "steps": [step], "ready": True}
        return call("create_reasoning_plan", arguments) if body.get("tools") else text(json.dumps(arguments))

    for number, what in enumerate(("lamp", "clock"), 1):
        prose, run = Prose(f"case{number}"), f"r{number}"
        recorder.script.add(run, {"<reasoning>": [plan, plan], "Sleuth": [text(prose.about("the case"))], "Chronicler": [text(prose.about("the story"))]})
        agents = [Agent(role=role, goal="Find out", backstory="You notice.", llm=model, planning_config=PlanningConfig(reasoning_effort="low", max_attempts=1)) for role in ("Sleuth", "Chronicler")]
        kickoff(Crew(agents=agents, tasks=[Task(description=f"Who took the {what}?", expected_output="A name", agent=agents[0]), Task(description="Tell the story.", expected_output="A text", agent=agents[1])]), run)


if __name__ == "__main__":
    cases.main("crewai", "crewai")
