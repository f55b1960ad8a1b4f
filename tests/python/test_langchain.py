"""LangChain's OpenAI chat model: sync, async and streaming with tools (G1)."""

import pytest
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


@tool
def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"Sunny in {city}"


@pytest.fixture
def model(base_url, api_key, trace_id):
    def make(name: str) -> ChatOpenAI:
        headers = {"x-aop-trace-id": trace_id, "x-aop-agent": "LangChain"}
        return ChatOpenAI(
            model=name, base_url=f"{base_url}/v1", api_key=api_key, default_headers=headers, max_retries=0, stream_usage=True
        )

    return make


def test_invoke(model, api, trace_id):
    answer = model("sim-fast").invoke("Say hello")
    assert answer.content and answer.usage_metadata["output_tokens"] > 0
    [call] = api.calls_of(trace_id, 1)
    assert call["agent"] == "LangChain"


def test_stream_with_tools(model):
    whole = None
    for chunk in model("sim-tools").bind_tools([get_weather]).stream("Weather in Busan?"):
        whole = chunk if whole is None else whole + chunk
    assert whole.tool_calls[0]["name"] == "get_weather"
    assert "city" in whole.tool_calls[0]["args"]


@pytest.mark.asyncio
async def test_async_invoke_and_stream(model):
    assert (await model("sim-fast").ainvoke("Hi")).content
    pieces = [chunk.content async for chunk in model("sim-fast").astream("Hi")]
    assert "".join(pieces)
