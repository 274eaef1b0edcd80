"""Polling a post to its outcome, against a TikTok that responds by a script."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.contract.job import MemoryJob
from tests.platforms.tiktok.driving import CutConnection, Respond, Script, ok, refused, status, stored, work

from presswork.platforms.errors import (
    FailureCode,
    Rejected,
    TryLater,
)
from presswork.platforms.port import Platform, Present
from presswork.platforms.tiktok.rules import USUAL_CAP
from presswork.platforms.tiktok.status import MAX_RESTARTS, start_over
from presswork.worker.reconciliation import Unknown

LIVE = status("PUBLISH_COMPLETE", publicaly_available_post_id=[7412345123451234512], uploaded_bytes=24)
LINK = "https://www.tiktok.com/@brand/video/7412345123451234512"


async def test_stuck_for_ever(platform: Platform, script: Script, video: MemoryJob) -> None:
    """Processing without end: the outcome is unknown, and the call is not repeated."""
    script.answers |= {
        "upload": [Respond(206), Respond(201)],
        "status_fetch": [status("PROCESSING_UPLOAD", uploaded_bytes=24)],
    }
    began = video.now()
    outcome = await work(platform, video)
    assert isinstance(outcome, Unknown)
    assert video.now() - began >= platform.retry_policy.processing_limit
    assert len(script.sent("upload")) == 2


async def test_a_failure_of_tiktok_is_tried_again(platform: Platform, script: Script, video: MemoryJob) -> None:
    """`internal` is final for that publish id and nothing went live: a new upload may succeed."""
    script.answers |= {
        "video_init": [script.upload_opened("p1"), script.upload_opened("p2")],
        "upload": [Respond(206), Respond(201), Respond(206), Respond(201)],
        "status_fetch": [status("FAILED", fail_reason="internal"), LIVE],
    }
    assert isinstance(await work(platform, video), Present)
    assert len(script.sent("video_init")) == 2


async def test_failing_again_and_again_ends(platform: Platform, script: Script, video: MemoryJob) -> None:
    """The count of attempts is kept in the state, so it is bounded across workers."""
    script.answers |= {
        "upload": [Respond(206), Respond(201)] * 20,
        "status_fetch": [status("FAILED", fail_reason="internal")],
    }
    with pytest.raises(Rejected, match="times and gave up; nothing was published") as failed:
        await work(platform, video)
    assert failed.value.failure is FailureCode.PLATFORM_UNAVAILABLE
    assert 4 <= len(script.sent("video_init")) <= 13


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        ("frame_rate_check_failed", FailureCode.MEDIA_REJECTED),
        ("spam_risk_text", FailureCode.PLATFORM_REJECTED),
        ("publish_cancelled", FailureCode.CANCELED_BY_PLATFORM),
        ("auth_removed", FailureCode.CREDENTIAL_INVALID),
    ],
)
async def test_failed_for_good(
    platform: Platform,
    script: Script,
    video: MemoryJob,
    reason: str,
    failure: FailureCode,
) -> None:
    """A final failure ends the post with TikTok's reason."""
    script.answers |= {"upload": [Respond(206), Respond(201)], "status_fetch": [status("FAILED", fail_reason=reason)]}
    with pytest.raises(Rejected) as failed:
        await work(platform, video)
    assert (failed.value.failure, failed.value.platform_code) == (failure, reason)


async def test_daily_cap_found_late_waits_an_hour(platform: Platform, script: Script, video: MemoryJob) -> None:
    """The cap shows only when the post is processed: an hour's wait, then a new attempt."""
    script.answers |= {
        "upload": [Respond(206), Respond(201), Respond(206), Respond(201)],
        "status_fetch": [status("FAILED", fail_reason="spam_risk_too_many_posts"), LIVE],
    }
    began = video.now()
    assert isinstance(await work(platform, video), Present)
    assert timedelta(hours=1) <= video.now() - began < timedelta(hours=2)


