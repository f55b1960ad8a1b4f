"""CrewAI, the rest: deterministic answers, one model object for everything, reasoning, text-only tools, forced answers, templates."""

import json

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, error, text

from scenarios.crewai_cases import Agent, Crew, Process, Task, at_once, delegation, for_each_crew, llm, research_crew, research_script, search


@case("20_same_answers", "seen")
def twenty_same_answers(recorder):
    """A model at temperature zero: all 20 runs say the same words; identifiers and connections are what differs."""
    at_once(recorder, 20, lambda: research_crew(llm(), "river locks"), lambda _number: research_script("same", "river locks"))


@case("20_shared_model", "seen")
def twenty_shared_model(recorder):
    """One model object for all 20 runs: connections say nothing."""
    model = llm()
    at_once(recorder, 20, lambda: research_crew(model, "canal boats"), lambda number: research_script(f"shared{number}", "canal boats"))


def camp(model, manager_model):
    scout = Agent(role="Route Scout", goal="Find routes", backstory="You walk a lot. You draw maps.", llm=model, tools=[search])
    medic = Agent(role="Medic", goal="Keep people healthy", backstory="You carry a bag.", llm=model)
    return Crew(agents=[scout, medic], tasks=[Task(description="Plan a hike for 12 people.", expected_output="A plan")], process=Process.hierarchical, manager_llm=manager_model)


def camp_script(seed: str):
    prose = Prose(seed)
    return {
        "Crew Manager": [calls(delegation("Route Scout", "Find a route.", prose.about("the wishes", 1)), delegation("Medic", "List what to pack.", prose.about("the group", 1)), to=["Route Scout", "Medic"]), text(prose.about("the hike"))],
        "Route Scout": [call("search", {"query": "routes"}), text(prose.about("the route"))],
        "Medic": [text(prose.about("the bag"))],
    }


@case("hierarchical_at_once", "seen")
def hierarchical_at_once(recorder):
    at_once(recorder, 8, lambda: camp(llm(), llm("openai/gpt-4.1")), lambda number: camp_script(f"hike{number}"))


@case("20_same_answers_shop", "unseen")
def twenty_same_answers_shop(recorder):
    def crew():
        model = llm()
        taster = Agent(role="Taster", goal="Taste", backstory="You never smoke.", llm=model, tools=[search])
        buyer = Agent(role="Tea Buyer", goal="Buy tea", backstory="You travel.", llm=model)
        tasks = [Task(description="Taste the new tea.", expected_output="A judgement", agent=taster), Task(description="Decide what to buy.", expected_output="A list", agent=buyer)]
        return Crew(agents=[taster, buyer], tasks=tasks)

    def script(_number):
        prose = Prose("tea")
        return {"Taster": [call("search", {"query": "tea"}), text(prose.about("the tea"))], "Tea Buyer": [text(prose.about("the list"))]}

    at_once(recorder, 20, crew, script)


@case("retries", "seen")
def retries(recorder):
    """The SDK tries again; two kickoffs at once."""
    def script(number):
        answers = research_script(f"retry{number}", "peat")
        return {**answers, "Senior Researcher": [error(429), *answers["Senior Researcher"]], "Report Writer": [error(500), error(503), *answers["Report Writer"]]}

    at_once(recorder, 2, lambda: research_crew(llm(), "peat"), script)


@case("retries_of_the_task", "unseen")
def retries_of_the_task(recorder):
    """The SDK gives up, and the framework starts the task anew."""
    prose = Prose("gave-up")
    recorder.script.add("r1", {"Miller": [call("search", {"query": "mills"}), error(500), error(500), error(500), call("search", {"query": "mills"}), text(prose.about("mills"))], "Baker": [text(prose.about("bread"))]})
    model = llm()
    miller = Agent(role="Miller", goal="Mill", backstory="You get up early.", llm=model, tools=[search])
    baker = Agent(role="Baker", goal="Bake", backstory="You get up earlier.", llm=model)
    tasks = [Task(description="Find a mill.", expected_output="A mill", agent=miller), Task(description="Say what to bake.", expected_output="A list", agent=baker)]
    with truth.run("r1"):
        Crew(agents=[miller, baker], tasks=tasks).kickoff()


@case("again", "seen")
def again(recorder):
    """The same crew with the same inputs three times, one after the other: only what they write differs."""
    for number in (1, 2, 3):
        run = f"r{number}"
        recorder.script.add(run, research_script(f"again{number}", "wind farms"))
        with truth.run(run):
            research_crew(llm(), "wind farms").kickoff()


@case("again_hierarchical", "unseen")
def again_hierarchical(recorder):
    """The same on one model object, with a manager who says the same words in every run."""
    model = llm()
    for number in (1, 2, 3):
        run = f"r{number}"
        recorder.script.add(run, camp_script(f"again{number % 2}"))
        with truth.run(run):
            camp(model, model).kickoff()


