"""Photo posts, step by step, against a TikTok that responds by a script."""

import aiohttp
import pytest
from tests.contract.job import MediaHost, MemoryJob, sample
from tests.platforms.drafts import tiktok
from tests.platforms.tiktok.conftest import job_of
from tests.platforms.tiktok.driving import (
    FRESH,
    Call,
    CutConnection,
    Respond,
    Script,
    look,
    ok,
    refused,
    status,
    stored,
    visible_text,
    work,
)

from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TryLater,
)
from presswork.platforms.port import Ambiguous, MediaType, Platform, Present, ReportedEvent, Unreadable
from presswork.worker.reconciliation import Unknown

LIVE = status("PUBLISH_COMPLETE", publicaly_available_post_id=["7412345123451234512"])
ACCEPTED = ok(publish_id="p_pub_url~v2.1")
AMBIGUOUS = [
    CutConnection(),
    Respond(500),
    Respond(502, b"<html>Bad Gateway</html>"),
    Respond(200, b'{"data":{"publish_id":"p_pub'),
    Respond(403, b"<html>Forbidden</html>"),
    ok(),
    refused(500, "internal_error"),
    refused(200, "internal_error"),
    refused(200, "of_tomorrow"),
]


async def fetch(url: str) -> int:
    """Fetch a URL like TikTok would and return the status."""
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        await answer.read()
        return answer.status


def fetching(script: Script, job: MemoryJob) -> None:
    """Make the scripted TikTok fetch the pictures during the init call."""

    async def on_call(call: Call) -> None:
        if call.operation == "content_init":
            for url in job.one_off_urls:
                await fetch(url)

    script.on_call = on_call


async def test_one_slideshow(platform: Platform, host: MediaHost, script: Script) -> None:
    """The pictures are sent as URLs, in order, and the caption as the description, without a title."""
    pictures = [sample(bytes([n]), "image/jpeg", width=640, height=640, position=n) for n in range(3)]
    job = job_of(platform, host, MediaType.MULTI, *pictures)
    job.options = tiktok(music_mode="manual", disable_comment=True, disable_duet=True)
    script.answers |= {"content_init": [ACCEPTED], "status_fetch": [status("PROCESSING_DOWNLOAD"), LIVE]}
    assert await work(platform, job) == Present(
        external_id="7412345123451234512", external_url="https://www.tiktok.com/@brand/photo/7412345123451234512"
    )
    assert script.sent("content_init")[0].json == {
        "media_type": "PHOTO",
        "post_mode": "DIRECT_POST",
        "post_info": {
            "description": "hello",
            "privacy_level": "PUBLIC_TO_EVERYONE",
            "disable_comment": True,
            "brand_content_toggle": False,
            "brand_organic_toggle": False,
            "auto_add_music": True,
        },
        "source_info": {"source": "PULL_FROM_URL", "photo_images": job.one_off_urls, "photo_cover_index": 0},
    }
    assert job.state["publish_id"] == "p_pub_url~v2.1"
    assert job.host.address not in visible_text(job)


@pytest.mark.parametrize("lost", AMBIGUOUS, ids=str)
async def test_lost_response_and_nothing_fetched(
    platform: Platform, script: Script, photo: MemoryJob, lost: Respond | CutConnection
) -> None:
    """TikTok has not fetched the picture: its URL is revoked for ever, and an init with a new one is safe."""
    script.answers |= {"content_init": [lost, ACCEPTED], "status_fetch": [LIVE]}
    assert isinstance(await work(platform, photo), Present)
    first, second = (call.json["source_info"] for call in script.sent("content_init"))
    assert first != second
    assert await fetch(photo.one_off_urls[0]) == 404
    assert await fetch(photo.one_off_urls[1]) == 200


@pytest.mark.parametrize("lost", AMBIGUOUS, ids=str)
async def test_lost_response_and_a_picture_fetched(
    platform: Platform, script: Script, photo: MemoryJob, lost: Respond | CutConnection
) -> None:
    """TikTok has the picture and may have posted it: the call is never repeated, and the outcome stays unknown."""
    script.answers |= {"content_init": [lost, ACCEPTED]}
    fetching(script, photo)
    began = photo.now()
    outcome = await work(platform, photo)
    assert isinstance(outcome, Unknown)
    assert photo.now() - began >= platform.retry_policy.unknown_after
    assert len(script.sent("content_init")) == 1


