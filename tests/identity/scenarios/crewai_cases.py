"""CrewAI: sequential and hierarchical crews, async and conditional tasks, planning, memory, streaming, other dialects."""

import json
import threading

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, calls, text

cases.prepare()

from crewai import LLM, Agent, Crew, Process, Task  # noqa: E402
from crewai.tasks.conditional_task import ConditionalTask  # noqa: E402
from crewai.tools import tool  # noqa: E402

from scenarios import crewai_hooks  # noqa: E402

crewai_hooks.install()


@tool("search")
def search(query: str) -> str:
    """Searches the archive for a query."""
    return f"3 documents about {query}: a report, an interview and a table."


@tool("price_list")
def price_list(item: str) -> str:
    """Looks up the price of an item."""
    return json.dumps({"item": item, "price": 41.5, "currency": "EUR"})


def llm(model: str = "openai/gpt-4.1-mini", **more) -> LLM:
    return LLM(model=model, **more)


def research_crew(model, topic: str, **more) -> Crew:
    researcher = Agent(role="Senior Researcher", goal=f"Find facts about {topic}", backstory="You have worked in archives for 20 years.", llm=model, tools=[search])
    analyst = Agent(role="Data Analyst", goal="Turn facts into numbers", backstory="You distrust every number until it is checked.", llm=model)
    writer = Agent(role="Report Writer", goal="Write short reports", backstory="You write for busy people. You never use adjectives.", llm=model)
    tasks = [
        Task(description=f"Collect the facts about {topic}.", expected_output="A list of facts", agent=researcher),
        Task(description="Work out what the facts mean in numbers.", expected_output="A few figures", agent=analyst),
        Task(description="Write the report.", expected_output="One paragraph", agent=writer),
    ]
    return Crew(agents=[researcher, analyst, writer], tasks=tasks, **more)


def research_script(seed: str, topic: str) -> dict:
    prose = Prose(seed)
    return {
        "Senior Researcher": [call("search", {"query": topic}), text(prose.about(topic))],
        "Data Analyst": [text(prose.about("the figures"))],
        "Report Writer": [text(prose.about(f"{topic}, as reported"))],
    }


@case("sequential", "seen")
def sequential(recorder):
    recorder.script.add("r1", research_script("a", "heat pumps"))
    with truth.run("r1"):
        research_crew(llm(), "heat pumps").kickoff()


@case("sequential_shop", "unseen")
def sequential_shop(recorder):
    """Other agents, a tool loop, one LLM object shared, two kickoffs one after the other."""
    for number, item in enumerate(["bicycle", "helmet"], 1):
        prose = Prose(f"shop{number}")
        recorder.script.add(f"r{number}", {
            "Buyer": [call("price_list", {"item": item}), call("search", {"query": f"{item} supplier"}), text(prose.about(item))],
            "Negotiator": [text(prose.about(f"terms for the {item}"))],
        })
        model = llm("openai/gpt-4o", temperature=0.2)
        buyer = Agent(role="Buyer", goal="Buy well. Pay little", backstory="A careful person. You keep receipts.", llm=model, tools=[price_list, search])
        negotiator = Agent(role="Negotiator", goal="Get better terms", backstory="You are calm and polite.", llm=model)
        tasks = [
            Task(description=f"Find a supplier for one {item}.", expected_output="A supplier and its price", agent=buyer),
            Task(description="Prepare the negotiation.", expected_output="A plan", agent=negotiator),
        ]
        with truth.run(f"r{number}"):
            Crew(agents=[buyer, negotiator], tasks=tasks).kickoff()


def delegation(name: str, task: str, context: str) -> tuple[str, dict]:
    return ("delegate_work_to_coworker", {"task": task, "context": context, "coworker": name})


@case("hierarchical", "seen")
def hierarchical(recorder):
    prose = Prose("h1")
    recorder.script.add("r1", {
        "Crew Manager": [
            calls(delegation("Market Researcher", "List the three largest makers of e-bikes.", "We plan to open a shop."),
                  delegation("Cost Planner", "Estimate the yearly cost of a small bike shop.", "We plan to open a shop."), to=["Market Researcher", "Cost Planner"]),
            call("ask_question_to_coworker", {"question": "Which maker delivers fastest?", "context": "The shop opens in May.", "coworker": "Market Researcher"}, to="Market Researcher"),
            text(prose.about("the shop plan")),
        ],
        "Market Researcher": [call("search", {"query": "e-bike makers"}), text(prose.about("e-bike makers")), text("The second one delivers in 9 days.")],
        "Cost Planner": [text(prose.about("shop costs"))],
    })
    model = llm()
    researcher = Agent(role="Market Researcher", goal="Know every market", backstory="You read trade papers.", llm=model, tools=[search])
    planner = Agent(role="Cost Planner", goal="Know what things cost", backstory="You were an accountant.", llm=model)
    task = Task(description="Plan a shop for e-bikes.", expected_output="A plan")
    with truth.run("r1"):
        Crew(agents=[researcher, planner], tasks=[task], process=Process.hierarchical, manager_llm=llm("openai/gpt-4.1")).kickoff()


