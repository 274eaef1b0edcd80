"""Both Python clients follow events over connections that are cut: none is missed, none comes twice."""

import asyncio
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import aclosing, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from tests.sdk.lossy_proxy import CONTROL

from presswork_client import (
    APIConnectionError,
    AsyncPresswork,
    Presswork,
    StreamEvent,
    StreamReset,
    UnauthenticatedError,
    ValidationError,
    models,
)

_UNKNOWN = "evt_00000000000000000000000000"
"""An event that no server has: a stream says so as soon as it is connected."""
_TOMORROW = datetime.now(UTC) + timedelta(days=1)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def presswork(names: Mapping[str, str]) -> Iterator[Presswork]:
    """A client of the server, without the proxy."""
    with Presswork(api_key=names["apiKey"], base_url=names["directUrl"]) as client:
        yield client


@pytest.fixture(scope="module")
def content(presswork: Presswork, names: Mapping[str, str]) -> str:
    """A picture that is ready to be published."""
    return presswork.content.upload_files(names["picture"], project_id=names["project"], caption="stream").id


def publish(presswork: Presswork, names: Mapping[str, str], content: str) -> str:
    """Queue a post in a day, and return its id."""
    target = {"social_account_id": names["instagram"], "mode": "publish"}
    call = presswork.publishing.schedule(container_id=content, targets=[target], scheduled_for=_TOMORROW)  # type: ignore[list-item]  # a dict that fits the type
    return call.scheduled_post_ids[0]


def fault(names: Mapping[str, str], **kind: object) -> None:
    """Set a fault of the proxy."""
    assert httpx2.post(f"{names['baseUrl']}{CONTROL}", json=kind, trust_env=False).status_code == 200


def scheduled(event: StreamEvent) -> str | None:
    """Return the id of a post that was queued."""
    return event.data.id if isinstance(event, models.PostEvent) and event.type == "post.scheduled" else None


def test_a_stream_goes_over_lost_connections(presswork: Presswork, names: Mapping[str, str], content: str) -> None:
    """Cut before its first event, in the middle, and refused: each post comes once, in order."""
    found: queue.Queue[StreamEvent] = queue.Queue()
    with Presswork(api_key=names["apiKey"], base_url=names["baseUrl"], sleep=lambda _seconds: None) as lossy:
        stream = lossy.events.stream(after=_UNKNOWN)

        def read() -> None:
            left = 7  # posts that are published below
            for event in stream:
                found.put(event)
                left -= scheduled(event) is not None
                if left == 0:
                    stream.close()
                    return

        posts: list[str] = []
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        assert isinstance(found.get(timeout=60), StreamReset)  # connected
        fault(names, kind="cut_streams")
        posts.append(publish(presswork, names, content))
        for kind in ("cut_streams", "cut_before", "answer"):
            posts += [publish(presswork, names, content) for _ in range(2)]
            if kind != "cut_streams":
                fault(names, kind=kind, retryAfterSeconds=0, times=2)
            fault(names, kind="cut_streams")
        reader.join(60)
        assert not reader.is_alive()
    events = [found.get() for _ in range(found.qsize())]
    assert [post for event in events if (post := scheduled(event)) is not None] == posts
    assert len({event.id for event in events if not isinstance(event, StreamReset)}) == len(events)


async def test_the_asyncio_client_resumes_after_an_event(
    presswork: Presswork, names: Mapping[str, str], content: str
) -> None:
    """After the id of an event comes what has happened since; after one that is not kept, StreamReset."""
    async with AsyncPresswork(api_key=names["apiKey"], base_url=names["baseUrl"]) as client:
        async with aclosing(client.events.stream(after=_UNKNOWN)) as stream, asyncio.timeout(60):
            assert isinstance(await anext(stream), StreamReset)
            first = publish(presswork, names, content)
            event = await anext(stream)
            assert scheduled(event) == first
            assert not isinstance(event, StreamReset)
        second = publish(presswork, names, content)
        async with aclosing(client.events.stream(after=event.id)) as stream, asyncio.timeout(60):
            assert scheduled(await anext(stream)) == second
        with pytest.raises(ValidationError):
            await anext(client.events.stream(after="evt_1"))
        with pytest.raises(ValidationError):
            await anext(client.events.stream(environment="live"))


async def test_a_reset_that_is_lost_comes_again(presswork: Presswork, names: Mapping[str, str], content: str) -> None:
    """A stream that is cut before its reset has not resumed: the next one begins with the reset, in both clients."""
    asked: list[str] = []

    def send(request: httpx2.Request) -> None:
        asked.append(request.headers["Last-Event-ID"])
        if len(asked) == 2:
            publish(presswork, names, content)  # what a client that has resumed would get first

    async def send_too(request: httpx2.Request) -> None:
        await asyncio.to_thread(send, request)

    server: Any = {"api_key": names["apiKey"], "base_url": names["baseUrl"]}
    fault(names, kind="cut_after")
    with (
        httpx2.Client(event_hooks={"request": [send]}) as http,
        closing(Presswork(http_client=http, **server).events.stream(after=_UNKNOWN)) as events,
    ):
        assert isinstance(next(events), StreamReset)
    assert asked == [_UNKNOWN, _UNKNOWN]
    asked.clear()
    fault(names, kind="cut_after")
    async with (
        httpx2.AsyncClient(event_hooks={"request": [send_too]}) as async_http,
        aclosing(AsyncPresswork(http_client=async_http, **server).events.stream(after=_UNKNOWN)) as async_events,
        asyncio.timeout(60),
    ):
        assert isinstance(await anext(async_events), StreamReset)
    assert asked == [_UNKNOWN, _UNKNOWN]


def test_a_refusal_ends_a_stream(names: Mapping[str, str]) -> None:
    """A wrong key raises its error; without a server, as many attempts fail as the caller allows."""
    with Presswork(api_key="lp_test_wrong", base_url=names["directUrl"]) as client, pytest.raises(UnauthenticatedError):
        next(client.events.stream())
    with (
        Presswork(api_key="lp_test_x", base_url="http://127.0.0.1:8", sleep=lambda _seconds: None) as client,
        closing(client.events.stream(max_retries=2)) as stream,
        pytest.raises(APIConnectionError, match="in 3 attempts"),
    ):
        next(stream)
