"""Idempotency keys: a request takes effect once, also if repeated concurrently or on several processes."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from tests.api.wire import issues, operations_of, read_document, refusal, send_raw
from tests.api.writes import Writes
from tests.api_server import Api, beside, serving
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.people.people import People, user_id_of
from tests.world import World

from presswork.idempotency.stored_replies import sweep
from presswork.platforms.settings import Settings

EXEMPT = {"create_oauth_url", "create_reauth_url", "preflight_content"}
"""Operations that are idempotent without a key."""
OF_BROWSERS = {
    "sign_in_with_password",
    "accept_link",
    "sign_out_of_session",
    "change_own_password",
    "get_passkey_challenge",
    "send_second_factor",
    "confirm_own_session",
    "begin_totp",
    "confirm_own_totp",
    "remove_own_totp",
    "renew_own_recovery_codes",
    "begin_passkey",
    "add_own_passkey",
    "remove_own_passkey",
}
"""Operations with passwords, or of callers whom no reply could be kept for."""


@pytest.fixture
async def client(api: Api) -> httpx2.AsyncClient:
    """A client with a key that has all scopes."""
    return await api.client()


async def make(client: httpx2.AsyncClient, key: str | None, **body: object) -> httpx2.Response:
    """Make a project."""
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post("/v1/projects", json={"name": "Once", "timezone": "UTC", **body}, headers=headers)


async def change(client: httpx2.AsyncClient, project: str, key: str, **body: object) -> httpx2.Response:
    """Change a project."""
    return await client.patch(f"/v1/projects/{project}", json=body, headers={"Idempotency-Key": key})


def is_replay(answer: httpx2.Response) -> bool:
    """Return whether a response is a replay."""
    return answer.headers.get("idempotent-replayed") == "true"


async def projects(api: Api) -> int:
    """Return how many projects there are."""
    return int(await api.context.pool.fetchval("SELECT count(*) FROM projects"))


async def test_every_write_accepts_an_idempotency_key(api: Api, client: httpx2.AsyncClient) -> None:
    """All POST, PATCH and DELETE routes document the header, except those that are idempotent anyway."""
    del client
    for operation in operations_of(await read_document(api)):
        names = {parameter["name"] for parameter in operation.described.get("parameters", ())}
        takes_key = (
            operation.method in {"POST", "PATCH", "DELETE"}
            and operation.described["operationId"] not in EXEMPT | OF_BROWSERS
        )
        assert ("Idempotency-Key" in names) == takes_key, str(operation)


async def test_a_malformed_key_is_an_issue(api: Api, client: httpx2.AsyncClient) -> None:
    """A key that is not 1–255 visible ASCII characters, or sent twice, is rejected without effect."""
    for key in ("a b", "a\tb", "x" * 256):
        assert issues(await make(client, key)) == {"Idempotency-Key": "bad_idempotency_key"}, key
    twice = await client.post(
        "/v1/projects",
        json={"name": "Once", "timezone": "UTC"},
        headers=[("Idempotency-Key", "a"), ("Idempotency-Key", "a")],
    )
    assert issues(twice) == {"Idempotency-Key": "bad_idempotency_key"}
    body = b'{"name": "Once", "timezone": "UTC"}'
    for raw in (b"", b"\xc3\xa9", b"\xff"):
        answer = await send_raw(
            api,
            b"POST /v1/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 35\r\n"
            b"Authorization: "
            + client.headers["authorization"].encode()
            + b"\r\nIdempotency-Key: "
            + raw
            + b"\r\n\r\n"
            + body,
        )
        assert b" 422 " in answer.splitlines()[0], raw
    assert await projects(api) == 0
    for key in ("x", "x" * 255, "~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./"):
        assert (await make(client, key)).status_code == 201


async def test_retry_replays_the_stored_response(api: Api, client: httpx2.AsyncClient, clock: MovableClock) -> None:
    """A retry returns the same bytes despite other key order, white space or later changes; one project is created."""
    first = await make(client, "k1", metadata={"a": 1, "b": [1, 2]})
    assert (first.status_code, is_replay(first)) == (201, False)
    clock.advance(timedelta(minutes=5))
    await client.patch(f"/v1/projects/{first.json()['id']}", json={"name": "Renamed"})
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": "k1"}
    raw = b'\n{ "metadata" : {"b":[1,2],  "a":1}, "timezone":"UT\\u0043",\t"name":"Once" }\n'
    again = await client.post("/v1/projects", content=raw, headers=headers)
    assert (again.status_code, again.content, is_replay(again)) == (201, first.content, True)
    assert again.headers["content-type"] == first.headers["content-type"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert await projects(api) == 1
    assert (await make(client, None)).json()["id"] != (await make(client, None)).json()["id"]


async def test_another_request_under_the_same_key_is_a_conflict(api: Api, client: httpx2.AsyncClient) -> None:
    """Another body or path with the same key is rejected; the stored response stays."""
    first = await make(client, "k1")
    others: list[dict[str, object]] = [
        {"name": "Other"},
        {"metadata": {}},
        {"metadata": {"a": 1}},
        {"customerExternalId": None},
    ]
    for other in others:
        assert refusal(await make(client, "k1", **other)) == (409, "IDEMPOTENCY_CONFLICT"), other
    assert (await make(client, "k1")).content == first.content
    second = (await make(client, None)).json()["id"]
    changed = await change(client, first.json()["id"], "k2", name="New")
    assert refusal(await change(client, second, "k2", name="New")) == (409, "IDEMPOTENCY_CONFLICT")
    assert (await client.get(f"/v1/projects/{second}")).json()["name"] == "Once"
    for form in (
        first.json()["id"],
        first.json()["id"].removeprefix("prj_"),
        first.json()["id"].removeprefix("prj_").upper(),
    ):
        again = await change(client, form, "k2", name="New")
        assert (again.content, is_replay(again)) == (changed.content, True), form
    assert await projects(api) == 2


async def test_a_key_counts_per_api_key_and_route(api: Api, client: httpx2.AsyncClient) -> None:
    """The same idempotency key of another API key or route is independent."""
    first = await make(client, "k1")
    colleague = await api.client()
    theirs = await make(colleague, "k1", name="Theirs")
    assert (theirs.status_code, is_replay(theirs)) == (201, False)
    assert (await change(client, first.json()["id"], "k1", name="Patched")).json()["name"] == "Patched"
    assert is_replay(await make(client, "k1"))
    assert await projects(api) == 2


async def test_responses_are_stored_for_24_hours(api: Api, client: httpx2.AsyncClient, clock: MovableClock) -> None:
    """Just before 24 hours a response is replayed; after that the key can be reused, even for another body."""
    first = await make(client, "k1")
    await make(client, "k2")
    clock.advance(timedelta(hours=24))
    await sweep(api.context.pool, now=clock.now())
    assert (await make(client, "k1")).content == first.content
    clock.advance(timedelta(microseconds=1))
    fresh = await make(client, "k1", name="Next day")
    assert (fresh.status_code, is_replay(fresh)) == (201, False)
    assert (await make(client, "k1", name="Next day")).content == fresh.content
    await sweep(api.context.pool, now=clock.now())
    assert await api.context.pool.fetchval("SELECT array_agg(idempotency_key) FROM idempotency_keys") == ["k1"]


async def test_errors_are_not_stored(api: Api, client: httpx2.AsyncClient) -> None:
    """A failed request can be retried with its key after the cause is fixed; a 422 stores nothing either."""
    project = (await make(client, None)).json()["id"]
    await client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    assert refusal(await change(client, project, "k1", name="New")) == (409, "CONFLICT")
    assert refusal(await make(client, "k1", name="")) == (422, "VALIDATION")
    assert await api.context.pool.fetchval("SELECT count(*) FROM idempotency_keys") == 0
    await api.context.pool.execute("UPDATE projects SET status = 'active', archived_at = NULL")
    answer = await change(client, project, "k1", name="New")
    assert (answer.status_code, is_replay(answer)) == (200, False)


@pytest.mark.parametrize("method", ["POST", "PATCH"])
async def test_concurrent_requests_with_one_key_take_effect_once(
    api: Api, client: httpx2.AsyncClient, method: str
) -> None:
    """Of ten concurrent requests one takes effect, nine are replays, and all ten bodies are equal."""
    project = (await make(client, None)).json()["id"]
    calls = [make(client, "k1") if method == "POST" else change(client, project, "k1", name="New") for _ in range(10)]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {201 if method == "POST" else 200}
    assert len({answer.content for answer in answers}) == 1
    assert sum(is_replay(answer) for answer in answers) == 9
    assert await projects(api) == (2 if method == "POST" else 1)


async def test_retried_cancel_replays_the_stored_response(
    api: Api, client: httpx2.AsyncClient, world: World, picture: bytes
) -> None:
    """A retried cancel is a replay; with another reason it is a key conflict, without key a post that has ended."""
    del client
    writes = Writes(
        world=world,
        project=(project := await world.project()),
        account=await world.account(project, "instagram", "brand"),
        picture=picture,
    )
    post = await writes.post()

    async def cancel(key: str | None, **body: object) -> httpx2.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await world.client.request("DELETE", f"/v1/scheduled-posts/{post}", json=body, headers=headers)

    first = await cancel("k1", reason="Too late")
    assert (first.status_code, is_replay(first)) == (200, False)
    again = await cancel("k1", reason="Too late")
    assert (again.status_code, again.content, is_replay(again)) == (200, first.content, True)
    assert refusal(await cancel("k1", reason="Another")) == (409, "IDEMPOTENCY_CONFLICT")
    assert refusal(await cancel("k2", reason="Too late")) == (409, "CONFLICT")
    assert refusal(await cancel(None)) == (409, "CONFLICT")
    lines = "SELECT count(*) FROM audit_log WHERE action = 'post.cancel'"
    assert await api.context.pool.fetchval(lines) == 1


@pytest.mark.parametrize("name", ["revoke_api_key", "delete_layer", "delete_social_account", "delete_webhook_endpoint"])
async def test_retried_delete_replays_the_stored_response(api: Api, picture: bytes, name: str) -> None:
    """Every DELETE is replayed with its key, and takes effect once."""
    world = World(api=api, client=await api.client(scopes=("*", "org:admin")))
    project = await world.project()
    world.client.headers["Idempotency-Key"] = "k1"
    made = Writes(world=world, project=project, account="", picture=picture)
    first = (await made.calls()[name]()).answer
    assert (first.status_code, is_replay(first)) == (200, False)
    again = await world.client.delete(first.request.url.path)
    assert (again.status_code, again.content, is_replay(again)) == (200, first.content, True)
    other = await world.client.delete(f"{first.request.url.path.rpartition('_')[0]}_{uuid4()}")
    assert refusal(other) == (409, "IDEMPOTENCY_CONFLICT")


async def test_concurrent_request_runs_when_the_first_fails(api: Api, client: httpx2.AsyncClient) -> None:
    """A second request with the same key waits for the first, and runs when the first fails."""
    project = (await make(client, None)).json()["id"]
    async with api.context.pool.acquire() as connection, asyncio.timeout(20):
        lock = connection.transaction()
        await lock.start()
        await connection.execute("UPDATE projects SET status = 'archived', archived_at = now()")
        first = asyncio.create_task(change(client, project, "k1", name="New"))
        await until_waiting(api.context.pool)
        second = asyncio.create_task(change(client, project, "k1", name="New"))
        await until_waiting(api.context.pool, 2)
        assert not first.done()
        assert not second.done()
        await lock.commit()
    assert [refusal(answer) for answer in await asyncio.gather(first, second)] == [(409, "CONFLICT")] * 2


@pytest.mark.exhaustive
async def test_requests_on_two_processes_take_effect_once(
    api: Api, settings: Settings, dsn: str, clock: MovableClock, tmp_path: Path, client: httpx2.AsyncClient
) -> None:
    """One request to two API processes, concurrently and afterwards, takes effect once."""
    async with serving(beside(settings, tmp_path / "second"), dsn=dsn, clock=clock) as second:
        other = await second.anonymous(headers={"Authorization": client.headers["authorization"]})
        answers = await asyncio.gather(*(make(which, "k1") for which in (client, other) * 4))
    assert len({answer.content for answer in answers}) == 1
    assert await projects(api) == 1


async def test_stored_response_and_effect_commit_together(api: Api, client: httpx2.AsyncClient) -> None:
    """The response and the row are written by one transaction, so that a crash leaves both or neither."""
    answer = await make(client, "k1")
    row: Any = await api.context.pool.fetchrow(
        "SELECT k.xmin = p.xmin AS together, k.status, k.body FROM idempotency_keys k, projects p"
    )
    assert (row["together"], row["status"], row["body"]) == (True, 201, answer.content)


async def test_a_query_is_a_part_of_the_call(api: Api) -> None:
    """Under one key the sessions of one user are ended; the same call about another user is a different one."""
    people = People(api)
    admin = await people.key()
    ids = [await user_id_of(await people.signed_in("viewer")) for _ in range(2)]
    answers = [
        await admin.delete("/v1/sessions", params={"userId": user}, headers={"Idempotency-Key": "k"})
        for user in (ids[0], ids[0], ids[1])
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 409]
    assert is_replay(answers[1])


async def test_a_user_has_keys_in_each_environment(api: Api) -> None:
    """The same call with the same key makes one object in each environment, as it would with a key of each."""
    admin = await People(api).signed_in("admin")
    made = []
    for environment in ("test", "live", "test", "live"):
        admin.headers["X-Presswork-Environment"] = environment
        made.append(await make(admin, "k"))
    assert [is_replay(answer) for answer in made] == [False, False, True, True]
    assert [answer.json()["environment"] for answer in made] == ["test", "live", "test", "live"]
    assert len({answer.json()["id"] for answer in made}) == 2
