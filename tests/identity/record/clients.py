"""Provider clients that belong to one agent each and share one pool of connections: for frameworks that take a client object.

Only who calls is noted on the way; what goes over the wire is the SDK's own.
"""

from openai import AsyncOpenAI, DefaultAsyncHttpxClient, DefaultHttpxClient, OpenAI

from . import truth


def pool() -> DefaultAsyncHttpxClient:
    """Connections for any number of agents."""
    return DefaultAsyncHttpxClient()


def sync_pool() -> DefaultHttpxClient:
    return DefaultHttpxClient()


def told(owner: str, http=None, **about) -> AsyncOpenAI:
    """`about`: kind, on_behalf_of."""

    class Told(AsyncOpenAI):
        async def request(self, *args, **kwargs):
            with truth.agent(owner, **about):
                return await super().request(*args, **kwargs)

    return Told(http_client=http) if http is not None else Told()


def told_sync(owner: str, http=None, **about) -> OpenAI:
    class Told(OpenAI):
        def request(self, *args, **kwargs):
            with truth.agent(owner, **about):
                return super().request(*args, **kwargs)

    return Told(http_client=http) if http is not None else Told()
