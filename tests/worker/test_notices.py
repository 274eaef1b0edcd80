"""Content texted to a phone: three messages in their order, each once, whatever dies or gets lost on the way."""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.tiers import exhaustive, sampled
from tests.worker.conftest import HurriedClock, WorkerWorld
from tests.worker.faults import LOST
from tests.worker.test_crashes import killed_at
from tests.worker.test_text_drafts import texts

from presswork.core.setting_values import LIVE_CALL_TIMEOUT
from presswork.media.samples import sample_picture
from presswork.worker.main import open_worker
from presswork.worker.sms import MAX_ERRORS

PHONE = "+15551230001"


async def notify(worker_world: WorkerWorld, picture: bytes, *, phone: str = PHONE, **content: Any) -> dict[str, Any]:
    """Bring a picture in and have it texted."""
    project = await worker_world.world.project()
    container = await worker_world.world.content(project, picture, **content)
    answer = await worker_world.world.client.post(f"/v1/content/{container}/notify-device", json={"phoneNumber": phone})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def statuses(worker_world: WorkerWorld) -> list[str]:
    """Return what became of each text, in their order."""
    rows = await worker_world.world.api.context.pool.fetch("SELECT status FROM text_messages ORDER BY position")
    return [row["status"] for row in rows]


async def test_a_picture_that_a_text_does_not_carry_is_linked(worker_world: WorkerWorld) -> None:
    """The SMS service refuses WebP: the first text says that the picture is on the page behind its link."""
    await notify(worker_world, sample_picture(64, 48, picture_format="WEBP"))
    await worker_world.worker.work_until_idle()
    assert await statuses(worker_world) == ["delivered"] * 3
    media, _, _ = await texts(worker_world)
    assert media["media"] == []
    assert "save it from the page" in media["body"]
    assert "/handover/cnt_" in media["body"]


async def work(worker_world: WorkerWorld, *, ahead: timedelta = timedelta(0)) -> None:
    """Work until every text is over."""
    clock = HurriedClock(ahead=ahead)
    async with open_worker(
        worker_world.settings, dsn=worker_world.dsn, base_url=worker_world.world.api.base_url, clock=clock
    ) as worker:
        while {"queued", "sending"} & set(await statuses(worker_world)):
            await worker.work_until_idle()
            await clock.sleep(timedelta(seconds=0.2))


async def test_three_texts_in_their_order(worker_world: WorkerWorld, picture: bytes) -> None:
    """The media, the caption and nothing else, the steps for each app that has such posts: each goes when the one before has arrived."""
    notice = await notify(worker_world, picture, caption="Warm bread\n#bakery", comment="First!")
    await worker_world.worker.work_until_idle()
    assert await statuses(worker_world) == ["delivered"] * 3
    media, caption, steps = await texts(worker_world)
    assert (len(media["media"]), media["body"].startswith("A picture to post.")) == (1, True)
    assert (caption["body"], caption["mediaUrls"]) == ("Warm bread\n#bakery", [])
    for part in ("Instagram:\n1.", "TikTok:\n1.", "First!", "/handover/cnt_"):
        assert part in steps["body"]
    assert "YouTube" not in steps["body"]
    assert "/handover/cnt_" in media["body"]
    assert [message["kind"] for message in notice["messages"]] == ["media", "caption", "steps"]
    callbacks = [text["statusCallback"] for text in (media, caption, steps)]
    assert callbacks == [
        f"{worker_world.world.api.base_url}/callbacks/text/{message['id']}" for message in notice["messages"]
    ]
    created = [text["createdAt"] for text in (media, caption, steps)]
    assert created == sorted(created)


@pytest.mark.parametrize("caption", ["🥖" * 801, *exhaustive(["", "x" * 1601])])
async def test_a_caption_that_no_text_takes_is_on_the_page(
    worker_world: WorkerWorld, picture: bytes, caption: str
) -> None:
    """The message says that a caption is empty or too long, and has the link."""
    await notify(worker_world, picture, caption=caption)
    await worker_world.worker.work_until_idle()
    steps = (await texts(worker_world))[1]
    assert ("no caption" if not caption else "too long for a text") in steps["body"]
    assert "/handover/cnt_" in steps["body"]


