"""Each API operation that writes adds one audit line; operations that only read add none."""

from typing import Any, Final

import httpx2
import pytest
from tests.api.wire import ALL, operations_of, read_document
from tests.api.writes import Write, Writes
from tests.api_server import Api
from tests.people.people import People
from tests.tiers import exhaustive
from tests.world import World

from presswork.audit.model import Action

Json = dict[str, Any]  # responses nest freely

READ_LIKE: Final = frozenset(
    {
        *("preflight_content", "create_oauth_url", "create_reauth_url", "run_system_checks", "check_platform_app"),
        *("update_sandbox", "advance_sandbox_clock", "save_sandbox_account"),
        *("add_sandbox_fault", "clear_sandbox_faults"),
        *("create_draft", "update_draft", "delete_draft", "create_bulk_job", "refresh_post_insights"),
        *("mark_notifications_read", "set_notification_preferences"),
        *("create_push_subscription", "delete_push_subscription"),
    }
)
"""Writes without an audit line: a login is logged when its account is connected, the sandbox is not Presswork's state, a draft is
unfinished work that is saved while a person types, each post of a bulk job has a line, a refresh only reads earlier, and how a person is notified is that person's own."""
OTHER_ACTIONS: Final = frozenset(
    {
        Action.AGENT_CONNECT,  # tests/agents
        Action.AGENT_REVOKE,  # as above
        Action.ORGANIZATION_CREATE,
        Action.PROJECT_ARCHIVE,
        Action.ACCOUNT_CONNECT,
        Action.ACCOUNT_REAUTH_REQUIRED,
        Action.PROVIDER_ADD,
        Action.PROVIDER_REMOVE,
        Action.PROVIDER_ROTATE_SECRET,
        Action.USER_REMOVE,  # tests/provisioning
        Action.GROUP_CREATE,  # as above
        Action.GROUP_UPDATE,  # as above
        Action.GROUP_DELETE,  # as above
        Action.USER_ACCEPT,
        Action.USER_SIGN_IN,
        Action.USER_SIGN_OUT,
        Action.USER_CHANGE_PASSWORD,
        Action.USER_ADD_SECOND_FACTOR,  # tests/people/test_second_factor.py
        Action.USER_REMOVE_SECOND_FACTOR,  # as above
        Action.USER_RENEW_RECOVERY_CODES,  # as above
        Action.USER_CONFIRM,  # as above
        Action.CONNECT_LINK_VISIT,  # tests/accounts/test_connect_links.py
        Action.CONNECT_LINK_USE,  # as above
        Action.REVIEW_LINK_VISIT,  # tests/links
        Action.REVIEW_LINK_DECIDE,  # as above
        Action.REVIEW_LINK_COMMENT,  # tests/content/test_discussion.py
        Action.PORTAL_LINK_VISIT,  # tests/links
        Action.PORTAL_LINK_DECIDE,  # as above
        Action.PORTAL_LINK_COMMENT,  # as above
        Action.TIKTOK_POST_LINK_VISIT,  # tests/tiktok_posting
        Action.TIKTOK_POST_LINK_PUBLISH,  # as above
        Action.ACCOUNT_DELETE_DATA,  # tests/legal
        Action.DATA_DELETION_REQUEST,  # as above
        Action.MUSIC_IMPORT,
        Action.AUDIT_PRUNE,
    }
)
"""Actions that are not the usual outcome of an operation; `test_log` and `tests/people` cover each of them."""


@pytest.fixture(params=["session", *exhaustive(["key"])])
async def writes(api: Api, picture: bytes, request: pytest.FixtureRequest) -> Writes:
    """A key with every scope, and an operator; or the session of an administrator."""
    is_session = request.param == "session"
    client = await People(api).signed_in("admin", name="Ana") if is_session else await api.client(scopes=ALL)
    world = World(api=api, client=client)
    if is_session:
        project = await world.project()
        account = await world.account(project, "tiktok", "luna")
        return Writes(world=world, project=project, account=account, picture=picture)
    operator = (await world.client.post("/v1/operators", json={"name": "Ines"})).json()["id"]
    key = (await world.client.get("/v1/whoami")).json()["keyId"]
    await world.client.patch(f"/v1/api-keys/{key}", json={"operatorId": operator})
    project = await world.project()
    return Writes(world=world, project=project, account=await world.account(project, "tiktok", "luna"), picture=picture)