@case("hierarchical_support", "unseen")
def hierarchical_support(recorder):
    """A manager of one's own, two tasks, two parallel delegations to two workers, two kickoffs side by side."""
    def one(run: str, customer: str):
        model = llm()
        manager = Agent(role="Support Lead", goal="Solve the customer's problem", backstory="You lead a small team.", llm=llm("openai/gpt-4.1"), allow_delegation=True)
        billing = Agent(role="Billing Clerk", goal="Correct invoices", backstory="You know every invoice. You are exact.", llm=model, tools=[price_list])
        technician = Agent(role="Field Technician", goal="Repair devices", backstory="You have seen every defect.", llm=model)
        tasks = [Task(description=f"Answer the complaint of {customer}: the device is broken and the invoice is wrong.", expected_output="An answer"),
                 Task(description="Write the internal note.", expected_output="A note")]
        with truth.run(run):
            Crew(agents=[billing, technician], tasks=tasks, process=Process.hierarchical, manager_agent=manager).kickoff()

    threads = []
    for number, customer in enumerate(["Ms Lind", "Mr Okoro"], 1):
        prose = Prose(f"support{number}")
        recorder.script.add(f"r{number}", {
            "Support Lead": [
                calls(delegation("Billing Clerk", f"Check the invoice of {customer}.", "It should be 41.50."),
                      delegation("Field Technician", "Say what could be broken.", "It does not start."), to=["Billing Clerk", "Field Technician"]),
                text(prose.about("the complaint")),
                call(*delegation("Billing Clerk", "Summarise the correction in one line.", prose.about("the invoice")), to="Billing Clerk"),
                text(prose.about("the note")),
            ],
            "Billing Clerk": [call("price_list", {"item": "repair"}), text(prose.about("the invoice")), text("One line was corrected.")],
            "Field Technician": [text(prose.about("the defect"))],
        })
        threads.append(threading.Thread(target=one, args=(f"r{number}", customer)))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@case("async_conditional", "seen")
def async_conditional(recorder):
    prose = Prose("async")
    recorder.script.add("r1", {
        "Weather Reporter": [text(prose.about("the weather"))],
        "Traffic Reporter": [call("search", {"query": "road works"}), text(prose.about("traffic"))],
        "Editor": [text(prose.about("the morning")), text("Extra: bring an umbrella.")],
    })
    model = llm()
    weather = Agent(role="Weather Reporter", goal="Report the weather", backstory="You look out of the window.", llm=model)
    traffic = Agent(role="Traffic Reporter", goal="Report traffic", backstory="You listen to the radio.", llm=model, tools=[search])
    editor = Agent(role="Editor", goal="Make one bulletin", backstory="You cut.", llm=model)
    first = Task(description="Report the weather of today.", expected_output="Two sentences", agent=weather, async_execution=True)
    second = Task(description="Report the traffic of today.", expected_output="Two sentences", agent=traffic, async_execution=True)
    third = Task(description="Write the bulletin.", expected_output="A bulletin", agent=editor, context=[first, second])
    rain = ConditionalTask(description="Add a warning.", expected_output="One line", agent=editor, condition=lambda output: True)
    snow = ConditionalTask(description="Add a snow warning.", expected_output="One line", agent=editor, condition=lambda output: "snow" in output.raw)
    with truth.run("r1"):
        Crew(agents=[weather, traffic, editor], tasks=[first, second, third, rain, snow]).kickoff()


def plan_reply(body: dict):
    names = ["Collect", "Work out", "Write"]
    plans = [{"task_number": number, "task": f"{name}", "plan": f"Step 1: {name.lower()} carefully. Step 2: check."} for number, name in enumerate(names, 1)]
    return text(json.dumps({"list_of_plans_per_task": plans}))


