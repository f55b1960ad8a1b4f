"""Google ADK on Google's own API, and programs on google-genai without a framework: `contents`, `parts`, `functionCall`.

Truth: every agent has a model object of its own; programs say who asks.
"""

import asyncio

from record import case as cases
from record import truth
from record.case import case
from record.prose import Prose
from record.script import call, text

cases.prepare()

from google import genai  # noqa: E402
from google.adk.agents import LlmAgent, LoopAgent, ParallelAgent, SequentialAgent  # noqa: E402
from google.adk.agents.run_config import RunConfig, StreamingMode  # noqa: E402
from google.adk.models.google_llm import Gemini  # noqa: E402
from google.adk.runners import InMemoryRunner  # noqa: E402
from google.adk.tools.agent_tool import AgentTool  # noqa: E402
from google.adk.tools.tool_context import ToolContext  # noqa: E402
from google.genai import types  # noqa: E402

OLDER, NEWER = "gemini-2.5-flash", "gemini-3-flash-preview"


class Told(Gemini):
    owner: str = ""

    async def generate_content_async(self, llm_request, stream=False):
        with truth.agent(self.owner):
            answers = [answer async for answer in super().generate_content_async(llm_request, stream=stream)]
        for answer in answers:
            yield answer


def agent(name: str, instruction: str, model=OLDER, **more) -> LlmAgent:
    return LlmAgent(name=name, model=Told(model=model, owner=name), instruction=instruction, **more)


def weather(city: str) -> str:
    """The weather of a city."""
    return f"{city}: 12 degrees, wind."


def tides(harbour: str) -> dict:
    """The tides of a harbour."""
    return {"harbour": harbour, "high": ["04:10", "16:32"], "low": ["10:20", "22:41"]}


def leave(tool_context: ToolContext) -> str:
    """Ends the loop."""
    tool_context.actions.escalate = True
    return "ended"


def to(name: str):
    return call("transfer_to_agent", {"agent_name": name}, to=name)


async def ask(root, run: str, questions, streams=False):
    with truth.run(run):
        runner = InMemoryRunner(agent=root, app_name="corpus")
        session = await runner.session_service.create_session(app_name="corpus", user_id="u1")
        config = RunConfig(streaming_mode=StreamingMode.SSE if streams else StreamingMode.NONE)
        for question in questions:
            content = types.Content(role="user", parts=[types.Part(text=question)])
            async for _ in runner.run_async(user_id="u1", session_id=session.id, new_message=content, run_config=config):
                pass


def harbour(model=OLDER):
    pilot = agent("pilot", "You bring ships in.", model, description="Brings ships in", tools=[tides])
    clerk = agent("berth_clerk", "You give out berths.", model, description="Gives out berths")
    return agent("harbour_master", "You answer captains.", model, description="The first contact", sub_agents=[pilot, clerk])


@case("transfer", "seen")
async def transfer(recorder):
    """Two questions in one session: the second starts at the agent that was active, which hands over to its sibling."""
    prose = Prose("harbour")
    recorder.script.add("r1", {
        "harbour_master": [to("pilot")],
        "pilot": [call("tides", {"harbour": "Bergen"}), text(prose.about("the tides")), to("berth_clerk")],
        "berth_clerk": [text(prose.about("the berths"))],
    })
    await ask(harbour(), "r1", ["When can we come in?", "Where do we lie?"])


@case("streamed", "seen")
async def streamed(recorder):
    """The same streamed, by a model that names and signs its tool calls; there and back."""
    for run in ("r1", "r2"):
        prose = Prose("streamed" + run)
        recorder.script.add(run, {
            "harbour_master": [to("pilot"), to("berth_clerk")],
            "pilot": [call("tides", {"harbour": "Oslo"}), to("harbour_master")],
            "berth_clerk": [text(prose.about("the berths"))],
        })
    ships = {"r1": "Fulmar", "r2": "Kittiwake"}
    await asyncio.gather(*(ask(harbour(NEWER), run, [f"Here is the {ship}. When can we come in, and where do we lie?"], streams=True) for run, ship in ships.items()))


@case("agent_as_tool", "seen")
async def agent_as_tool(recorder):
    for run in ("r1", "r2"):
        prose = Prose("native-tool" + run)
        claim, check = prose.about("a claim", 1), prose.about("the check")
        recorder.script.add(run, {"essayist": [call("source_reader", {"request": claim}, to="source_reader"), text(prose.about("the essay"))], "source_reader": [text(check)]})
    root = lambda: agent("essayist", "Write essays. Have sources read by the tool.", tools=[AgentTool(agent=agent("source_reader", "Read sources."))])  # noqa: E731
    await asyncio.gather(ask(root(), "r1", ["Write about lakes."]), ask(root(), "r2", ["Write about lakes."]))