async def lines(client: httpx2.AsyncClient, **query: str) -> list[Json]:
    """Return audit lines, newest first."""
    answer = await client.get("/v1/audit-log", params={"limit": 100, **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def test_each_write_adds_one_line(api: Api, writes: Writes) -> None:
    """Each call adds one line with actor, action, object, environment and request id."""
    document = await read_document(api)
    writing = {
        operation.described["operationId"]
        for operation in operations_of(document)
        if operation.method in {"POST", "PATCH", "PUT", "DELETE"} and not operation.is_of_browser
    } - READ_LIKE
    calls = writes.calls()
    assert writing == set(calls), "tests/api/writes.py has a call for each operation that writes"
    who = (await writes.client.get("/v1/whoami")).json()
    seen = set()
    for name, call in calls.items():
        done: Write = await call()
        assert done.answer.status_code in {200, 201, 202}, f"{name}: {done.answer.text}"
        request_id = done.answer.headers["x-request-id"]
        of_call = [line for line in await lines(writes.client) if line["requestId"] == request_id]
        assert [(line["action"], line["objectId"]) for line in of_call] == [(done.action, done.object_id)], name
        assert of_call[0]["actor"] == {
            "kind": "api_key" if who["userId"] is None else "user",
            "keyId": who["keyId"],
            "operatorId": who["operatorId"],
            "userId": who["userId"],
            "linkId": None,
            "scimTokenId": None,
            "name": None if who["userId"] is None else "Ana",
        }, name
        assert of_call[0]["environment"] == (None if done.is_of_both_environments else "test"), name
        seen.add(done.action)
    assert seen | OTHER_ACTIONS == set(Action)
    everything = str(await lines(writes.client)) + str(await lines(writes.client, until="2100-01-01T00:00:00Z"))
    assert "912345678" not in everything, "an audit line has an unmasked phone number"
    assert "lp_test_" not in everything


async def test_reads_add_no_line(writes: Writes) -> None:
    """Preflight, the start of a login, refused calls, replays and empty changes add no line."""
    container = await writes.container()
    before = await lines(writes.client)
    target = {"socialAccountId": writes.account, "mode": "publish"}
    login = {"platform": "tiktok", "returnUrl": "http://localhost/back"}
    refused = {"targets": [{**target, "mode": "managed"}]}
    for method, path, body, status in (
        ("POST", f"/v1/content/{container}/preflight", {"targets": [target]}, 200),
        ("POST", f"/v1/projects/{writes.project}/social/oauth-url", login, 200),
        ("POST", f"/v1/content/{container}/publish", refused, 422),
        ("PATCH", f"/v1/projects/{writes.project}", {}, 200),
        ("PATCH", f"/v1/content/{container}", {}, 200),
        ("POST", f"/v1/content/{container}/approve", {}, 409),
    ):
        answer = await writes.client.request(method, path, json=body)
        assert answer.status_code == status, answer.text
    assert await lines(writes.client) == before
    headers = {"Idempotency-Key": "k"}
    for path, body in (
        ("/v1/projects", {"name": "P", "timezone": "UTC"}),
        (f"/v1/content/{container}/publish", {"targets": [target]}),
    ):
        first = await writes.client.post(path, json=body, headers=headers)
        again = await writes.client.post(path, json=body, headers=headers)
        assert (first.is_success, again.headers["idempotent-replayed"]) == (True, "true")
        ids = {first.headers["x-request-id"], again.headers["x-request-id"]}
        found = [line["requestId"] for line in await lines(writes.client) if line["requestId"] in ids]
        assert found == [first.headers["x-request-id"]]
