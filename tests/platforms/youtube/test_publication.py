"""Making a video visible, looking up the outcome, and the first comment, against a YouTube that responds by a script."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue
from tests.contract.job import MemoryJob, decide, drive
from tests.platforms.drafts import youtube
from tests.platforms.tiktok.driving import CutConnection, Respond
from tests.platforms.youtube.driving import CHANNEL, NO_ITEMS, VIDEO, Script, listed, refused, video

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Absent, Platform, PostOptions, Present
from presswork.worker.reconciliation import Unknown

PREPARED = {"videoId": VIDEO}


def called(job: MemoryJob) -> MemoryJob:
    """Return the job at the moment of the irreversible call."""
    job.live_call_at = job.now()
    return job


def thread(text: str, author: str) -> dict[str, JsonValue]:
    """A comment thread."""
    top: dict[str, JsonValue] = {"snippet": {"authorChannelId": {"value": author}, "textOriginal": text}}
    return {"snippet": {"topLevelComment": top}}


async def test_still_private_is_repeated(platform: Platform, script: Script, small: MemoryJob) -> None:
    """The call was lost and the video stays private: the same call is made again, for the same video."""
    script.answers |= {
        "videos_update": [CutConnection(), Respond(200, video("public"))],
        "videos_list": [listed("private")],
    }
    script.once(lambda: len(script.sent("videos_update")) == 2, "videos_list", listed("public"))
    assert isinstance(await drive(platform.connector, small, platform.retry_policy), Present)
    assert len(script.sent("videos_update")) == 2
    assert len(script.sent("videos_insert")) == 1


async def test_lost_response_of_a_call_that_worked(platform: Platform, script: Script, small: MemoryJob) -> None:
    """The video is public although the response is lost: the post is live, and nothing is repeated."""
    script.answers["videos_update"] = [CutConnection()]
    assert isinstance(await drive(platform.connector, small, platform.retry_policy), Present)
    assert len(script.sent("videos_update")) == 1


async def test_a_lost_call_counts_as_without_effect_only_after_a_while(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """While the lost call can still arrive, the video's being private is no reason to call again, to fail or to cancel."""
    script.answers |= {"videos_update": [CutConnection()], "videos_list": [listed("private")]}
    with pytest.raises(OutcomeUnknown):
        await platform.connector.make_live(called(small), PREPARED)
    began, small.prepared = small.now(), PREPARED
    assert isinstance(await decide(platform.connector, small, platform.retry_policy), Absent)
    assert small.now() - began >= platform.retry_policy.republish_after


async def test_project_without_an_audit_is_no_success(platform: Platform, script: Script, small: MemoryJob) -> None:
    """YouTube accepts the call and keeps the video private: the post fails, and the message names the audit."""
    script.answers |= {"videos_update": [Respond(200, video("private"))], "videos_list": [listed("private")]}
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.ACCOUNT_NOT_ELIGIBLE
    assert "audit" in end.message
    assert f"studio.youtube.com/video/{VIDEO}" in end.message
    assert len(script.sent("videos_update")) == 1


async def test_visibility_that_shows_late_is_a_success(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A confirmed call whose effect is listed a little later is live, and not repeated."""
    script.answers["videos_list"] = [*[listed("private")] * 3, listed("public")]
    assert isinstance(await drive(platform.connector, small, platform.retry_policy), Present)
    assert len(script.sent("videos_update")) == 1


async def test_refusal_after_lost_calls_ends_the_post_in_the_end(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """Once the lost call can't arrive any more and the video is private, the refusal is final."""
    script.answers |= {
        "videos_update": [CutConnection(), refused(403, "forbidden")],
        "videos_list": [listed("private")],
    }
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, Rejected)
    assert end.platform_code == "forbidden"
    assert len(script.sent("videos_update")) <= 5


