"""The event stream over HTTP: what it sends, to whom, and when it ends."""

import asyncio
import contextlib
from datetime import timedelta

import pytest
from tests.api_server import serving
from tests.clocks import MovableClock
from tests.events.conftest import reading
from tests.posts.conftest import ReadyProject

from presswork.api.http.protocol import READ_SECONDS
from presswork.core.enums import Environment
from presswork.core.ids import EVENT, new_id, parse_ulid, public_ulid
from presswork.events.feed import EventFeed
from presswork.events.store import EventStore, sweep_events
from presswork.platforms.settings import Settings


async def publish(ready_project: ReadyProject) -> str:
    """Queue a post and return its id."""
    target = {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    response = await ready_project.publish(ready_project.image, target)
    assert response.status_code == 200, response.text
    return str(response.json()["scheduledPostIds"][0])


async def test_events_arrive_as_webhooks_have_them_and_need_no_endpoint(ready_project: ReadyProject) -> None:
    """The first event is of the first change after the response has begun; id and body are those of the webhook."""
    client, pool = ready_project.client, ready_project.pool
    await publish(ready_project)  # before the stream: not in it
    async with reading(client) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert "no-cache" in stream.response.headers["cache-control"]
        post = await publish(ready_project)
        first = await stream.event()
        assert (first.type, first.body["type"], first.body["id"]) == ("post.scheduled", "post.scheduled", first.id)
        assert first.body["data"]["scheduledPostId"] == post
        assert first.body["data"] == {
            **(await client.get(f"/v1/scheduled-posts/{post}")).json(),
            "organizationId": first.body["data"]["organizationId"],
            "scheduledPostId": post,
        }
        endpoint = await client.post(
            "/v1/webhook-endpoints",
            json={"url": "https://hooks.example.com/x", "events": ["post.canceled"]},
        )
        assert endpoint.status_code == 201, endpoint.text
        await client.delete(f"/v1/scheduled-posts/{post}")
        canceled = await stream.event()
        stored = await pool.fetchrow("SELECT event_id, data FROM webhook_deliveries")
        assert stored is not None
        assert (canceled.type, canceled.id) == ("post.canceled", public_ulid(EVENT, stored["event_id"]))
        assert parse_ulid(EVENT, canceled.id) == stored["event_id"]
        test = await client.post(f"/v1/webhook-endpoints/{endpoint.json()['endpoint']['id']}/test")
        assert test.status_code == 202, test.text
        ping = await stream.event()
        assert (ping.type, ping.body["data"]["endpointId"]) == ("test.ping", endpoint.json()["endpoint"]["id"])


async def test_without_stream_and_endpoint_no_event_is_written(ready_project: ReadyProject) -> None:
    """An organization that never had a stream pays for none."""
    await publish(ready_project)
    for table in ("event_outbox", "stream_events", "event_listeners"):
        assert await ready_project.pool.fetchval(f"SELECT count(*) FROM {table}") == 0  # noqa: S608  names of the test


async def test_a_stream_has_the_events_of_its_caller_only(ready_project: ReadyProject) -> None:
    """Not those of another organization or environment; a key without publish:read is refused."""
    api = ready_project.world.api
    stranger = await api.client(organization="Strangers")
    live = await api.client(environment=Environment.LIVE)
    async with reading(stranger) as foreign, reading(live) as other, reading(ready_project.client) as mine:
        await publish(ready_project)
        await mine.event()
        project = await stranger.post("/v1/projects", json={"name": "Theirs", "timezone": "UTC"})
        assert project.status_code == 201
        api.context.part(EventFeed)._end_all("the test has seen enough")
        assert await foreign.until_end() == await other.until_end() == await mine.until_end() == []
    without = await api.client(scopes=("content:read",))
    response = await without.get("/v1/events/stream")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "FORBIDDEN_SCOPE")
    assert (await (await api.anonymous()).get("/v1/events/stream")).status_code == 401


@pytest.mark.parametrize(
    ("query", "last", "path"),
    [
        ("environment=live", None, "environment"),
        ("environment=prod", None, "environment"),
        ("", "evt_1", "Last-Event-ID"),
        ("", "sp_01KAW2V3M8T5R7W1X4Y6Z0ABCD", "Last-Event-ID"),
        ("nothing=1", None, "nothing"),
    ],
)
async def test_a_stream_that_means_nothing_is_refused(
    ready_project: ReadyProject, query: str, last: str | None, path: str
) -> None:
    """422 with an issue; the environment of the key itself is accepted."""
    headers = {} if last is None else {"Last-Event-ID": last}
    response = await ready_project.client.get(f"/v1/events/stream?{query}", headers=headers)
    assert response.status_code == 422, response.text
    assert response.json()["error"]["details"]["issues"][0]["path"] == path
    async with reading(ready_project.client, environment="test") as stream:
        await stream.comment()