async def test_daily_cap_found_late_waits_for_its_own_posts(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """Presswork itself has used the whole cap: the next attempt, with all its bytes, comes when the cap has room."""
    script.answers |= {
        "upload": [Respond(206), Respond(201), Respond(206), Respond(201)],
        "status_fetch": [status("FAILED", fail_reason="spam_risk_too_many_posts"), LIVE],
    }
    began = video.now()
    video.published = [began - timedelta(hours=16)] * USUAL_CAP
    assert isinstance(await work(platform, video), Present)
    assert timedelta(hours=8) <= video.now() - began < timedelta(hours=9)


@pytest.mark.parametrize(
    "failure",
    [
        Respond(500),
        Respond(502, b"<html>"),
        CutConnection(),
        Respond(200, b"{"),
        ok(),
        refused(429, "rate_limit_exceeded"),
        refused(400, "invalid_publish_id"),
        refused(400, "token_not_authorized_for_specified_publish_id"),
        refused(401, "scope_not_authorized"),
    ],
    ids=str,
)
async def test_status_that_cannot_be_read(
    platform: Platform, script: Script, video: MemoryJob, failure: Respond | CutConnection
) -> None:
    """No read error decides anything: a few are retried, and lasting ones end as an unknown outcome."""
    script.answers |= {"upload": [Respond(206), Respond(201)], "status_fetch": [failure, failure, LIVE]}
    assert isinstance(await work(platform, video), Present)
    video.state.clear()
    video.live_call_at = video.looks = video.prepared = None
    script.answers["status_fetch"] = [failure]
    script.restart()
    began = video.now()
    outcome = await work(platform, video)
    assert isinstance(outcome, Unknown)
    assert video.now() - began >= platform.retry_policy.unknown_after
    assert len(script.sent("video_init")) == 2


async def test_an_invalid_token_while_processing_decides_nothing(
    platform: Platform, script: Script, video: MemoryJob
) -> None:
    """The token becomes invalid after the post was sent: the status can't be read, so the post does not fail."""
    script.answers |= {
        "upload": [Respond(206), Respond(201)],
        "status_fetch": [refused(401, "access_token_invalid")],
        "token": [Respond(400, {"error": "invalid_grant", "error_description": "dead", "log_id": "L"})],
    }
    assert isinstance(await work(platform, video), Unknown)


async def test_complete_without_an_id(platform: Platform, script: Script, video: MemoryJob) -> None:
    """A post is live before it has a public id; the id is fetched later, and never guessed."""
    done = status("PUBLISH_COMPLETE", publicaly_available_post_id=[], uploaded_bytes=24)
    script.answers |= {"upload": [Respond(206), Respond(201)], "status_fetch": [done, done, LIVE]}
    prepared = stored(await platform.connector.prepare(video))
    await platform.connector.make_live(video, prepared)
    assert await platform.connector.look_up(video, prepared) == Present(external_id=None, external_url=None)
    nowhere = await platform.connector.locate(video, prepared, None)
    assert (nowhere.external_id, nowhere.external_url) == (None, None)
    found = await platform.connector.locate(video, prepared, None)
    assert (found.external_id, found.external_url) == ("7412345123451234512", LINK)
    reads = len(script.sent("status_fetch"))
    known = await platform.connector.locate(video, prepared, "7412345123451234512")
    assert (known.external_url, len(script.sent("status_fetch"))) == (LINK, reads)


async def test_attempts_are_counted_even_while_there_is_time(platform: Platform, video: MemoryJob) -> None:
    """However generous the retry policy, a post starts over a dozen times at most."""
    patient = replace(platform.retry_policy, fault_limit=timedelta(days=30))
    for _ in range(MAX_RESTARTS):
        end = start_over(video, patient, "TikTok failed.")
        assert isinstance(end.reason, TryLater)
        await video.save(**end.changes)
    last = start_over(video, patient, "TikTok failed.").reason
    assert isinstance(last, Rejected)
    assert "13 times" in last.message