@pytest.mark.parametrize("privacy", ["unlisted", "private"])
async def test_other_visibilities(platform: Platform, script: Script, small: MemoryJob, privacy: str) -> None:
    """An unlisted or private video is set to that, and the timeline says what it is."""
    small.options = youtube(privacy=privacy)
    script.answers |= {
        "videos_update": [Respond(200, video(privacy))],
        "videos_list": [listed("private"), listed(privacy)],
    }
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, Present)
    assert end.message is not None
    assert privacy in end.message
    assert script.sent("videos_update")[0].json["status"]["privacyStatus"] == privacy  # type: ignore[index, call-overload]  # sent


async def test_options_that_a_rule_refuses_since_the_call_are_read(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """A rule has become stricter since the call: the video is looked up as it was sent."""
    small.options = PostOptions({"youtubePostSettings": {"privacy": "unlisted", "defaultLanguage": "x" * 99}})
    script.answers["videos_list"] = [listed("unlisted")]
    seen = await platform.connector.look_up(called(small), PREPARED)
    assert isinstance(seen, Present)
    assert "unlisted" in str(seen.message)


async def test_deleted_video_is_not_live(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A video that is gone for good ends the post; one that is missing for a moment does not."""
    script.answers["videos_list"] = [listed("private"), NO_ITEMS, listed("public")]
    assert isinstance(await drive(platform.connector, small, platform.retry_policy), Present)
    script.restart()
    small.live_call_at = small.prepared = None
    small.state.clear()
    script.answers["videos_list"] = [listed("private"), NO_ITEMS]
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, Rejected)
    assert end.failure is FailureCode.CANCELED_BY_PLATFORM


async def test_video_that_is_rejected_afterwards(platform: Platform, script: Script, small: MemoryJob) -> None:
    """YouTube rejects the video while it becomes public: it is not visible, for YouTube's reason."""
    script.answers["videos_list"] = [listed("private"), listed("public", "rejected", rejectionReason="copyright")]
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, Rejected)
    assert (end.failure, end.platform_code) == (FailureCode.MEDIA_REJECTED, "copyright")


async def test_unreadable_video_is_unknown_and_never_a_failure(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """Whatever the reads of the video return, the outcome is unknown in the end, never "not live"."""
    script.answers |= {
        "videos_list": [listed("private"), refused(401, "authError")],
        "token": [Respond(400, {"error": "invalid_grant"})],
    }
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, Unknown)
    assert len(script.sent("videos_update")) == 1


async def test_used_up_quota_waits_until_midnight_pacific(platform: Platform, script: Script, small: MemoryJob) -> None:
    """The quota of the project is used up: the post waits until midnight in Los Angeles, and is not published meanwhile."""
    script.answers["videos_update"] = [refused(403, "quotaExceeded", 'used up your <a href="/x">quota</a>')]
    with pytest.raises(TryLater) as full:
        await platform.connector.make_live(called(small), PREPARED)
    assert full.value.is_throttled
    assert full.value.platform_message == "used up your quota"
    assert full.value.retry_after is not None
    end = (small.now() + full.value.retry_after).astimezone(ZoneInfo("America/Los_Angeles"))
    assert (end.hour, end.minute) == (0, 1)


async def test_invalid_token_is_renewed_within_the_call(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A refused token had no effect: it is refreshed and the call sent once more."""
    script.answers |= {
        "videos_update": [refused(401, "authError"), Respond(200, video("public"))],
        "token": [Respond(200, {"access_token": "ya29.fresh", "expires_in": 3599})],
    }
    assert isinstance(await drive(platform.connector, small, platform.retry_policy), Present)
    assert small.renewals == 1


async def test_dead_grant_ends_the_post(platform: Platform, script: Script, small: MemoryJob) -> None:
    """Without another token nothing was published, and the message says to connect again."""
    script.answers |= {
        "videos_update": [refused(401, "authError")],
        "token": [Respond(400, {"error": "invalid_grant"})],
    }
    end = await drive(platform.connector, small, platform.retry_policy)
    assert isinstance(end, CredentialInvalid)
    assert "Connect the account again" in end.message


async def test_locate_makes_no_call(platform: Platform, script: Script, small: MemoryJob) -> None:
    """The address follows from the id, and from the shape: the video is vertical and brief."""
    found = await platform.connector.locate(small, PREPARED, None)
    assert (found.external_id, found.external_url) == (VIDEO, f"https://www.youtube.com/shorts/{VIDEO}")
    assert script.calls == []


async def test_comment(platform: Platform, script: Script, small: MemoryJob) -> None:
    """The comment names the channel and the video."""
    script.answers["comment_threads_insert"] = [Respond(200, {"id": "Ugx1"})]
    await platform.connector.comment(small, VIDEO, "First!", may_be_there=False)
    assert script.sent("comment_threads_insert")[0].json == {
        "snippet": {
            "channelId": CHANNEL,
            "videoId": VIDEO,
            "topLevelComment": {"snippet": {"textOriginal": "First!"}},
        }
    }


async def test_comment_is_looked_for_before_it_is_repeated(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """The first try was written and its response lost: the second one finds it, also on a later page, and writes nothing."""
    script.answers |= {
        "comment_threads_insert": [CutConnection()],
        "comment_threads_list": [
            Respond(200, {"items": [thread("First!", "UCfan")], "nextPageToken": "p2"}),
            Respond(200, {"items": [thread("First!", CHANNEL)]}),
        ],
    }
    with pytest.raises(OutcomeUnknown):
        await platform.connector.comment(small, VIDEO, "First!", may_be_there=False)
    await platform.connector.comment(small, VIDEO, "First!", may_be_there=True)
    assert len(script.sent("comment_threads_insert")) == 1


async def test_comment_below_many_others_is_not_written_again(
    platform: Platform, script: Script, small: MemoryJob
) -> None:
    """An earlier call may have written it, and the list goes on beyond what is read: it is not written a second time."""
    page = Respond(200, {"items": [thread("Nice", "UCfan")], "nextPageToken": "p2"})
    script.answers["comment_threads_list"] = [page]
    with pytest.raises(Rejected, match="200 comments") as unknown:
        await platform.connector.comment(small, VIDEO, "First!", may_be_there=True)
    assert unknown.value.failure is FailureCode.OUTCOME_UNKNOWN
    assert script.sent("comment_threads_insert") == []


@pytest.mark.parametrize("settings", [{"privacy": "private"}, {"made_for_kids": True}])
async def test_comment_where_there_are_none(
    platform: Platform, script: Script, small: MemoryJob, settings: dict[str, object]
) -> None:
    """On private videos and on those for kids, no call is made, and the message says why."""
    small.options = youtube(**settings)
    with pytest.raises(Rejected, match="YouTube has no comments"):
        await platform.connector.comment(small, VIDEO, "First!", may_be_there=False)
    assert script.calls == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refused(403, "commentsDisabled"), Rejected),
        (refused(400, "processingFailure"), Rejected),
        (refused(404, "videoNotFound"), TryLater),
        (refused(403, "quotaExceeded"), TryLater),
        (refused(500, "backendError"), OutcomeUnknown),
        (Respond(200, b"<html>"), OutcomeUnknown),
    ],
)
async def test_refused_comment(
    platform: Platform, script: Script, small: MemoryJob, answer: Respond, expected: type[Exception]
) -> None:
    """Only a refusal proves that no comment was written."""
    script.answers["comment_threads_insert"] = [answer]
    with pytest.raises(expected):
        await platform.connector.comment(small, VIDEO, "First!", may_be_there=False)


async def test_every_wait_for_youtube_is_bounded(platform: Platform, script: Script, small: MemoryJob) -> None:
    """A video that can't be read is asked for with growing waits, and not for ever."""
    began: datetime = small.now()
    script.answers["videos_list"] = [listed("private"), refused(500, "backendError")]
    assert isinstance(await drive(platform.connector, small, platform.retry_policy), Unknown)
    assert platform.retry_policy.unknown_after <= small.now() - began < timedelta(minutes=10)
    assert len(script.sent("videos_list")) < 40