async def test_a_client_resumes_after_the_last_event_that_it_has_received(ready_project: ReadyProject) -> None:
    """What was missed comes first, each event once and in order; also on another process, and from any event."""
    client, pool = ready_project.client, ready_project.pool
    async with reading(client) as stream:
        posts = [await publish(ready_project) for _ in range(3)]
        seen = await stream.events(3)
        assert [event.body["data"]["id"] for event in seen] == posts
    posts += [await publish(ready_project) for _ in range(250)]
    async with reading(client, after=seen[1].id) as stream:
        posts.append(await publish(ready_project))
        missed = await stream.events(252)
        assert [event.body["data"]["id"] for event in missed] == posts[2:]
        assert missed[0].id == seen[2].id
    assert await pool.fetchval("SELECT count(*) FROM event_outbox") == 0


async def test_a_client_resumes_before_its_first_event(ready_project: ReadyProject) -> None:
    """The header of the response names the event after which the stream starts, also where there was none yet."""
    for count in (0, 1):
        async with reading(ready_project.client) as stream:
            start = stream.response.headers["last-event-id"]
        posts = [await publish(ready_project) for _ in range(count + 1)]
        async with reading(ready_project.client, after=start) as resumed:
            assert resumed.response.headers["last-event-id"] == start
            assert [event.body["data"]["id"] for event in await resumed.events(count + 1)] == posts


async def test_a_client_that_can_not_resume_gets_a_reset(ready_project: ReadyProject) -> None:
    """The event in Last-Event-ID is not kept: `stream.reset`, then what happens from now on."""
    async with reading(ready_project.client, after=public_ulid(EVENT, new_id())) as stream:
        reset = await stream.event()
        assert (reset.type, reset.body, reset.id) == ("stream.reset", {"type": "stream.reset"}, "")
        post = await publish(ready_project)
        assert (await stream.event()).body["data"]["id"] == post