async def test_the_id_is_found_in_the_list(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """TikTok's webhook adds the publish id to the state after the response was lost: then its status can be read."""
    script.answers |= {"content_init": [CutConnection()], "status_fetch": [LIVE]}
    fetching(script, photo)
    prepared = stored(await platform.connector.prepare(photo))
    photo.live_call_at = photo.now()
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(photo, prepared)
    assert isinstance(await platform.connector.look_up(photo, prepared), Ambiguous)
    await photo.save(publish_id="p_pub_url~v2.1")
    assert isinstance(await platform.connector.look_up(photo, prepared), Present)


async def test_endless_lost_responses(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """No call ever succeeds: the post fails with TikTok's error, after a bounded number of attempts."""
    script.answers |= {"content_init": [Respond(500)]}
    with pytest.raises(Rejected, match="nothing was published") as failed:
        await work(platform, photo)
    assert failed.value.failure is FailureCode.PLATFORM_UNAVAILABLE
    assert len(script.sent("content_init")) <= 13


@pytest.mark.parametrize(
    ("answer", "expected", "failure"),
    [
        (refused(400, "invalid_param"), Rejected, FailureCode.PLATFORM_REJECTED),
        (refused(403, "url_ownership_unverified"), Rejected, FailureCode.PLATFORM_REJECTED),
        (
            refused(403, "unaudited_client_can_only_post_to_private_accounts"),
            Rejected,
            FailureCode.ACCOUNT_NOT_ELIGIBLE,
        ),
        (refused(401, "scope_not_authorized"), CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        (refused(429, "rate_limit_exceeded"), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (refused(403, "reached_active_user_cap"), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (Respond(429, b"slow down"), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
    ],
    ids=str,
)
async def test_a_refused_init_is_not_ambiguous(
    platform: Platform,
    script: Script,
    photo: MemoryJob,
    answer: Respond,
    expected: type[PlatformError],
    failure: FailureCode,
) -> None:
    """Where TikTok's response proves that the call had no effect, no look-up is needed."""
    script.answers |= {"content_init": [answer]}
    prepared = stored(await platform.connector.prepare(photo))
    with pytest.raises(expected) as refusal:
        await platform.connector.make_live(photo, prepared)
    assert refusal.value.failure is failure
    assert photo.host.address not in visible_text(photo, refusal.value)


async def test_a_refused_token_at_the_init(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """An init that was refused for its token had no effect: it is sent once more, and one post exists."""
    script.answers |= {
        "content_init": [refused(401, "access_token_invalid"), ACCEPTED],
        "token": [FRESH],
        "status_fetch": [LIVE],
    }
    assert isinstance(await work(platform, photo), Present)
    assert len(script.sent("content_init")) == 2
    assert photo.renewals == 1


async def test_a_failed_download_is_tried_again(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """TikTok could not fetch the pictures: that attempt is over, and the next one gets its own URLs."""
    script.answers |= {
        "content_init": [ACCEPTED],
        "status_fetch": [status("FAILED", fail_reason="photo_pull_failed"), LIVE],
    }
    assert isinstance(await work(platform, photo), Present)
    assert len(set(photo.one_off_urls)) == 2


async def test_stuck_before_the_download(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """TikTok never fetches the pictures: their URLs are revoked, so that the attempt can't become a post, and it is repeated."""
    script.answers |= {
        "content_init": [ACCEPTED, ok(publish_id="p2")],
        "status_fetch": [status("PROCESSING_DOWNLOAD")],
    }
    script.once(lambda: len(script.sent("content_init")) == 2, "status_fetch", LIVE)
    assert isinstance(await work(platform, photo), Present)
    assert await fetch(photo.one_off_urls[0]) == 404


async def test_stuck_after_the_download(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """TikTok has the pictures and never reports more: the outcome is unknown, and the call is not repeated."""
    script.answers |= {"content_init": [ACCEPTED], "status_fetch": [status("PROCESSING_DOWNLOAD")]}
    fetching(script, photo)
    assert isinstance(await work(platform, photo), Unknown)
    assert len(script.sent("content_init")) == 1


@pytest.mark.parametrize(("mode", "sent"), [(None, None), ("none", False), ("auto", True), ("manual", True)])
async def test_music(
    platform: Platform, script: Script, photo: MemoryJob, mode: str | None, *, sent: bool | None
) -> None:
    """The requested music is sent as `auto_add_music`, or not at all."""
    photo.options = tiktok(music_mode=mode)
    script.answers |= {"content_init": [ACCEPTED], "status_fetch": [LIVE]}
    await work(platform, photo)
    info = script.sent("content_init")[0].json["post_info"]
    assert isinstance(info, dict)
    assert info.get("auto_add_music") is sent


async def test_a_long_description(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """A photo post accepts 4,000 units of text, not the 2,200 of a video."""
    script.answers |= {"content_init": [ACCEPTED], "status_fetch": [LIVE]}
    photo.caption = "x" * 4000
    await work(platform, photo)
    photo.caption = "x" * 4001
    with pytest.raises(Rejected, match="4,001"):
        await platform.connector.prepare(photo)


def event_of(photo: MemoryJob, publish_id: str, event: str = "post.publish.complete") -> ReportedEvent:
    """Return the event of a TikTok webhook that arrived a moment ago."""
    return ReportedEvent(
        event=event,
        account="open-id",
        reference=publish_id,
        occurred_at=photo.now(),
        detail={"publish_type": "DIRECT_POST"},
    )


async def test_a_webhook_resolves_a_lost_response(platform: Platform, script: Script, photo: MemoryJob) -> None:
    """A webhook names a delivery that matches no post: its status is read, and the post is live under its id."""
    script.answers |= {"content_init": [CutConnection()], "status_fetch": [LIVE]}
    fetching(script, photo)
    prepared = stored(await platform.connector.prepare(photo))
    photo.live_call_at = photo.now()
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(photo, prepared)
    photo.reported = [event_of(photo, "p1"), event_of(photo, "p1", "post.publish.publicly_available")]
    assert isinstance(await platform.connector.look_up(photo, prepared), Present)
    assert (photo.state["publish_id"], len(script.sent("content_init"))) == ("p1", 1)


async def test_one_failed_read_after_a_late_webhook_does_not_decide(
    platform: Platform, script: Script, photo: MemoryJob
) -> None:
    """The webhook comes late and the first read of its delivery fails: the status is read again, and the post is live."""
    script.answers |= {"content_init": [CutConnection()], "status_fetch": [Respond(500), LIVE]}
    fetching(script, photo)
    prepared = stored(await platform.connector.prepare(photo))
    photo.live_call_at = photo.now()
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(photo, prepared)
    await photo.sleep(platform.retry_policy.unknown_after)
    photo.reported = [event_of(photo, "p1")]
    assert isinstance(await look(platform.connector, photo, prepared), Unreadable)
    assert isinstance(await platform.connector.look_up(photo, prepared), Present)


@pytest.mark.parametrize(
    ("publish_ids", "answer"),
    [
        (["p1", "p2"], LIVE),  # ambiguous: two deliveries
        (["p1"], status("FAILED", fail_reason="photo_pull_failed")),  # perhaps an earlier attempt's
        (["p1"], status("PROCESSING_DOWNLOAD")),
        (["p1"], refused(400, "token_not_authorized_for_specified_publish_id")),
        ([], LIVE),
    ],
)
async def test_an_ambiguous_webhook_resolves_nothing(
    platform: Platform, script: Script, photo: MemoryJob, publish_ids: list[str], answer: Respond
) -> None:
    """No event is matched, no call is repeated, and the outcome stays unknown."""
    script.answers |= {"content_init": [CutConnection()], "status_fetch": [answer]}
    fetching(script, photo)
    photo.reported = [event_of(photo, publish_id) for publish_id in publish_ids]
    outcome = await work(platform, photo)
    assert isinstance(outcome, Unknown)
    assert ("publish_id" in photo.state, len(script.sent("content_init"))) == (False, 1)


async def test_a_webhook_is_ignored_where_no_picture_was_fetched(
    platform: Platform, script: Script, photo: MemoryJob
) -> None:
    """The delivery can't be this post, then; it starts over."""
    script.answers |= {"content_init": [CutConnection(), ok(publish_id="p2")], "status_fetch": [LIVE]}
    photo.reported = [event_of(photo, "p1")]
    await work(platform, photo)
    assert (photo.state["publish_id"], len(script.sent("content_init"))) == ("p2", 2)