@case("planning", "seen")
def planning(recorder):
    recorder.script.add("r1", {"<planner>": [plan_reply], **research_script("p", "tidal power")})
    with truth.run("r1"):
        research_crew(llm(), "tidal power", planning=True, planning_llm=llm("openai/gpt-4o-mini")).kickoff()


def memory_script(recorder, run: str):
    analysis = {"suggested_scope": "/facts", "categories": ["facts"], "importance": 0.6, "extracted_metadata": {"entities": [], "dates": [], "topics": []}}
    keep = {"actions": [], "insert_new": True, "insert_reason": "new"}
    query = {"keywords": ["facts"], "suggested_scopes": ["/"], "complexity": "simple", "recall_queries": ["facts"], "time_filter": None}
    for agent, value in {"<memory:extract>": {"memories": ["Heat pumps are efficient.", "The market grows."]}, "<memory:save>": analysis,
                         "<memory:consolidate>": keep, "<memory:query>": query}.items():
        recorder.script.add(run, {agent: [text(json.dumps(value), again=True)]})


@case("memory", "seen")
def memory(recorder):
    embedder = {"provider": "openai", "config": {"model_name": "text-embedding-3-small"}}
    for run, topic in {"r1": "heat pumps", "r2": "insulation"}.items():
        memory_script(recorder, run)
        recorder.script.add(run, research_script(f"m{run}", topic))
        with truth.run(run):
            research_crew(llm(), topic, memory=True, embedder=embedder).kickoff()


def for_each_crew(model):
    guide = Agent(role="{city} Travel Guide", goal="Show people {city}", backstory="You were born in {city}. You love it.", llm=model, tools=[search])
    critic = Agent(role="Critic", goal="Find what is missing", backstory="Nothing is good enough.", llm=model)
    return Crew(agents=[guide, critic], tasks=[
        Task(description="Plan a day in {city}.", expected_output="A plan", agent=guide),
        Task(description="Criticise the plan for {city}.", expected_output="A list", agent=critic),
    ])


@case("for_each", "seen")
def for_each(recorder):
    """One crew, three inputs; the role is a template."""
    from crewai.crew import Crew as CrewClass

    runs = iter(range(1, 10))
    original = CrewClass.kickoff
    cities = ["Lisbon", "Busan", "Quito"]
    for number, city in enumerate(cities, 1):
        prose = Prose(city)
        recorder.script.add(f"r{number}", {"{city} Travel Guide": [call("search", {"query": f"{city} sights"}), text(prose.about(city))], "Critic": [text(prose.about(f"the plan for {city}"))]})

    def kickoff(self, *args, **kwargs):
        with truth.run(f"r{next(runs)}"):
            return original(self, *args, **kwargs)

    CrewClass.kickoff = kickoff
    try:
        for_each_crew(llm()).kickoff_for_each(inputs=[{"city": city} for city in cities])
    finally:
        CrewClass.kickoff = original


@case("streaming", "unseen")
def streaming(recorder):
    prose = Prose("st")
    recorder.script.add("r1", {"Glass Sorter": [call("search", {"query": "glass"}), call("price_list", {"item": "glass"}), text(prose.about("glass"))], "Furnace Keeper": [text(prose.about("the furnace"))]})
    model = llm(stream=True)
    sorter = Agent(role="Glass Sorter", goal="Sort glass", backstory="You see every colour.", llm=model, tools=[search, price_list])
    keeper = Agent(role="Furnace Keeper", goal="Keep it hot", backstory="You sleep little.", llm=model)
    tasks = [Task(description="Sort today's glass.", expected_output="Heaps by colour", agent=sorter), Task(description="Say what can be melted.", expected_output="A list", agent=keeper)]
    with truth.run("r1"):
        Crew(agents=[sorter, keeper], tasks=tasks).kickoff()


@case("streaming_async", "seen")
def streaming_async(recorder):
    recorder.script.add("r1", research_script("st2", "rail freight"))
    recorder.script.add("r2", research_script("st3", "air freight"))

    async def both():
        import asyncio

        async def one(run, topic):
            with truth.run(run):
                await research_crew(llm(stream=True), topic).akickoff()

        await asyncio.gather(one("r1", "rail freight"), one("r2", "air freight"))

    return both()


@case("anthropic", "seen")
def anthropic(recorder):
    recorder.script.add("r1", research_script("an", "solar roofs"))
    with truth.run("r1"):
        research_crew(llm("anthropic/claude-sonnet-4-5", base_url=recorder.url), "solar roofs").kickoff()