async def test_events_are_kept_for_an_hour_and_the_newest_older_one_longer(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """Who has seen the last event resumes however long nothing happened; what no client can resume is deleted."""
    client, pool = ready_project.client, ready_project.pool
    async with reading(client) as stream:
        for _ in range(4):
            await publish(ready_project)
        _, second, third, fourth = await stream.events(4)
    assert await sweep_events(pool, now=clock.now() + timedelta(minutes=59), limit=100) == 0
    store = EventStore(pool)
    tenant = await pool.fetchrow("SELECT organization_id, environment FROM event_listeners")
    assert tenant is not None
    await store.keep((tenant[0], tenant[1]), now=clock.now() + timedelta(hours=2), since=clock.now())
    assert await sweep_events(pool, now=clock.now() + timedelta(minutes=61), limit=3) == 3
    assert await sweep_events(pool, now=clock.now() + timedelta(minutes=61), limit=3) == 0
    async with reading(client, after=second.id) as stream:
        assert (await stream.event()).type == "stream.reset"
    async with reading(client, after=third.id) as stream:
        assert (await stream.event()).id == fourth.id
    async with reading(client, after=fourth.id) as stream:
        post = await publish(ready_project)
        assert (await stream.event()).body["data"]["id"] == post


async def test_after_a_time_without_events_a_client_gets_a_reset(
    ready_project: ReadyProject, clock: MovableClock
) -> None:
    """No client read for hours, so no event was written. The last one is the newest of all, and kept as such: it proves nothing."""
    client, pool = ready_project.client, ready_project.pool
    async with reading(client) as stream:
        await publish(ready_project)
        last = await stream.event()
    clock.advance(timedelta(hours=4))
    await sweep_events(pool, now=clock.now(), limit=100)
    await publish(ready_project)
    assert await pool.fetchval("SELECT count(*) FROM event_listeners") == 0
    assert await pool.fetchval("SELECT count(*) FROM event_outbox") == 0
    assert await pool.fetchval("SELECT count(*) FROM stream_events") == 1
    async with reading(client, after=last.id) as stream:
        assert (await stream.event()).type == "stream.reset"
        post = await publish(ready_project)
        event = await stream.event()
        assert event.body["data"]["id"] == post
    async with reading(client, after=event.id) as stream:
        post = await publish(ready_project)
        assert (await stream.event()).body["data"]["id"] == post


async def test_a_stream_ends_with_its_key(ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revoked key at once; a heartbeat comes at intervals, and checks too."""
    api = ready_project.world.api
    admin = await api.client(scopes=("*", "org:admin"))
    feed = api.context.part(EventFeed)
    monkeypatch.setattr(feed, "heartbeat", timedelta(seconds=0.2))
    async with reading(ready_project.client) as stream:
        for _ in range(3):
            await stream.comment()
        assert stream.comments[-1] == ": heartbeat"
        monkeypatch.setattr(feed, "heartbeat", timedelta(hours=1))
        await stream.comment()
        keys = (await admin.get("/v1/api-keys")).json()["items"]
        mine = (await ready_project.client.get("/v1/whoami")).json()["keyId"]
        assert mine in [key["id"] for key in keys]
        revoked = await admin.delete(f"/v1/api-keys/{mine}")
        assert revoked.status_code == 200, revoked.text
        assert await stream.until_end() == []
    assert (await ready_project.client.get("/v1/events/stream")).status_code == 401
    assert feed.count == 0


async def test_a_stopping_server_ends_its_streams_at_once(settings: Settings, dsn: str, clock: MovableClock) -> None:
    """The time that calls get to finish is not waited for; nor is a stream whose client does not read."""
    async with serving(settings, dsn=dsn, clock=clock) as api:
        api.server.config.timeout_graceful_shutdown = 3600
        client = await api.client()
        async with reading(client) as stream, reading(client):
            await stream.comment()
            api.server.stop()
            assert await stream.until_end() == []


async def test_streams_are_limited(ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 beyond those of an organization, 503 beyond those of a process, each with a sentence and Retry-After."""
    api = ready_project.world.api
    feed = api.context.part(EventFeed)
    monkeypatch.setattr(feed, "max_streams", 3)
    monkeypatch.setattr(feed, "max_per_organization", 2)
    stranger = await api.client(organization="Strangers")
    async with contextlib.AsyncExitStack() as stack:
        open_ = [await stack.enter_async_context(reading(ready_project.client)) for _ in range(2)]
        response = await ready_project.client.get("/v1/events/stream")
        assert (response.status_code, response.json()["error"]["code"]) == (429, "RATE_LIMITED")
        assert "Close one" in response.json()["error"]["message"]
        assert response.headers["retry-after"] == "5"
        open_.append(await stack.enter_async_context(reading(stranger)))
        response = await (await api.client(organization="Late")).get("/v1/events/stream")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "UNAVAILABLE")
        assert response.headers["retry-after"] == "5"
        assert feed.count == len(open_)
    async with asyncio.timeout(20):
        while feed.count:
            await api.context.pool.fetchval("SELECT 1")
    async with reading(ready_project.client) as again:
        await again.comment()


@pytest.mark.exhaustive
async def test_a_client_that_does_not_read_is_disconnected_and_harms_no_other(
    ready_project: ReadyProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others get every event meanwhile; the process keeps a bounded number; the slow client resumes where it was."""
    monkeypatch.setattr("presswork.events.feed.MAX_EVENTS", 50)
    api = ready_project.world.api
    host, port = api.base_url.removeprefix("http://").split(":")
    token = ready_project.client.headers["authorization"]
    slow, writer = await asyncio.open_connection(host, int(port), limit=2**10)
    await ready_project.change("content_containers", ready_project.image, caption="x" * 2_000)
    async with reading(ready_project.client) as quick:
        writer.write(f"GET /v1/events/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n".encode())
        assert b"200" in await slow.readline()
        caption = {"captionOverride": "x" * 2_000}
        targets = [{"socialAccountId": ready_project.tiktok, "mode": "publish", **caption} for _ in range(50)]
        posts: list[str] = []
        for _ in range(40):  # 2,000 events of 3 kB: more than the kernel's buffers and ours hold
            response = await ready_project.publish(ready_project.image, *targets)
            posts += response.json()["scheduledPostIds"]
            assert sorted(event.body["data"]["id"] for event in await quick.events(50)) == sorted(posts[-50:])
        for waited in (0, READ_SECONDS + 1):
            api.server.close_overdue(now=asyncio.get_running_loop().time() + waited)
        feed = api.context.part(EventFeed)
        async with asyncio.timeout(30):
            while feed.count > 1:
                await publish(ready_project)
                await quick.event()
        received = bytearray()
        with contextlib.suppress(ConnectionError):
            while piece := await slow.read(2**16):
                received += piece
    writer.close()
    last = received.decode().rpartition("\n\n")[0].rpartition("id: ")[2].partition("\n")[0]
    count = received.decode().count('\ndata: {"id"') - (not received.endswith(b"\n\n"))
    assert 0 < count < len(posts)
    async with reading(ready_project.client, after=last) as resumed:
        assert len({event.id for event in await resumed.events(len(posts) - count)}) == len(posts) - count