@pytest.mark.parametrize("skip", sampled([0, 1, 2], 0))
@pytest.mark.parametrize("fault", LOST)
async def test_a_lost_answer_never_makes_two_texts(
    worker_world: WorkerWorld, picture: bytes, fault: str, skip: int
) -> None:
    """Whichever answer is lost, no text comes twice. Only the bare caption may be given up, since nothing names it."""
    await worker_world.world.fault(platform="sms", operation="messages", fault=fault, skip=skip)
    await notify(worker_world, picture)
    await work(worker_world)
    bodies = [text["body"] for text in await texts(worker_world)]
    assert len(set(bodies)) == len(bodies)
    has_happened = fault in {"drop_after_effect", "malformed_json"}
    if skip == 1 and not has_happened:
        assert (await statuses(worker_world), len(bodies)) == (["delivered", "unknown", "delivered"], 2)
    else:
        assert (await statuses(worker_world), len(bodies)) == (["delivered"] * 3, 3)


@pytest.mark.exhaustive
async def test_a_limit_of_the_service_is_no_error(worker_world: WorkerWorld, picture: bytes) -> None:
    """The service refuses more calls for a limit than may fail: the texts wait, and all are sent."""
    limit = {"code": 20429}
    await worker_world.world.fault(
        platform="sms", operation="messages", fault="platform_error", value=limit, times=MAX_ERRORS + 2
    )
    await notify(worker_world, picture)
    for turn in range(MAX_ERRORS + 2):  # a refusal in each
        async with open_worker(
            worker_world.settings,
            dsn=worker_world.dsn,
            base_url=worker_world.world.api.base_url,
            clock=HurriedClock(ahead=timedelta(hours=2 * turn)),
        ) as worker:
            await worker.work_until_idle()
    await work(worker_world, ahead=timedelta(hours=2 * (MAX_ERRORS + 2)))
    assert await statuses(worker_world) == ["delivered"] * 3


@pytest.mark.parametrize("visits", sampled([1, 2, 3], 3))
@pytest.mark.parametrize(
    "point",
    sampled(["sms_before_call", "sms_before_send", "sms_after_send", "sms_before_end"], "sms_after_send"),
)
async def test_killed_at_a_point_no_text_comes_twice(
    worker_world: WorkerWorld, picture: bytes, point: str, visits: int
) -> None:
    """Wherever the worker dies, each text comes once; a bare caption whose call may not have been made is given up."""
    await notify(worker_world, picture)
    assert await killed_at(worker_world, point, visits=visits)
    await work(worker_world, ahead=worker_world.settings.worker_lease * 2)
    bodies = [text["body"] for text in await texts(worker_world)]
    assert len(set(bodies)) == len(bodies)
    if point == "sms_before_send" and visits == 2:
        assert (await statuses(worker_world), len(bodies)) == (["delivered", "unknown", "delivered"], 2)
    else:
        assert (await statuses(worker_world), len(bodies)) == (["delivered"] * 3, 3)


async def test_a_message_is_leased_for_as_long_as_a_post(worker_world: WorkerWorld, picture: bytes) -> None:
    """The checks on the settings bound the worker's lease, so that a call can't begin after its look-up."""
    await notify(worker_world, picture)
    assert await killed_at(worker_world, "sms_before_send")
    lease = await worker_world.world.api.context.pool.fetchval(
        "SELECT leased_until - updated_at FROM text_messages WHERE position = 0"
    )
    assert lease == worker_world.settings.worker_lease
    assert lease + LIVE_CALL_TIMEOUT < worker_world.settings.republish_after_live


