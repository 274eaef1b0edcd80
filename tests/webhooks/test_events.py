"""Events: every statement that changes a status writes them, and only for subscribed endpoints."""

import re
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter
from tests.api.grounds import insert_container
from tests.conftest import Api
from tests.webhooks.conftest import ALL_EVENTS, Hooks

from presswork.api.app import openapi_document
from presswork.core.timestamps import write_instant
from presswork.db.queries import load
from presswork.webhooks.event_schemas import EXAMPLES, ContentEvent, PingEvent, PostEvent, SocialAccountEvent

_WRITES: Final[Mapping[str, str]] = {
    "scheduled_posts": r"\bstatus\s*=\s*(?!t\.)|INSERT INTO scheduled_posts",
    "content_containers": r"\bapproval_status\s*=",
    "social_accounts": r"\bstatus\s*=|INSERT INTO social_accounts",
}
"""How to recognize a statement that writes a status, by table."""
_OUTBOX_PARTS: Final[Mapping[str, str]] = {
    "scheduled_posts": "post_changed",
    "content_containers": "content_decided",
    "social_accounts": "account_changed",
}
_WITHOUT_EVENTS: Final = frozenset({("backup", "lose_keys")})
"""Statements without events: a restore without keys has no endpoint secrets either."""
_SETS: Final = re.compile(
    r"(?:UPDATE|INSERT INTO)\s+(scheduled_posts|content_containers|social_accounts)\b(.*?)(?=\n\s*(?:WHERE|FROM|RETURNING|SELECT|VALUES)\b|$)",
    re.DOTALL,
)


def statements() -> dict[tuple[str, str], str]:
    """Return every statement of every domain by its domain and name."""
    found = {}
    root = Path(str(files("presswork")))
    for file in sorted(root.rglob("*.sql")):
        if "migrations" in file.parts or "sandbox" in file.parts:
            continue
        for part in re.split(r"^-- name: ", file.read_text(), flags=re.MULTILINE)[1:]:
            found[file.parent.name, part.partition("(")[0]] = part
    return found


def test_every_statement_that_writes_a_status_writes_events() -> None:
    """Every statement that writes the status of a post, a decision or an account includes the outbox part."""
    telling = set()
    for name, text in statements().items():
        for table, assignments in _SETS.findall(text):
            is_new = f"INSERT INTO {table}" in text
            if not is_new and not re.search(_WRITES[table], assignments):
                continue
            if table == "content_containers" and is_new:
                continue  # a status at creation is not a decision
            assert (f"outbox.sql {_OUTBOX_PARTS[table]}(" in text) != (name in _WITHOUT_EVENTS), name
            telling.add(name)
    assert len(telling) >= 15, telling


def test_includes_are_fully_expanded() -> None:
    """A statement with includes has no include and no parameter left."""
    for package in ("posts", "worker", "accounts", "content"):
        for name, text in load(f"presswork.{package}").items():
            assert "-- include:" not in text, name
            assert "{of}" not in text, name
            assert "{at}" not in text, name


async def test_the_data_of_a_post_event_equals_the_api_response(hooks: Hooks) -> None:
    """Every field of the post is in the message as in the response of the API, nulls included."""
    await hooks.subscribe("post.scheduled")
    account = await hooks.stage.account(hooks.project, "tiktok", "luna")
    (post_id,) = await hooks.stage.publish(
        hooks.container,
        account,
        captionOverride='Warm "bread" \u2028 \\ äöü',
        firstCommentOverride="",
        tiktokPostSettings={"privacyLevel": "SELF_ONLY", "disableDuet": True},
        tiktokMusic={"mode": "auto"},
    )
    await hooks.deliver()
    (message,) = hooks.receiver.got
    data = message.json["data"]
    assert data.pop("organizationId").startswith("org_")
    assert data == await hooks.stage.post(post_id)


async def test_rescheduling_sends_an_event(hooks: Hooks) -> None:
    """A rescheduled post is `post.scheduled` again, with its new time."""
    await hooks.subscribe("post.scheduled")
    post_id = await hooks.publish()
    later = write_instant(hooks.clock.now() + timedelta(days=9))
    response = await hooks.client.post(f"/v1/scheduled-posts/{post_id}/reschedule", json={"scheduledFor": later})
    assert response.status_code == 200, response.text
    await hooks.deliver()
    times = [message.json["data"]["scheduledFor"] for message in hooks.receiver.got]
    assert times[1:] == [later]


