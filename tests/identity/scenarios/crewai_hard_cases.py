"""CrewAI where it is harder: managers, coworkers and planners at once on one model object, roles and tasks in Korean, other dialects at once."""

import json

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

from scenarios.crewai_cases import Agent, Crew, Process, Task, at_once, delegation, llm, search


def managed(model, roles, task):
    first, second = roles
    one = Agent(role=first, goal=f"Be a good {first}", backstory="You have done this for long.", llm=model, tools=[search])
    two = Agent(role=second, goal=f"Be a good {second}", backstory="You began last year.", llm=model)
    return Crew(agents=[one, two], tasks=[Task(description=task, expected_output="A plan")], process=Process.hierarchical, manager_llm=model)


def managed_script(seed, roles):
    """The tasks that the manager gives are the same in every run; what comes back is not."""
    prose, (first, second) = Prose(seed), roles
    ask = ("ask_question_to_coworker", {"question": "Is it safe?", "context": "We start in May.", "coworker": first})
    return {
        "Crew Manager": [
            calls(delegation(first, "Look at all there is.", "We start in May."), delegation(second, "Write down what it costs.", "We start in May."), to=[first, second]),
            calls(ask, to=first),
            text(prose.about("the plan")),
        ],
        first: [call("search", {"query": "all"}), text(prose.about("what there is")), text(prose.about("safety", 1))],
        second: [text(prose.about("the cost"))],
    }


@case("managers_12_at_once", "seen")
def managers_seen(recorder):
    model, roles = llm(), ("Site Surveyor", "Cost Clerk")
    at_once(recorder, 12, lambda: managed(model, roles, "Plan the new bridge."), lambda number: managed_script(f"bridge{number}", roles))


@case("managers_harbour", "fresh")
def managers_fresh(recorder):
    model, roles = llm(), ("Tide Watcher", "Rope Maker")
    at_once(recorder, 10, lambda: managed(model, roles, "Plan the regatta."), lambda number: managed_script(f"tide{number}", roles))


def coworkers(model, roles, tasks):
    agents = [Agent(role=role, goal=f"{role} well", backstory="You help each other.", llm=model, allow_delegation=True) for role in roles]
    return Crew(agents=agents, tasks=[Task(description=task, expected_output="A text", agent=agent) for task, agent in zip(tasks, agents)])


def coworkers_script(seed, roles):
    prose, (first, second) = Prose(seed), roles
    return {
        first: [call(*delegation(second, "Count them all.", "There are many."), to=second), text(prose.about("the whole"))],
        second: [text(prose.about("the count")), call(*delegation(first, "Say it shorter.", prose.about("the text", 1)), to=first), text(prose.about("the end"))],
    } | {first: [call(*delegation(second, "Count them all.", "There are many."), to=second), text(prose.about("the whole")), text(prose.about("it", 1))]}


@case("coworkers_at_once", "seen")
def coworkers_seen(recorder):
    model, roles = llm(), ("Botanist", "Statistician")
    at_once(recorder, 8, lambda: coworkers(model, roles, ("Describe the meadow.", "Sum it up.")), lambda number: coworkers_script(f"meadow{number}", roles))


@case("coworkers_theatre", "fresh")
def coworkers_fresh(recorder):
    model, roles = llm(), ("무대 감독", "조명 기사")
    at_once(recorder, 8, lambda: coworkers(model, roles, ("무대를 설명하라.", "요약하라.")), lambda number: coworkers_script(f"stage{number}", roles))


def chain(model, roles, tasks, **more):
    agents = [Agent(role=role, goal=goal, backstory=story, llm=model, tools=[search] if at == 0 else []) for at, (role, goal, story) in enumerate(roles)]
    return Crew(agents=agents, tasks=[Task(description=task, expected_output="한 문단", agent=agent) for task, agent in zip(tasks, agents)], **more)


KOREAN = (("시장 조사원", "시장을 안다", "20년 동안 신문을 읽었다. 숫자를 믿는다."), ("전략가", "계획을 세운다", "말이 적다."), ("보고서 작성자", "짧게 쓴다", "형용사를 쓰지 않는다."))
KOREAN_TASKS = ("전기 자전거 시장을 조사하라.", "무엇을 할지 정하라.", "보고서를 써라.")


def chain_script(seed, roles, **more):
    prose = Prose(seed)
    return {roles[0][0]: [call("search", {"query": "시장"}), text(prose.about("시장"))], **{role: [text(prose.about("다음"))] for role, *_ in roles[1:]}, **more}


@case("korean_at_once", "seen")
def korean_seen(recorder):
    model = llm()
    at_once(recorder, 8, lambda: chain(model, KOREAN, KOREAN_TASKS), lambda number: chain_script(f"ko{number}", KOREAN))


def plan_reply(count):
    plans = [{"task_number": number, "task": f"{number}", "plan": "Step 1: look. Step 2: write."} for number in range(1, count + 1)]
    return lambda _body: text(json.dumps({"list_of_plans_per_task": plans}))


@case("planned_at_once", "seen")
def planned_seen(recorder):
    model = llm()
    at_once(recorder, 5, lambda: chain(model, KOREAN, KOREAN_TASKS, planning=True, planning_llm=model), lambda number: chain_script(f"plan{number}", KOREAN, **{"<planner>": [plan_reply(3)]}))


SPANISH = (("Periodista", "Contar lo que pasa", "Escribes desde hace años. No opinas."), ("Editora", "Cortar", "Cortas todo lo que sobra."))


@case("messages_at_once", "seen")
def messages_seen(recorder):
    model = llm("anthropic/claude-sonnet-4-5", base_url=recorder.url)
    at_once(recorder, 6, lambda: chain(model, SPANISH, ("Cuenta la feria.", "Edita el texto.")), lambda number: chain_script(f"es{number}", SPANISH))


@case("streamed_planned", "fresh")
def planned_fresh(recorder):
    model = llm(stream=True)
    roles = (("Hydrologist", "Read rivers", "You wade. You measure."), ("Cartographer", "Draw maps", "You draw by hand."), ("Ranger", "Guard", "You walk."))
    at_once(recorder, 6, lambda: chain(model, roles, ("Read the river.", "Draw the river.", "Guard the river."), planning=True, planning_llm=llm()), lambda number: chain_script(f"river{number}", roles, **{"<planner>": [plan_reply(3)]}))


@case("responses_at_once", "fresh")
def responses_fresh(recorder):
    model = llm(api="responses")
    roles = (("Beekeeper", "Keep bees", "You have no fear."), ("Honey Taster", "Taste", "You know flowers."))
    at_once(recorder, 8, lambda: chain(model, roles, ("Look after the hive.", "Taste the honey.")), lambda number: chain_script(f"bee{number}", roles))


@case("two_crews", "seen")
def two_crews(recorder):
    """A run of two crews: what the first wrote is an input of the second."""
    model = llm()

    def flow(run):
        first = chain(model, KOREAN[:2], KOREAN_TASKS[:2]).kickoff()
        chain(model, SPANISH, ("Cuenta esto: {facts}", "Edita el texto.")).kickoff(inputs={"facts": first.raw})

    import threading

    def one(run):
        with truth.run(run):
            flow(run)

    threads = []
    for number in range(1, 5):
        recorder.script.add(f"r{number}", {**chain_script(f"a{number}", KOREAN[:2]), **chain_script(f"b{number}", SPANISH)})
        threads.append(threading.Thread(target=one, args=(f"r{number}",)))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


if __name__ == "__main__":
    cases.main("crewai", "crewai")