@case("anthropic_hierarchical", "unseen")
def anthropic_hierarchical(recorder):
    prose = Prose("ah")
    recorder.script.add("r1", {
        "Crew Manager": [call(*delegation("Historian", "Tell how the bridge was built.", "For a plaque."), to="Historian"), text(prose.about("the plaque"))],
        "Historian": [call("search", {"query": "bridge"}), text(prose.about("the bridge"))],
    })
    model = llm("anthropic/claude-sonnet-4-5", base_url=recorder.url)
    historian = Agent(role="Historian", goal="Remember", backstory="You live in the library.", llm=model, tools=[search])
    task = Task(description="Write the text of a plaque.", expected_output="40 words")
    with truth.run("r1"):
        Crew(agents=[historian], tasks=[task], process=Process.hierarchical, manager_llm=model).kickoff()


@case("responses", "seen")
def responses(recorder):
    recorder.script.add("r1", research_script("re", "paper mills"))
    with truth.run("r1"):
        research_crew(llm(api="responses"), "paper mills").kickoff()


@case("guardrail", "seen")
def guardrail(recorder):
    verdicts = [text(json.dumps({"valid": False, "feedback": "The text names a price."})), text(json.dumps({"valid": True, "feedback": None}))]
    recorder.script.add("r1", {"Copywriter": [text("Only 10 euro! A fine lamp."), text("A fine lamp.")], "<guardrail>": verdicts})
    writer = Agent(role="Copywriter", goal="Sell lamps", backstory="You write labels.", llm=llm())
    task = Task(description="Write a label for a lamp.", expected_output="One line", agent=writer, guardrail="The text must not name a price.")
    with truth.run("r1"):
        Crew(agents=[writer], tasks=[task]).kickoff()


@case("guardrail_memory", "unseen")
def guardrail_memory(recorder):
    memory_script(recorder, "r1")
    recorder.script.add("r1", {"Librarian": [text("The book is in room 4.")], "<guardrail>": [text(json.dumps({"valid": True, "feedback": None}))]})
    agent = Agent(role="Librarian", goal="Find books", backstory="You know every shelf.", llm=llm(), inject_date=True)
    task = Task(description="Where is the atlas?", expected_output="One line", agent=agent, guardrail="The answer names a room.")
    embedder = {"provider": "openai", "config": {"model_name": "text-embedding-3-small"}}
    with truth.run("r1"):
        Crew(agents=[agent], tasks=[task], memory=True, embedder=embedder).kickoff()


def at_once(recorder, count: int, crew_of, script_of):
    """`count` kickoffs of the same crew with the same inputs, side by side on one key."""
    recorder.latency_s = (0.15, 0.6)

    def one(run):
        with truth.run(run):
            crew_of().kickoff()

    threads = []
    for number in range(1, count + 1):
        recorder.script.add(f"r{number:02}", script_of(number))
        threads.append(threading.Thread(target=one, args=(f"r{number:02}",)))
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]


@case("20_at_once", "seen")
def twenty_at_once(recorder):
    at_once(recorder, 20, lambda: research_crew(llm(), "sea freight"), lambda number: research_script(f"t{number}", "sea freight"))


@case("20_at_once_hierarchical", "unseen")
def twenty_at_once_hierarchical(recorder):
    """One LLM object for all runs: connections say nothing about runs."""
    model = llm()

    def crew():
        scout = Agent(role="Scout", goal="Find places", backstory="You walk a lot.", llm=model, tools=[search])
        cook = Agent(role="Cook", goal="Plan meals", backstory="You cook for many.", llm=model)
        return Crew(agents=[scout, cook], tasks=[Task(description="Plan a camp for 12 children.", expected_output="A plan")], process=Process.hierarchical, manager_llm=model)

    def script(number):
        prose = Prose(f"camp{number}")
        place = prose.about("the place")
        return {
            "Crew Manager": [
                calls(delegation("Scout", "Find a place for a camp.", prose.about("the wishes", 1)), delegation("Cook", "Plan the meals.", prose.about("the kitchen", 1)), to=["Scout", "Cook"]),
                text(prose.about("the camp")),
            ],
            "Scout": [call("search", {"query": "camp sites"}), text(place)],
            "Cook": [text(prose.about("the meals"))],
        }

    at_once(recorder, 20, crew, script)


if __name__ == "__main__":
    cases.main("crewai", "crewai")
