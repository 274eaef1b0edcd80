"""Review links of events: the message of a project that asks for them carries an address that is stored nowhere."""

import json
from datetime import timedelta
from typing import Any

from tests.content.conftest import FileHost, files
from tests.events.conftest import reading
from tests.links.review_flow import Reviewer, page_of
from tests.people.people import People, user_id_of
from tests.webhooks.conftest import WebhookWorld
from tests.world import World

from presswork.crypto.keyring import add_key, drop_key

__all__ = ["files"]


async def ask(webhook_world: WebhookWorld, *, is_on: bool = True, **policy: object) -> None:
    """Let new content wait for a decision, and its events carry links."""
    project = f"/v1/projects/{webhook_world.project}"
    body = {"policy": "review_all", **policy}
    assert (await webhook_world.client.patch(f"{project}/content-review-policy", json=body)).status_code == 200
    changed = await webhook_world.client.patch(project, json={"reviewLinks": is_on})
    assert (changed.status_code, changed.json()["reviewLinks"]) == (200, is_on)


async def pending(webhook_world: WebhookWorld, picture: bytes) -> tuple[str, dict[str, Any]]:
    """Upload content and return its id and the message about it."""
    container = await webhook_world.world.content(webhook_world.project, picture)
    return container, await last(webhook_world)


async def last(webhook_world: WebhookWorld) -> dict[str, Any]:
    """Deliver, and return the data of the last message."""
    await webhook_world.deliver()
    return dict(webhook_world.receiver.got[-1].json["data"])


async def test_the_message_leads_to_the_page(webhook_world: WebhookWorld, picture: bytes) -> None:
    """A person who gets the address decides; no table, delivery or stream of events has it."""
    await ask(webhook_world)
    endpoint, _ = await webhook_world.subscribe("content.pending", "content.approved")
    container, data = await pending(webhook_world, picture)
    (link,) = (await webhook_world.client.get("/v1/content/review-links")).json()["items"]
    assert (link["containerIds"], link["canDecide"]) == ([container], True)
    token = data["reviewUrl"].partition("/review/")[2]
    pool = webhook_world.world.api.context.pool
    for table in ("page_links", "content_containers", "webhook_deliveries", "event_outbox", "stream_events"):
        found = await pool.fetchval(f"SELECT count(*) FROM {table} t WHERE t::text LIKE $1", f"%{token}%")  # noqa: S608  names from this test
        assert found == 0, table
    (delivery,) = await webhook_world.log(endpoint)
    assert delivery["payload"]["data"] == {**data, "reviewUrl": None}
    marta = Reviewer(browser=await webhook_world.world.api.anonymous(), path=page_of({"url": data["reviewUrl"]}))
    await marta.open()
    assert (await marta.decide("approve", container)).status_code == 303
    approved = await last(webhook_world)
    assert (approved["approvedBy"], approved["reviewerName"], approved["reviewUrl"]) == (link["id"], "Marta", None)


async def test_a_stream_has_the_address_for_callers_who_may_decide(webhook_world: WebhookWorld, picture: bytes) -> None:
    """A stream's data is the webhook's body; a key that only reads events does not get what lets it approve."""
    await ask(webhook_world)
    await webhook_world.subscribe("content.pending")
    follower = await webhook_world.world.api.client(scopes=["publish:read"])
    async with reading(webhook_world.client) as decider, reading(follower) as reader:
        _, data = await pending(webhook_world, picture)
        shown, hidden = await decider.event(), await reader.event()
    assert data["reviewUrl"] is not None
    assert (shown.body["data"], hidden.body["data"]) == (data, {**data, "reviewUrl": None})
    async with reading(webhook_world.client, after=shown.id) as again:
        await pending(webhook_world, picture)
        assert (await again.event()).body["data"]["reviewUrl"] not in (None, data["reviewUrl"])


async def test_a_stream_ends_with_the_right_to_decide(webhook_world: WebhookWorld, picture: bytes) -> None:
    """A person who may no longer approve gets no further address: the stream ends, and the next one hides it."""
    await ask(webhook_world)
    await webhook_world.subscribe("content.pending")
    people = People(webhook_world.world.api)
    approver = await people.signed_in("approver")
    async with reading(approver) as stream:
        await webhook_world.world.content(webhook_world.project, picture)
        assert (await stream.event()).body["data"]["reviewUrl"] is not None
        admin = await people.key()
        changed = await admin.patch(f"/v1/users/{await user_id_of(approver)}", json={"role": "viewer"})
        assert changed.status_code == 200, changed.text
        assert await stream.until_end() == []
    async with reading(approver) as stream:
        await webhook_world.world.content(webhook_world.project, picture)
        assert (await stream.event()).body["data"]["reviewUrl"] is None


