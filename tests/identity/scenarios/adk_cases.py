"""Google ADK on LiteLLM: transfers between agents, a sequential and a parallel workflow, an agent as a tool, a loop.

Truth: every agent has a model object of its own.
"""

import asyncio

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from google.adk.agents import LlmAgent, LoopAgent, ParallelAgent, SequentialAgent  # noqa: E402
from google.adk.models.lite_llm import LiteLlm  # noqa: E402
from google.adk.runners import InMemoryRunner  # noqa: E402
from google.adk.tools.agent_tool import AgentTool  # noqa: E402
from google.adk.tools.tool_context import ToolContext  # noqa: E402
from google.genai import types  # noqa: E402


def told(owner: str, model="openai/gpt-4.1-mini"):
    class Told(LiteLlm):
        async def generate_content_async(self, *args, **kwargs):
            with truth.agent(owner):
                answers = [answer async for answer in super().generate_content_async(*args, **kwargs)]
            for answer in answers:
                yield answer

    return Told(model=model)


def agent(name: str, instruction: str, **more) -> LlmAgent:
    return LlmAgent(name=name, model=told(name), instruction=instruction, **more)


def weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: 12 degrees, wind."


async def ask(root, run: str, questions):
    with truth.run(run):
        runner = InMemoryRunner(agent=root, app_name="corpus")
        session = await runner.session_service.create_session(app_name="corpus", user_id="u1")
        for question in questions:
            content = types.Content(role="user", parts=[types.Part(text=question)])
            async for _ in runner.run_async(user_id="u1", session_id=session.id, new_message=content):
                pass


def concierge():
    greeter = agent("greeter", "You greet.", description="Greets people")
    weather_agent = agent("weather_agent", "You know the weather.", description="Knows the weather", tools=[weather])
    return agent("concierge", "You help guests.", description="The first contact", sub_agents=[greeter, weather_agent])


@case("transfer", "seen")
async def transfer(recorder):
    """Two questions in one session: the second starts at the agent that was active."""
    prose = Prose("adk")
    recorder.script.add("r1", {
        "concierge": [call("transfer_to_agent", {"agent_name": "greeter"}, to="greeter")],
        "greeter": [text("Hello and welcome."), call("transfer_to_agent", {"agent_name": "weather_agent"}, to="weather_agent")],
        "weather_agent": [call("weather", {"city": "Bergen"}), text(prose.about("the weather"))],
    })
    await ask(concierge(), "r1", ["Hello!", "How is the weather in Bergen?"])


@case("transfer_twice", "unseen")
async def transfer_twice(recorder):
    """Two sessions at once, hand-overs there and back."""
    def bank():
        cards = agent("card_desk", "Help with cards.", description="Cards")
        loans = agent("loan_desk", "Help with loans.", description="Loans", tools=[weather])
        return agent("bank_front", "Send people to the right desk.", sub_agents=[cards, loans])

    for run in ("r1", "r2"):
        prose = Prose("bank" + run)
        recorder.script.add(run, {
            "bank_front": [call("transfer_to_agent", {"agent_name": "card_desk"}, to="card_desk"), call("transfer_to_agent", {"agent_name": "loan_desk"}, to="loan_desk")],
            "card_desk": [call("transfer_to_agent", {"agent_name": "bank_front"}, to="bank_front")],
            "loan_desk": [call("weather", {"city": "Lima"}), text(prose.about("the loan"))],
        })
    await asyncio.gather(ask(bank(), "r1", ["My card is lost and I need a loan."]), ask(bank(), "r2", ["I need a loan for a house."]))


@case("workflow", "seen")
async def workflow(recorder):
    """Two in parallel, then one that reads what they wrote."""
    prose = Prose("flow")
    recorder.script.add("r1", {"north_reporter": [call("weather", {"city": "Tromso"}), text(prose.about("the north"))], "south_reporter": [text(prose.about("the south"))], "joiner": [text(prose.about("both"))]})
    reporters = ParallelAgent(name="reporters", sub_agents=[agent("north_reporter", "Report the north.", tools=[weather], output_key="north"), agent("south_reporter", "Report the south.", output_key="south")])
    await ask(SequentialAgent(name="pipeline", sub_agents=[reporters, agent("joiner", "Join these: {north} and {south}")]), "r1", ["Report."])


def leave(tool_context: ToolContext) -> str:
    """Ends the loop."""
    tool_context.actions.escalate = True
    return "ended"


@case("loop", "unseen")
async def loop(recorder):
    prose = Prose("loop")
    recorder.script.add("r1", {"drafter": [text(prose.about("the draft")), text(prose.about("the better draft"))], "critic": [text(prose.about("what is missing")), call("leave"), text("Left.")]})
    root = LoopAgent(name="rounds", max_iterations=3, sub_agents=[agent("drafter", "Draft a letter."), agent("critic", "Criticise, or leave when it is good.", tools=[leave])])
    await ask(root, "r1", ["A letter to the mayor."])


@case("agent_as_tool", "seen")
async def agent_as_tool(recorder):
    for run in ("r1", "r2"):
        prose = Prose("adk-tool" + run)
        recorder.script.add(run, {"author": [call("fact_checker", {"request": prose.about("a claim", 1)}, to="fact_checker"), text(prose.about("the text"))], "fact_checker": [text(prose.about("the check"))]})
    root = lambda: agent("author", "Write. Check facts with the tool.", tools=[AgentTool(agent=agent("fact_checker", "Check facts."))])  # noqa: E731
    await asyncio.gather(ask(root(), "r1", ["Write about rivers."]), ask(root(), "r2", ["Write about rivers."]))


if __name__ == "__main__":
    cases.main("adk", "google-adk")
