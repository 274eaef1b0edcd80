"""Events: every statement that changes a status writes them, and only for subscribed endpoints."""

import itertools
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from pydantic import TypeAdapter
from tests.api.tenants import insert_container
from tests.api_server import Api, shared_routes
from tests.db.statements import STATEMENTS
from tests.webhooks.conftest import ALL_EVENTS, WebhookWorld

from presswork.api.posts.target_schemas import Target
from presswork.api.webhooks.event_schemas import (
    EXAMPLES,
    CommentEvent,
    ContentEvent,
    DiscussionEvent,
    DraftEvent,
    ExpiringAccountEvent,
    InsightsEvent,
    MediaQuotaEvent,
    PausedEndpointEvent,
    PingEvent,
    PostEvent,
    PostEventData,
    SocialAccountEvent,
    UsageLimitEvent,
)
from presswork.core.timestamps import write_instant
from presswork.db.queries import load
from presswork.events.model import EventType
from presswork.posts.model import Status
from presswork.posts.targets import options_text

_WRITES: Final[Mapping[str, str]] = {
    "scheduled_posts": r"\bstatus\s*=\s*(?!t\.)|INSERT INTO scheduled_posts",
    "content_containers": r"\bapproval_status\s*=",
    "social_accounts": r"\bstatus\s*=|INSERT INTO social_accounts",
}
"""How to recognize a statement that writes a status, by table."""
_EVENTS: Final[Mapping[str, str]] = {
    "scheduled_posts": "'post.",
    "content_containers": "'content.'",
    "social_accounts": "'social_account.connected'",
}
"""A part of the statement that composes the events of a table."""
_TYPES: Final[Mapping[Status, EventType]] = {
    Status.QUEUED: EventType.POST_SCHEDULED,
    Status.PUBLISHING: EventType.POST_PUBLISHING,
    Status.PUBLISHED: EventType.POST_PUBLISHED,
    Status.DRAFT: EventType.POST_DRAFTED,
    Status.FAILED: EventType.POST_FAILED,
    Status.CANCELED: EventType.POST_CANCELED,
}
_WITHOUT_EVENTS: Final = frozenset({("backup", "lose_keys"), ("posts", "publish"), ("lifecycle", "forget_tokens")})
"""Statements without events: a restore without keys has no endpoint secrets either, `publish` writes only for organizations
without endpoints, and an erasure ends accounts whose names it must not store again."""
_SETS: Final = re.compile(
    r"(?:UPDATE|INSERT INTO)\s+(scheduled_posts|content_containers|social_accounts)\b(.*?)(?=\n\s*(?:WHERE|FROM|RETURNING|SELECT|VALUES)\b|$)",
    re.DOTALL,
)


def test_every_statement_that_writes_a_status_writes_events() -> None:
    """Every statement that writes the status of a post, a decision or an account includes the outbox part."""
    telling = set()
    for (file, statement), text in STATEMENTS.items():
        name = (file.partition("/")[0], statement)
        for table, assignments in _SETS.findall(text):
            is_new = f"INSERT INTO {table}" in text
            if not is_new and not re.search(_WRITES[table], assignments):
                continue
            if table == "content_containers" and is_new:
                continue  # a status at creation is not a decision
            has_events = _EVENTS[table] in text and "INSERT INTO webhook_deliveries" in text
            assert has_events != (name in _WITHOUT_EVENTS), name
            telling.add(name)
    assert len(telling) >= 15, telling


def test_includes_are_fully_expanded() -> None:
    """A statement with includes has no include and no parameter left."""
    for package in ("posts", "worker", "accounts", "content"):
        for name, text in load(f"presswork.{package}").items():
            assert "-- include:" not in text, name
            assert "{of}" not in text, name
            assert "{at}" not in text, name


async def test_an_endpoint_that_was_just_added_gets_the_next_event(webhook_world: WebhookWorld) -> None:
    """A key that was cached while its organization had no endpoint skips no event."""
    await webhook_world.publish()
    await webhook_world.subscribe("post.scheduled")
    post_id = await webhook_world.publish()
    await webhook_world.deliver()
    assert [message.json["data"]["id"] for message in webhook_world.receiver.got] == [post_id]