@pytest.mark.parametrize("phone", ["+15005550011", "+15005550013", "+15005550001"])
async def test_one_that_fails_stops_the_rest(worker_world: WorkerWorld, picture: bytes, phone: str) -> None:
    """The first text does not arrive: the others are not sent, and say why."""
    await notify(worker_world, picture, phone=phone)
    await worker_world.worker.work_until_idle()
    assert await statuses(worker_world) == ["failed"] * 3
    assert len(await texts(worker_world)) <= 1
    errors = await worker_world.world.api.context.pool.fetch("SELECT error FROM text_messages ORDER BY position")
    assert "not delivered (code" in errors[0]["error"]
    assert errors[1]["error"] == errors[2]["error"] == "An earlier message of the three was not delivered."


@pytest.mark.exhaustive
async def test_a_carrier_without_receipts_does_not_hold_the_rest_up(worker_world: WorkerWorld, picture: bytes) -> None:
    """Texts that stay with the carrier follow each other after a while, and end as sent."""
    await notify(worker_world, picture, phone="+15005550010")
    await work(worker_world)
    assert (await statuses(worker_world), len(await texts(worker_world))) == (["sent"] * 3, 3)


@pytest.mark.exhaustive
async def test_equal_captions_are_distinguished(worker_world: WorkerWorld, picture: bytes) -> None:
    """A caption whose answer got lost is not taken for an equal one that was texted before."""
    await notify(worker_world, picture)
    await worker_world.worker.work_until_idle()
    await worker_world.world.fault(platform="sms", operation="messages", fault="drop_before_effect", skip=1)
    await notify(worker_world, picture)
    await work(worker_world)
    rows = await worker_world.world.api.context.pool.fetch(
        "SELECT status FROM text_messages WHERE kind = 'caption' ORDER BY id"
    )
    assert [row["status"] for row in rows] == ["delivered", "unknown"]


@pytest.mark.exhaustive
async def test_a_service_that_is_away_is_waited_for(worker_world: WorkerWorld, picture: bytes) -> None:
    """Throttles and refused connections had no effect: the text goes later, once; when they last, it fails."""
    await worker_world.world.fault(
        platform="sms", operation="messages", fault="platform_error", value={"code": 20429}, times=2
    )
    await notify(worker_world, picture)
    await work(worker_world)
    assert (await statuses(worker_world), len(await texts(worker_world))) == (["delivered"] * 3, 3)


async def test_a_report_wakes_a_text(worker_world: WorkerWorld, picture: bytes) -> None:
    """A text that waits is looked at when the service reports; a report that it did not sign is refused."""
    notice = await notify(worker_world, picture)
    await worker_world.world.fault(platform="sms", operation="messages", fault="stuck_processing")
    assert await killed_at(worker_world, "sms_after_send")
    pool = worker_world.world.api.context.pool
    await pool.execute("UPDATE text_messages SET run_at = 'infinity', leased_by = NULL, leased_until = NULL")
    browser = await worker_world.world.api.anonymous()
    url = f"/callbacks/text/{notice['messages'][0]['id']}"
    waiting = "SELECT run_at = 'infinity' FROM text_messages WHERE position = 0"
    for headers in ({}, {"X-Twilio-Signature": "AAAA"}):
        assert (await browser.post(url, data={"MessageStatus": "sent"}, headers=headers)).status_code == 403
    assert await pool.fetchval(waiting)
    await browser.request("DELETE", "/sandbox/control/faults")
    while await pool.fetchval(waiting):  # the sandbox reports its own, signed
        await browser.get("/sandbox/control/messages")
    await work(worker_world)
    assert await statuses(worker_world) == ["delivered"] * 3
    assert len(await texts(worker_world)) == 3


async def test_phones_are_masked_in_the_log(
    worker_world: WorkerWorld, picture: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the answer nor a line of the log has the whole number."""
    notice = await notify(worker_world, picture)
    await worker_world.worker.work_until_idle()
    logged = capsys.readouterr()
    assert "text" in logged.out + logged.err
    assert PHONE not in logged.out + logged.err + json.dumps(notice)