async def test_decisions_on_content_and_their_posts_send_events(hooks: Hooks) -> None:
    """Approved: the content, then the post that waited. Rejected: the content, with the reason."""
    await hooks.subscribe()
    pool = hooks.stage.api.context.pool
    pending = [await insert_container(pool, hooks.project) for _ in range(2)]
    await pool.execute(
        "UPDATE content_containers SET approval_status = 'pending' WHERE id = ANY($1::text[]::uuid[])",
        [name.removeprefix("cnt_") for name in pending],
    )
    later = write_instant(hooks.clock.now() + timedelta(days=9))
    body = {"scheduledFor": later, "targets": [{"socialAccountId": hooks.account, "mode": "publish"}]}
    assert (await hooks.client.post(f"/v1/content/{pending[0]}/schedule", json=body)).status_code == 202
    assert await pool.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
    approved = await hooks.client.post(f"/v1/content/{pending[0]}/approve", json={"note": "Lovely."})
    rejected = await hooks.client.post(f"/v1/content/{pending[1]}/reject", json={"reason": "The price is wrong."})
    assert (approved.status_code, rejected.status_code) == (200, 200)
    await hooks.deliver()
    reported = {message.json["type"]: message.json["data"] for message in hooks.receiver.got}
    assert set(reported) == {"content.approved", "content.rejected", "post.scheduled"}
    for container, name in zip(pending, ("content.approved", "content.rejected"), strict=True):
        shown = (await hooks.client.get(f"/v1/content/{container}")).json()
        del shown["media"]
        assert reported[name] == {**shown, "organizationId": reported[name]["organizationId"]}


async def test_disconnecting_and_archiving_send_the_events_of_canceled_posts(hooks: Hooks) -> None:
    """A disconnected account or an archived project cancels posts: each has its event, in order."""
    await hooks.subscribe()
    first = await hooks.publish()
    assert (await hooks.client.delete(f"/v1/social-accounts/{hooks.account}")).status_code == 200
    again = await hooks.stage.account(hooks.project, "instagram", "brand")
    (second,) = await hooks.stage.publish(hooks.container, again)
    archived = await hooks.client.patch(f"/v1/projects/{hooks.project}", json={"status": "archived"})
    assert archived.status_code == 200, archived.text
    await hooks.deliver()
    reported = [
        (event["type"], event["data"].get("id") or event["data"]["socialAccountId"]) for event in _in_time(hooks)
    ]
    assert sorted(reported) == sorted(
        [
            ("post.scheduled", first),
            ("social_account.revoked", hooks.account),
            ("post.canceled", first),
            ("social_account.connected", again),
            ("post.scheduled", second),
            ("post.canceled", second),
        ]
    )
    revoked = next(event for event in _in_time(hooks) if event["type"] == "social_account.revoked")
    assert (revoked["data"]["status"], revoked["data"]["disconnectedReason"]) == ("disconnected", "user_requested")


def _in_time(hooks: Hooks) -> list[dict[str, Any]]:
    return [message.json for message in hooks.receiver.got]


async def test_only_subscribed_endpoints_get_events(hooks: Hooks, api: Api) -> None:
    """Only endpoints of the same organization, environment and project with that event type get a row."""
    other_project = await hooks.stage.project("Autumn")
    await hooks.subscribe("post.scheduled", projectId=other_project)
    await hooks.subscribe("post.failed")
    for other in (await api.client(organization="Rival"), await api.client(environment="live")):
        await hooks.subscribe("post.scheduled", client=other)
    await hooks.publish()
    assert await api.context.pool.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
    own, _ = await hooks.subscribe("post.scheduled", projectId=hooks.project)
    everything, _ = await hooks.subscribe("post.scheduled")
    await hooks.publish()
    (first,), (second,) = await hooks.log(own), await hooks.log(everything)
    assert first["eventId"] == second["eventId"]
    assert first["id"] != second["id"]


async def test_a_rolled_back_change_sends_no_event(hooks: Hooks) -> None:
    """The event is part of the transaction: neither a refused publish call nor a rollback leaves a row."""
    await hooks.subscribe()
    targets = [{"socialAccountId": hooks.account, "mode": mode} for mode in ("publish", "managed")]
    refused = await hooks.client.post(f"/v1/content/{hooks.container}/publish", json={"targets": targets})
    assert refused.status_code == 422
    pool = hooks.stage.api.context.pool
    post_id = await hooks.publish()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        sql = load("presswork.posts")["cancel_queued"]
        project = await connection.fetchval("SELECT project_id FROM scheduled_posts")
        assert await connection.fetchval(sql, project, None, hooks.clock.now(), "Because.") == 1
        assert await connection.fetchval("SELECT count(*) FROM webhook_deliveries") == 2
        await transaction.rollback()
    await hooks.deliver()
    assert [(event["type"], event["data"]["id"]) for event in _in_time(hooks)] == [("post.scheduled", post_id)]


def test_the_openapi_document_describes_every_message() -> None:
    """Each event is one of the OpenAPI document's webhooks, with an example that its model accepts."""
    document = openapi_document()
    assert set(document["webhooks"]) == set(ALL_EVENTS) == {event.value for event in EXAMPLES}
    reader = TypeAdapter(PostEvent | ContentEvent | SocialAccountEvent | PingEvent)
    for name, item in document["webhooks"].items():
        example = item["post"]["requestBody"]["content"]["application/json"]["example"]
        assert reader.validate_python(example).type == name
        assert {parameter["name"] for parameter in item["post"]["parameters"]} == {
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        }