async def test_the_data_of_a_post_event_equals_the_api_response(webhook_world: WebhookWorld) -> None:
    """Every field of the post is in the message as in the response of the API, nulls included."""
    await webhook_world.subscribe("post.scheduled")
    account = await webhook_world.world.account(webhook_world.project, "tiktok", "luna")
    (post_id,) = await webhook_world.world.publish(
        webhook_world.container,
        account,
        captionOverride='Warm "bread" \u2028 \\ äöü',
        firstCommentOverride="",
        tiktokPostSettings={"privacyLevel": "SELF_ONLY", "disableDuet": True},
        tiktokMusic={"mode": "auto"},
    )
    await webhook_world.deliver()
    (message,) = webhook_world.receiver.got
    data = message.json["data"]
    assert data.pop("organizationId").startswith("org_")
    assert data.pop("scheduledPostId") == data["id"]
    assert data == await webhook_world.world.post(post_id)


_TARGET: Final = Target.model_validate(
    {
        "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
        "mode": "publish",
        "shareReelToFeed": False,
        "instagramPostSettings": {"placement": "story", "userTags": [{"username": "luna"}]},
        "tiktokPostSettings": {"privacyLevel": "SELF_ONLY", "disableDuet": True},
        "tiktokMusic": {"mode": "manual", "trackId": "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"},
    }
).target()
_OPTIONS: Final = (
    "caption_override = ''",
    "first_comment_override = 'First!'",
    f"options = '{options_text(_TARGET)}'",
)
_RESULTS: Final = (
    "attempted_at = now(), published_at = now(), canceled_at = now(), first_comment_status = 'failed'",
    "external_id = '17918920912340654', external_url = 'https://www.instagram.com/p/CuMzZq1sX9k/'",
    """last_error = '{"code":"MEDIA_REJECTED","message":"Crop it.","platformCode":"36003","platformMessage":null,
                      "at":"2026-11-24T18:30:04.512Z","step":"media"}'""",
)


async def test_a_post_is_the_same_document_everywhere(webhook_world: WebhookWorld) -> None:
    """Every field in every status: response, item of a list and event are equal, and are what their schema describes."""
    await webhook_world.subscribe()
    post_id = await webhook_world.publish()
    pool = webhook_world.world.api.context.pool
    part = load("presswork.events", "outbox.sql")["post_changed"].replace("{of}", "changed").replace("{at}", "now()")
    statement = "WITH changed AS (SELECT p AS post FROM scheduled_posts p), {part} SELECT type, data FROM event"
    for status, stored in itertools.product(Status, ((), _OPTIONS, _OPTIONS + _RESULTS)):
        lease = f"leased_until = {'now()' if status is Status.PUBLISHING else 'NULL'}"
        await pool.execute(", ".join(("UPDATE scheduled_posts SET status = $1", lease, *stored)), status.value)
        event = await pool.fetchrow(statement.replace("{part}", part))
        assert event is not None
        assert event["type"] == _TYPES[status].value
        data = json.loads(event["data"])
        assert data == PostEventData.model_validate(data).model_dump(mode="json", by_alias=True)
        del data["organizationId"]
        assert data.pop("scheduledPostId") == post_id
        assert data == await webhook_world.world.post(post_id)
        assert (data["sandboxUrl"] is None) == (data["externalUrl"] is None)
        listed = await webhook_world.client.get(f"/v1/projects/{webhook_world.project}/scheduled-posts")
        assert listed.json() == {"items": [data], "nextCursor": None}


async def test_rescheduling_and_editing_send_an_event(webhook_world: WebhookWorld) -> None:
    """A post is `post.scheduled` again with its new time, and with its new text and revision; a refused edit sends nothing."""
    await webhook_world.subscribe("post.scheduled")
    post_id = await webhook_world.publish()
    later = write_instant(webhook_world.clock.now() + timedelta(days=9))
    response = await webhook_world.client.post(
        f"/v1/scheduled-posts/{post_id}/reschedule", json={"scheduledFor": later}
    )
    assert response.status_code == 200, response.text
    for status in (200, 409):
        edit = {"captionOverride": f"New {status}", "revision": 1}
        assert (await webhook_world.client.patch(f"/v1/scheduled-posts/{post_id}", json=edit)).status_code == status
    await webhook_world.deliver()
    posts = [message.json["data"] for message in webhook_world.receiver.got]
    assert [(post["scheduledFor"], post["captionOverride"], post["revision"]) for post in posts[1:]] == [
        (later, None, 1),
        (later, "New 200", 2),
    ]


