"""Drafts on Instagram, from the publish call to the operator's phone: one text, whatever goes wrong on the way."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import WorkerWorld
from tests.worker.faults import LOST
from tests.worker.test_crashes import killed_at, take_over

from presswork.core.clock import SystemClock
from presswork.core.enums import Environment
from presswork.core.ids import ORGANIZATION, parse_id
from presswork.orgs.operators import create_operator
from presswork.worker.store import WorkStore

PHONE = "+15551230001"
MASKED = "+1555•••••01"


async def organization(worker_world: WorkerWorld) -> UUID:
    """Return the scene's organization."""
    return parse_id(ORGANIZATION, (await worker_world.world.client.get("/v1/whoami")).json()["organizationId"])


async def operator(
    worker_world: WorkerWorld, phone: str = PHONE, *, verified_in: Environment | None = Environment.TEST
) -> None:
    """Make the organization's primary operator."""
    owner = await organization(worker_world)
    async with worker_world.world.api.context.pool.acquire() as connection, connection.transaction():
        await create_operator(
            connection,
            owner,
            name="Ines",
            phone=phone,
            is_primary=True,
            verified_in=verified_in,
            now=SystemClock().now(),
        )


async def draft(worker_world: WorkerWorld, picture: bytes, **content: Any) -> str:
    """Publish a picture as a draft and return the post's id."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture, **content)
    (post_id,) = await worker_world.world.publish(container, account, mode="draft")
    return post_id


async def texts(worker_world: WorkerWorld) -> list[dict[str, Any]]:
    """Return what the sandbox's phones got."""
    browser = await worker_world.world.api.anonymous()
    return list((await browser.get("/sandbox/control/messages")).json()["items"])


async def test_a_draft_reaches_the_phone(worker_world: WorkerWorld, picture: bytes) -> None:
    """One text with the picture, the caption and the steps; the post ends as a draft, and nothing is live on Instagram."""
    await operator(worker_world)
    post_id = await draft(worker_world, picture, caption="Warm bread", comment="First!")
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert (post["status"], post["lastError"], post["externalId"]) == ("draft", None, None)
    (text,) = await texts(worker_world)
    assert (text["to"], text["status"], len(text["media"])) == (PHONE, "delivered", 1)
    for part in ("as @brand", "Warm bread", "First!", "/handover/sp_"):
        assert part in text["body"]
    timeline = await worker_world.world.timeline(post_id)
    assert [entry["event"] for entry in timeline][-1] == "drafted"
    assert timeline[-1]["message"] == f"The text was delivered to {MASKED}."
    assert PHONE not in json.dumps([post, timeline])
    assert await worker_world.world.live() == []
    assert text["statusCallback"] == f"{worker_world.world.api.base_url}/callbacks/draft/{post_id}"
    state = await worker_world.world.api.context.pool.fetchval("SELECT platform_state::text FROM scheduled_posts")
    assert [part for part in (PHONE, "/handover/", "signature=") if part in state] == []  # what arrived is forgotten


@pytest.mark.parametrize("is_there", [False, True])
async def test_without_a_verified_phone_the_draft_fails(
    worker_world: WorkerWorld, picture: bytes, is_there: bool
) -> None:
    """No operator, or an unverified phone: the post fails with what to do, and no message is sent."""
    if is_there:
        await operator(worker_world, verified_in=None)
    post_id = await draft(worker_world, picture)
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert (post["status"], post["lastError"]["code"]) == ("failed", "OPERATOR_PHONE_UNVERIFIED")
    assert "verify-phone" in post["lastError"]["message"]
    assert await texts(worker_world) == []


@pytest.mark.parametrize(
    ("verified_in", "environment", "is_texted"),
    [("test", "test", True), ("test", "live", False), ("live", "test", True), ("live", "live", True)],
)
async def test_a_phone_that_the_sandbox_verified_is_not_texted_for_a_live_post(
    worker_world: WorkerWorld, picture: bytes, verified_in: str, environment: str, is_texted: bool
) -> None:
    """A draft's phone is one that was verified in its own environment, or in `live`."""
    await operator(worker_world, verified_in=Environment(verified_in))
    post = UUID((await draft(worker_world, picture)).removeprefix("sp_"))
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE scheduled_posts SET environment = $1", environment)
    row = await WorkStore(pool, worker_id="one").delivery_context(post)
    assert row["operator_phone"] == (PHONE if is_texted else None)


@pytest.mark.parametrize(
    ("phone", "is_verified", "environment", "texted"),
    [
        ("+15551230002", True, "test", "+15551230002"),
        ("+15551230002", False, "test", None),
        (None, False, "test", None),
        ("+15551230002", True, "live", PHONE),
    ],
)
async def test_a_phone_for_test_projects_is_texted_for_them_only(
    worker_world: WorkerWorld,
    picture: bytes,
    phone: str | None,
    is_verified: bool,
    environment: str,
    texted: str | None,
) -> None:
    """Where a test key set another phone, or none, test projects use that one and live projects their own."""
    await operator(worker_world, verified_in=Environment.LIVE)
    post = UUID((await draft(worker_world, picture)).removeprefix("sp_"))
    pool = worker_world.world.api.context.pool
    await pool.execute(
        "UPDATE operators SET has_test_phone = true, test_phone = $1, test_phone_verified_at = $2",
        phone,
        SystemClock().now() if is_verified else None,
    )
    await pool.execute("UPDATE scheduled_posts SET environment = $1", environment)
    row = await WorkStore(pool, worker_id="one").delivery_context(post)
    assert row["operator_phone"] == texted