@case("planning_templates", "unseen")
def planning_templates(recorder):
    """Two kickoffs of one crew with other inputs, a planner, a templated role."""
    crew = for_each_crew(llm())
    crew.planning, crew.planning_llm = True, llm("openai/gpt-4o-mini")
    plans = [{"task_number": number, "task": f"Task {number}", "plan": "Look, then write."} for number in (1, 2)]
    for number, city in enumerate(["Turin", "Accra"], 1):
        prose = Prose(city)
        recorder.script.add(f"r{number}", {"<planner>": [text(json.dumps({"list_of_plans_per_task": plans}))], "{city} Travel Guide": [call("search", {"query": city}), text(prose.about(city))], "Critic": [text(prose.about(f"the day in {city}"))]})
        with truth.run(f"r{number}"):
            crew.kickoff(inputs={"city": city})


@case("text_tools", "seen")
def text_tools(recorder):
    """A model without tool calls: tools are described and used in text."""
    prose = Prose("react")
    recorder.script.add("r1", {
        "Archivist": [text('Thought: I look it up.\nAction: search\nAction Input: {"query": "old maps"}'), text(f"Thought: I now know the final answer\nFinal Answer: {prose.about('old maps')}")],
        "Curator": [text(prose.about("the exhibition"))],
    })
    model = llm("openai/o1-mini")
    archivist = Agent(role="Archivist", goal="Find maps", backstory="You know the cellar.", llm=model, tools=[search])
    curator = Agent(role="Curator", goal="Make exhibitions", backstory="You have taste.", llm=model)
    tasks = [Task(description="Find old maps.", expected_output="A list", agent=archivist), Task(description="Choose three.", expected_output="Three maps", agent=curator)]
    with truth.run("r1"):
        Crew(agents=[archivist, curator], tasks=tasks).kickoff()


@case("forced_answer", "unseen")
def forced_answer(recorder):
    prose = Prose("forced")
    recorder.script.add("r1", {"Collector": [call("search", {"query": "stamps"}), call("search", {"query": "coins"}), text(prose.about("the collection"))], "Appraiser": [text(prose.about("the value"))]})
    model = llm()
    collector = Agent(role="Collector", goal="Collect", backstory="You cannot stop.", llm=model, tools=[search], max_iter=2)
    appraiser = Agent(role="Appraiser", goal="Appraise", backstory="You know prices.", llm=model)
    tasks = [Task(description="Collect stamps.", expected_output="A list", agent=collector), Task(description="Say what it is worth.", expected_output="A sum", agent=appraiser)]
    with truth.run("r1"):
        Crew(agents=[collector, appraiser], tasks=tasks).kickoff()


@case("coworkers", "unseen")
def coworkers(recorder):
    """A sequential crew whose agents may ask each other; three kickoffs at once on one model object."""
    model = llm()

    def crew():
        cook = Agent(role="Head Cook", goal="Cook", backstory="You run the kitchen.", llm=model, allow_delegation=True)
        gardener = Agent(role="Gardener", goal="Grow", backstory="You know what is ripe.", llm=model, tools=[search])
        tasks = [Task(description="Write a menu of what is ripe.", expected_output="A menu", agent=cook), Task(description="Plan the sowing after the menu.", expected_output="A list", agent=gardener)]
        return Crew(agents=[cook, gardener], tasks=tasks)

    def script(number):
        prose = Prose(f"menu{number}")
        return {
            "Head Cook": [call("ask_question_to_coworker", {"question": "What is ripe?", "context": prose.about("the season", 1), "coworker": "Gardener"}, to="Gardener"), text(prose.about("the menu"))],
            "Gardener": [call("search", {"query": "ripe"}), text(prose.about("what is ripe")), text(prose.about("the sowing"))],
        }

    at_once(recorder, 3, crew, script)


@case("reasoning", "seen")
def reasoning(recorder):
    """The agent plans before it works: the planning call is the framework's own."""
    prose = Prose("reason")

    def plan(body):
        step = {"step_number": 1, "description": "Look and write.", "tool_to_use": None, "depends_on": []}
        arguments = {"plan": "Look, then write.", "steps": [step], "ready": True}
        return call("create_reasoning_plan", arguments) if body.get("tools") else text(json.dumps(arguments))

    recorder.script.add("r1", {"<reasoning>": [plan], "Detective": [text(prose.about("the case"))]})
    from crewai.agent.planning_config import PlanningConfig

    detective = Agent(role="Detective", goal="Find out", backstory="You notice.", llm=llm(), planning_config=PlanningConfig(reasoning_effort="low", max_attempts=1))
    with truth.run("r1"):
        Crew(agents=[detective], tasks=[Task(description="Who took the lamp?", expected_output="A name", agent=detective)]).kickoff()


if __name__ == "__main__":
    cases.main("crewai", "crewai")