async def test_decisions_on_content_and_their_posts_send_events(webhook_world: WebhookWorld) -> None:
    """Approved: the content, then the post that waited. Rejected: the content, with the reason."""
    await webhook_world.subscribe()
    pool = webhook_world.world.api.context.pool
    pending = [await insert_container(pool, webhook_world.project) for _ in range(2)]
    await pool.execute(
        "UPDATE content_containers SET approval_status = 'pending' WHERE id = ANY($1::text[]::uuid[])",
        [name.removeprefix("cnt_") for name in pending],
    )
    later = write_instant(webhook_world.clock.now() + timedelta(days=9))
    body = {"scheduledFor": later, "targets": [{"socialAccountId": webhook_world.account, "mode": "publish"}]}
    assert (await webhook_world.client.post(f"/v1/content/{pending[0]}/schedule", json=body)).status_code == 202
    assert await pool.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
    asked = await webhook_world.client.post(f"/v1/content/{pending[0]}/request-changes", json={"note": "Sharper."})
    assert asked.status_code == 200
    shown = (await webhook_world.client.get(f"/v1/content/{pending[0]}")).json()
    del shown["media"], shown["warnings"]
    approved = await webhook_world.client.post(f"/v1/content/{pending[0]}/approve", json={"note": "Lovely."})
    rejected = await webhook_world.client.post(
        f"/v1/content/{pending[1]}/reject", json={"reason": "The price is wrong."}
    )
    assert (approved.status_code, rejected.status_code) == (200, 200)
    await webhook_world.deliver()
    reported = {message.json["type"]: message.json["data"] for message in webhook_world.receiver.got}
    assert set(reported) == {"content.changes_requested", "content.approved", "content.rejected", "post.scheduled"}
    asked_for = reported["content.changes_requested"]
    assert asked_for == {**shown, "reviewUrl": None, "organizationId": asked_for["organizationId"]}
    assert (asked_for["approvalStatus"], asked_for["reviewNote"]) == ("pending", "Sharper.")
    for container, name in zip(pending, ("content.approved", "content.rejected"), strict=True):
        shown = (await webhook_world.client.get(f"/v1/content/{container}")).json()
        del shown["media"], shown["warnings"]
        assert reported[name] == {**shown, "reviewUrl": None, "organizationId": reported[name]["organizationId"]}


async def test_content_that_waits_sends_an_event(webhook_world: WebhookWorld, picture: bytes) -> None:
    """Completed content of a reviewed project, and approved content that an edit sets back, are `content.pending`."""
    await webhook_world.subscribe("content.pending")
    path = f"/v1/projects/{webhook_world.project}/content-review-policy"
    container = ""
    for policy, count in (({"policy": "auto_approve"}, 0), ({"policy": "review_all", "covers": "content_and_text"}, 1)):
        assert (await webhook_world.client.patch(path, json=policy)).status_code == 200
        container = await webhook_world.world.content(webhook_world.project, picture)
        await webhook_world.deliver()
        assert len(webhook_world.receiver.got) == count
    assert (await webhook_world.client.post(f"/v1/content/{container}/approve")).status_code == 200
    edited = await webhook_world.client.patch(f"/v1/content/{container}", json={"caption": "Other bread"})
    await webhook_world.deliver()
    first, second = (message.json["data"] for message in webhook_world.receiver.got)
    assert (first["id"], first["approvalStatus"], first["revision"]) == (container, "pending", 1)
    shown = edited.json()
    del shown["media"], shown["warnings"]
    assert second == {**shown, "reviewUrl": None, "organizationId": first["organizationId"]}