async def test_a_link_is_in_each_message_that_content_waits(
    webhook_world: WebhookWorld, picture: bytes, files: FileHost
) -> None:
    """By upload, by a URL, and when an edit takes the approval back: each time a new link."""
    await ask(webhook_world, covers="content_and_text")
    await webhook_world.subscribe("content.pending")
    container, first = await pending(webhook_world, picture)
    await webhook_world.client.post(f"/v1/content/{container}/approve")
    await webhook_world.client.patch(f"/v1/content/{container}", json={"caption": "Other"})
    second = await last(webhook_world)
    by_url = await webhook_world.client.post(
        f"/v1/projects/{webhook_world.project}/content/upload",
        json={"media": [{"url": files.put("a.jpg", picture)}], "caption": "Hello"},
    )
    assert by_url.status_code == 201, by_url.text
    third = await last(webhook_world)
    assert len({data["reviewUrl"] for data in (first, second, third)} - {None}) == 3


async def test_no_link_is_made_without_a_wish(webhook_world: WebhookWorld, picture: bytes) -> None:
    """A project that does not ask has none; one that no longer asks gets no more."""
    await ask(webhook_world, is_on=False)
    await webhook_world.subscribe("content.pending")
    assert (await pending(webhook_world, picture))[1]["reviewUrl"] is None
    await ask(webhook_world)
    await ask(webhook_world, is_on=False)
    assert (await pending(webhook_world, picture))[1]["reviewUrl"] is None
    assert (await webhook_world.client.get("/v1/content/review-links")).json()["items"] == []


async def test_only_who_may_decide_asks_for_links(webhook_world: WebhookWorld, world: World) -> None:
    """A key that may change projects but not approve content can't let strangers approve it; it may end it."""
    await ask(webhook_world)
    writer = await world.api.client(scopes=["projects:read", "projects:write"])
    path = f"/v1/projects/{webhook_world.project}"
    refused = await writer.patch(path, json={"reviewLinks": True})
    assert (refused.status_code, refused.json()["error"]["details"]["requiredScope"]) == (403, "content:approve")
    assert (await writer.patch(path, json={"reviewLinks": False})).json()["reviewLinks"] is False


async def test_the_address_goes_only_where_an_approver_sent_it(webhook_world: WebhookWorld, picture: bytes) -> None:
    """An endpoint that a key without content:approve made or changed last gets no address: of new events, retries, replays."""
    await ask(webhook_world)
    other = await webhook_world.world.api.client(scopes=["webhooks:read", "webhooks:write"])
    approver = webhook_world.client
    got, url = webhook_world.receiver.got, webhook_world.receiver.url
    by_other, _ = await webhook_world.subscribe("content.pending", client=other, url=f"{url}/by-other")
    by_approver, _ = await webhook_world.subscribe("content.pending", url=f"{url}/by-approver")

    async def addresses() -> dict[str, bool]:
        """Deliver, and return for each path that got messages whether the last of them has an address."""
        got.clear()
        await webhook_world.deliver()
        return {message.path: message.json["data"]["reviewUrl"] is not None for message in got}

    async def replayed() -> dict[str, bool]:
        delivery = (await webhook_world.log(by_approver))[0]
        answer = await other.post(f"/v1/webhook-deliveries/{delivery['id']}/replay")
        assert answer.status_code == 202, answer.text
        return await addresses()

    await webhook_world.world.content(webhook_world.project, picture)
    assert await addresses() == {"/hooks/by-other": False, "/hooks/by-approver": True}
    assert await replayed() == {"/hooks/by-approver": True}
    path = f"/v1/webhook-endpoints/{by_approver}"
    for change in (
        {"url": f"{url}/moved"},
        {"description": "ours"},
        {"events": ["content.pending"]},
        {"status": "active"},
    ):
        changed = await other.patch(path, json=change)
        assert (changed.status_code, changed.json()["reviewUrls"]) == (200, False), change
        assert await replayed() == {"/hooks/moved": False}, change
        assert (await other.post(f"{path}/rotate-secret")).status_code == 200
        changed = await approver.patch(path, json={"description": "seen"})
        assert (changed.status_code, changed.json()["reviewUrls"]) == (200, True), change
        assert await replayed() == {"/hooks/moved": True}, change
    changed = await approver.patch(f"/v1/webhook-endpoints/{by_other}", json={"description": "seen"})
    assert changed.json()["reviewUrls"] is False, "it was made by another"
    await webhook_world.world.content(webhook_world.project, picture)
    assert await addresses() == {"/hooks/by-other": False, "/hooks/moved": True}


async def test_a_link_of_an_event_survives_a_rotation(webhook_world: WebhookWorld, picture: bytes) -> None:
    """A retry has the same address after a new key; when the old one is gone it has none, and the link still works."""
    await ask(webhook_world)
    endpoint, _ = await webhook_world.subscribe("content.pending")
    webhook_world.receiver.respond = lambda _message: 500
    context = webhook_world.world.api.context
    old = context.keyring.primary
    _, first = await pending(webhook_world, picture)
    context.keyring.use_primary(add_key(context.settings))
    webhook_world.clock.advance(timedelta(days=1))
    await webhook_world.deliver()
    second = json.loads(webhook_world.receiver.got[-1].body)["data"]
    assert len(webhook_world.receiver.got) > 1
    assert second["reviewUrl"] == first["reviewUrl"]
    drop_key(context.settings, old)
    browser = await webhook_world.world.api.anonymous()
    assert (await browser.get(page_of({"url": first["reviewUrl"]}))).status_code == 200
    assert endpoint