@case("workflow", "seen")
async def workflow(recorder):
    """Two in parallel, one that reads what they wrote, and a loop of a writer and a critic; three runs at once."""
    recorder.latency_s = (0.05, 0.3)

    async def one(run):
        prose = Prose("native-flow" + run)
        recorder.script.add(run, {
            "east_reporter": [call("weather", {"city": "Vardo"}), text(prose.about("the east"))],
            "west_reporter": [text(prose.about("the west"))],
            "editor": [text(prose.about("both")), text(prose.about("both again"))],
            "reviser": [text(prose.about("a critique")), call("leave", {}), text("Good.")],
        })
        reporters = ParallelAgent(name="reporters", sub_agents=[agent("east_reporter", "Report the east.", tools=[weather], output_key="east"), agent("west_reporter", "Report the west.", output_key="west")])
        rounds = LoopAgent(name="rounds", max_iterations=2, sub_agents=[agent("editor", "Join these: {east} and {west}", output_key="text"), agent("reviser", "Criticise: {text}", tools=[leave])])
        await ask(SequentialAgent(name="paper", sub_agents=[reporters, rounds]), run, ["The paper, please."])

    await asyncio.gather(*(one(run) for run in ("r1", "r2", "r3")))


@case("transfers_at_once", "seen")
async def transfers_at_once(recorder):
    """Six sessions at once that ask the same, in Korean, streamed and whole."""
    recorder.latency_s = (0.05, 0.3)

    async def one(number):
        run, model = f"r{number}", NEWER if number % 2 else OLDER
        prose = Prose("native-many" + run)
        recorder.script.add(run, {
            "reception": [to("room_guide")],
            "room_guide": [call("weather", {"city": "Jeju"}), text(prose.about("the room")), to("food_guide")],
            "food_guide": [text(prose.about("the food"))],
        })
        root = agent("reception", "손님을 안내한다.", model, description="첫 안내", sub_agents=[agent("room_guide", "방을 안내한다.", model, description="방", tools=[weather]), agent("food_guide", "식사를 안내한다.", model, description="식사")])
        await ask(root, run, ["방이 있나요?", "저녁은요?"], streams=number % 3 == 0)

    await asyncio.gather(*(one(number) for number in range(1, 7)))


@case("genai_chats", "seen")
async def genai_chats(recorder):
    """No framework: chats whose tools the SDK runs by itself, one of them streamed, a count and an embedding beside them."""
    async def one(run, topic, streams):
        prose = Prose("genai" + run)
        recorder.script.add(run, {"Almanac": [call("weather", {"city": topic}), text(prose.about(topic)), text(prose.about(topic + " again")), text(prose.about("the rest"))]})
        client = genai.Client()
        config = types.GenerateContentConfig(system_instruction="Your name is Almanac. You know skies and seas.", tools=[weather])
        chat = client.aio.chats.create(model=OLDER, config=config)
        with truth.run(run), truth.agent("Almanac"):
            said = ""
            for question in (f"How is {topic} today?", "And tomorrow?", "And after that?"):
                if streams:
                    said = ""
                    async for piece in await chat.send_message_stream(question):
                        said += piece.text or ""
                else:
                    said = (await chat.send_message(question)).text
                await client.aio.models.count_tokens(model=OLDER, contents=chat.get_history())
            await client.aio.models.embed_content(model="gemini-embedding-001", contents=[said, f"{topic} at sea"])
        await client.aio.aclose()

    await asyncio.gather(one("r1", "Kiruna", False), one("r2", "Nagasaki", True))


@case("genai_workers", "seen")
async def genai_workers(recorder):
    """No framework: a planner's JSON is worked off by writers of their own, and an editor reads what they wrote."""
    async def one(run):
        prose = Prose("genai-workers" + run)
        parts = [prose.about("the coast", 1), prose.about("the hills", 1)]
        written = [prose.about("waves"), prose.about("sheep")]
        recorder.script.add(run, {"Outliner": [text('{"parts": ["%s", "%s"]}' % tuple(parts))], "Coast Writer": [text(written[0])], "Hill Writer": [text(written[1])], "Closing Editor": [text(prose.about("it all"))]})
        client = genai.Client()

        async def say(owner, system, words):
            config = types.GenerateContentConfig(system_instruction=system, response_mime_type="application/json" if owner == "Outliner" else None)
            with truth.agent(owner):
                return (await client.aio.models.generate_content(model=OLDER, contents=words, config=config)).text

        with truth.run(run):
            await say("Outliner", "You are Outliner. Plan articles.", "An article about Wales.")
            await asyncio.gather(say("Coast Writer", "You are Coast Writer.", parts[0]), say("Hill Writer", "You are Hill Writer.", parts[1]))
            await say("Closing Editor", "You are Closing Editor.", "Join these:\n\n" + "\n\n".join(written))

    await asyncio.gather(one("r1"), one("r2"))


if __name__ == "__main__":
    cases.main("adk_native", "google-adk", "adk")