async def test_disconnecting_and_archiving_send_the_events_of_canceled_posts(webhook_world: WebhookWorld) -> None:
    """A disconnected account or an archived project cancels posts: each has its event, in order."""
    await webhook_world.subscribe()
    first = await webhook_world.publish()
    assert (await webhook_world.client.delete(f"/v1/social-accounts/{webhook_world.account}")).status_code == 200
    again = await webhook_world.world.account(webhook_world.project, "instagram", "brand")
    (second,) = await webhook_world.world.publish(webhook_world.container, again)
    archived = await webhook_world.client.patch(f"/v1/projects/{webhook_world.project}", json={"status": "archived"})
    assert archived.status_code == 200, archived.text
    await webhook_world.deliver()
    reported = [
        (event["type"], event["data"].get("id") or event["data"]["socialAccountId"])
        for event in _in_time(webhook_world)
    ]
    assert sorted(reported) == sorted(
        [
            ("post.scheduled", first),
            ("social_account.revoked", webhook_world.account),
            ("post.canceled", first),
            ("social_account.connected", again),
            ("post.scheduled", second),
            ("post.canceled", second),
        ]
    )
    revoked = next(event for event in _in_time(webhook_world) if event["type"] == "social_account.revoked")
    assert (revoked["data"]["status"], revoked["data"]["disconnectedReason"]) == ("disconnected", "user_requested")


def _in_time(webhook_world: WebhookWorld) -> list[dict[str, Any]]:
    return [message.json for message in webhook_world.receiver.got]


async def test_only_subscribed_endpoints_get_events(webhook_world: WebhookWorld, api: Api) -> None:
    """Only endpoints of the same organization, environment and project with that event type get a row."""
    other_project = await webhook_world.world.project("Autumn")
    await webhook_world.subscribe("post.scheduled", projectId=other_project)
    await webhook_world.subscribe("post.failed")
    for other in (await api.client(organization="Rival"), await api.client(environment="live")):
        await webhook_world.subscribe("post.scheduled", client=other)
    await webhook_world.publish()
    assert await api.context.pool.fetchval("SELECT count(*) FROM webhook_deliveries") == 0
    own, _ = await webhook_world.subscribe("post.scheduled", projectId=webhook_world.project)
    everything, _ = await webhook_world.subscribe("post.scheduled")
    await webhook_world.publish()
    (first,), (second,) = await webhook_world.log(own), await webhook_world.log(everything)
    assert first["eventId"] == second["eventId"]
    assert first["id"] != second["id"]


async def test_a_rolled_back_change_sends_no_event(webhook_world: WebhookWorld) -> None:
    """The event is part of the transaction: neither a refused publish call nor a rollback leaves a row."""
    await webhook_world.subscribe()
    targets = [{"socialAccountId": webhook_world.account, "mode": mode} for mode in ("publish", "managed")]
    refused = await webhook_world.client.post(
        f"/v1/content/{webhook_world.container}/publish", json={"targets": targets}
    )
    assert refused.status_code == 422
    pool = webhook_world.world.api.context.pool
    post_id = await webhook_world.publish()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        sql = load("presswork.posts")["cancel_queued"]
        project = await connection.fetchval("SELECT project_id FROM scheduled_posts")
        assert await connection.fetchval(sql, project, None, webhook_world.clock.now(), "Because.") == 1
        assert await connection.fetchval("SELECT count(*) FROM webhook_deliveries") == 2
        await transaction.rollback()
    await webhook_world.deliver()
    assert [(event["type"], event["data"]["id"]) for event in _in_time(webhook_world)] == [("post.scheduled", post_id)]


def test_the_openapi_document_describes_every_message() -> None:
    """Each event is one of the OpenAPI document's webhooks, with an example that its model accepts."""
    document = shared_routes().openapi()
    assert set(document["webhooks"]) == set(ALL_EVENTS) == {event.value for event in EXAMPLES}
    reader = TypeAdapter(
        PostEvent
        | InsightsEvent
        | ContentEvent
        | DraftEvent
        | DiscussionEvent
        | CommentEvent
        | SocialAccountEvent
        | ExpiringAccountEvent
        | PausedEndpointEvent
        | MediaQuotaEvent
        | UsageLimitEvent
        | PingEvent
    )
    for name, item in document["webhooks"].items():
        example = item["post"]["requestBody"]["content"]["application/json"]["example"]
        assert reader.validate_python(example).type == name
        assert {parameter["name"] for parameter in item["post"]["parameters"]} == {
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature",
        }