@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_never_makes_two_texts_or_none(
    worker_world: WorkerWorld, picture: bytes, fault: str
) -> None:
    """Whatever happens to the answer, the draft is delivered by exactly one text."""
    await operator(worker_world)
    await worker_world.world.fault(platform="sms", operation="messages", fault=fault)
    post_id = await draft(worker_world, picture)
    await worker_world.worker.work_until_idle()
    post = await worker_world.world.post(post_id)
    assert (post["status"], len(await texts(worker_world))) == ("draft", 1), await worker_world.world.timeline(post_id)
    assert "reconciled" in await worker_world.events(post_id)


@pytest.mark.parametrize(
    ("phone", "status", "code"),
    [
        ("+15005550011", "failed", "30003"),
        *exhaustive([("+15005550010", "draft", None), ("+15005550001", "failed", "21211")]),
    ],
)
async def test_the_carrier_decides(
    worker_world: WorkerWorld, picture: bytes, phone: str, status: str, code: str | None
) -> None:
    """Without a receipt the text counts as delivered after a while, as the timeline says; one that fails has the reason."""
    await operator(worker_world, phone)
    post_id = await draft(worker_world, picture)
    while (post := await worker_world.world.post(post_id))["status"] in {"queued", "publishing"}:
        await worker_world.worker.work_until_idle()
    assert post["status"] == status
    error = post["lastError"]
    assert (error and error["code"], error and error["platformCode"]) == (code and "DELIVERY_FAILED", code)
    timeline = await worker_world.world.timeline(post_id)
    if code is None:
        assert "counts as delivered" in timeline[-1]["message"]
    assert phone not in json.dumps([post, timeline])


@pytest.mark.parametrize(
    "point",
    sampled(
        ["before_prepare", "after_prepare", "after_go_live", "after_call", "before_look_up", "before_settle"],
        "after_call",
    ),
)
async def test_killed_at_a_point_ends_with_one_text(worker_world: WorkerWorld, picture: bytes, point: str) -> None:
    """Wherever the worker dies, the draft is delivered and the phone got one text."""
    await operator(worker_world)
    post_id = await draft(worker_world, picture)
    assert await killed_at(worker_world, point)
    await take_over(worker_world)
    post = await worker_world.world.post(post_id)
    assert (post["status"], len(await texts(worker_world))) == ("draft", 1), await worker_world.world.timeline(post_id)


@pytest.mark.exhaustive
async def test_a_lost_answer_and_a_crash_together(worker_world: WorkerWorld, picture: bytes) -> None:
    """The answer is lost and the worker dies: the next one finds the text by its words."""
    await operator(worker_world)
    await worker_world.world.fault(platform="sms", operation="messages", fault="drop_after_effect")
    post_id = await draft(worker_world, picture)
    assert await killed_at(worker_world, "after_call")
    await take_over(worker_world)
    assert ((await worker_world.world.post(post_id))["status"], len(await texts(worker_world))) == ("draft", 1)


async def test_drafts_delay_no_other_post(worker_world: WorkerWorld, picture: bytes) -> None:
    """A draft that waits for its text leaves the account free: a post of the same account goes live meanwhile."""
    await operator(worker_world)
    await worker_world.world.fault(platform="sms", operation="messages", fault="stuck_processing")
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "brand")
    container = await worker_world.world.content(project, picture)
    (waiting,) = await worker_world.world.publish(container, account, mode="draft")
    (published,) = await worker_world.world.publish(container, account)
    await worker_world.worker.poll()
    while (await worker_world.world.post(published))["status"] != "published":
        await worker_world.worker.poll()
    assert (await worker_world.world.post(waiting))["status"] == "publishing"


async def test_a_signed_report_wakes_a_parked_draft(worker_world: WorkerWorld, picture: bytes) -> None:
    """A draft that waits long is looked at as soon as the service reports, and only if the report is the service's."""
    await operator(worker_world)
    await worker_world.world.fault(platform="sms", operation="messages", fault="stuck_processing")
    post_id = await draft(worker_world, picture)
    pool = worker_world.world.api.context.pool

    async def snoozed() -> bool:
        return bool(
            await pool.fetchval(
                "SELECT leased_by IS NULL AND leased_until > now() + interval '1 day' FROM scheduled_posts"
            )
        )

    assert await killed_at(worker_world, "before_look_up")
    await pool.execute(
        "UPDATE scheduled_posts SET leased_by = NULL, leased_until = now() + $1::interval, version = version + 1",
        timedelta(days=2),
    )
    browser = await worker_world.world.api.anonymous()
    url = f"/callbacks/draft/{post_id}"
    form = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    forged = await browser.post(url, data=form, headers={"X-Twilio-Signature": "AAAA"})
    assert (forged.status_code, await snoozed()) == (403, True)
    await browser.request("DELETE", "/sandbox/control/faults")
    while await snoozed():  # the sandbox reports its own, signed
        await browser.get("/sandbox/control/messages")
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post_id))["status"] == "draft"
    deliveries = (await browser.get("/sandbox/control/deliveries?platform=sms")).json()["items"]
    assert {delivery["answer"] for delivery in deliveries if "answer" in delivery} <= {204, None}
