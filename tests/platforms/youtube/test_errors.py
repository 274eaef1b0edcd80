"""The table of errors, the parsing of responses, the quota of a day, and the addresses that may get a video."""

import json
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue
from tests.platforms.rows import each_row
from tests.platforms.tiktok.driving import Respond
from tests.platforms.youtube.driving import refused

from presswork.platforms.api_client import Action, ApiError, refusal
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.transport import Reply
from presswork.platforms.youtube.api import Endpoints, read_response
from presswork.platforms.youtube.error_mapping import (
    ERROR_MEANINGS,
    SUSPENDED,
    VIDEO_FAILURES,
    YOUTUBE,
    video_failure,
)
from presswork.platforms.youtube.rules import Quota, next_reset

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def parsed(answer: Respond) -> ApiError:
    """Parse an error response."""
    body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
    error = read_response(Reply(status=answer.status, headers={}, body=body))
    assert isinstance(error, ApiError)
    return error


@each_row("reason", ERROR_MEANINGS)
def test_every_reason_says_what_to_do(reason: str) -> None:
    """Each row has a whole sentence, and advice wherever it can end a post."""
    meaning = ERROR_MEANINGS[reason]
    assert meaning.sentence.endswith(".")
    if meaning.action is not Action.RETRY and meaning is not ERROR_MEANINGS["rateLimitExceeded"]:
        assert meaning.advice.endswith(".")


@each_row("reason", VIDEO_FAILURES)
def test_every_failure_of_a_video_says_what_to_do(reason: str) -> None:
    """The same for videos that YouTube failed or rejected."""
    assert video_failure(reason).sentence.endswith(".")
    assert video_failure(reason).advice.endswith(".")


@each_row(
    ("answer", "expected", "failure"),
    [
        (refused(400, "invalidTitle"), Rejected, FailureCode.PLATFORM_REJECTED),
        (refused(400, "uploadLimitExceeded"), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (refused(401, "authError"), CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        (refused(401, "youtubeSignupRequired"), Rejected, FailureCode.ACCOUNT_NOT_ELIGIBLE),
        (refused(403, "quotaExceeded"), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (refused(403, "insufficientPermissions"), Rejected, FailureCode.CREDENTIAL_INVALID),
        (refused(403, "forbiddenPrivacySetting"), Rejected, FailureCode.PLATFORM_REJECTED),
        (refused(403, "accessNotConfigured"), Rejected, FailureCode.PLATFORM_REJECTED),
        (refused(403, "userRateLimitExceeded"), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (refused(404, "videoNotFound"), Rejected, FailureCode.PLATFORM_REJECTED),
        (refused(409, "ofTomorrow"), Rejected, FailureCode.PLATFORM_REJECTED),
        (refused(500, "quotaExceeded"), TryLater, FailureCode.PLATFORM_UNAVAILABLE),
        (Respond(429, b""), TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (Respond(401, b"<html>"), CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        (Respond(502, b"<html>"), TryLater, FailureCode.PLATFORM_UNAVAILABLE),
    ],
)
def test_refusals(answer: Respond, expected: type[PlatformError], failure: FailureCode) -> None:
    """Reasons, and the HTTP status where there is none, lead to the right reaction and failure code."""
    error = refusal(parsed(answer), step="videos_list", now=NOW)
    assert type(error) is expected
    assert error.failure is failure


def test_newer_envelope() -> None:
    """Google's newer errors have the reason in their details, or only a status; the message shows a limit of a day, and a suspended
    project, from others."""
    detail: JsonValue = [{"reason": "SERVICE_DISABLED"}]
    error: JsonValue = {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "m", "details": detail}}
    assert parsed(Respond(403, error)).code == "SERVICE_DISABLED"
    message = "Quota exceeded for quota metric 'Queries' and limit 'Queries per day'"
    full = parsed(Respond(429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": message}}))
    assert full.meaning is ERROR_MEANINGS["quotaExceeded"]
    message = "Permission denied: Consumer 'project:4711' has been suspended."
    reasons: JsonValue = [{"message": message, "domain": "global", "reason": "forbidden"}]
    suspended = parsed(Respond(403, {"error": {"code": 403, "message": message, "errors": reasons}}))
    assert suspended.meaning is SUSPENDED


def test_without_secrets() -> None:
    """Tokens, markup and queries of URLs are taken out of messages."""
    text = 'see <a href="/q">quota</a> at https://www.googleapis.com/upload?upload_id=abc with ya29.a0AfH6SMBx or 1//0gabcdefgh'
    assert YOUTUBE.without_secrets(text) == "see quota at https://www.googleapis.com/upload?… with … or …"


@each_row(
    ("now", "reset"),
    [
        (datetime(2026, 11, 24, 12, tzinfo=UTC), datetime(2026, 11, 25, 8, 1, tzinfo=UTC)),
        (datetime(2026, 11, 24, 8, 0, 30, tzinfo=UTC), datetime(2026, 11, 24, 8, 1, tzinfo=UTC)),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), datetime(2026, 7, 1, 7, 1, tzinfo=UTC)),
        (datetime(2026, 11, 1, 7, 2, tzinfo=UTC), datetime(2026, 11, 2, 8, 1, tzinfo=UTC)),  # a day of 25 hours
    ],
)
def test_quotas_end_at_midnight_pacific(now: datetime, reset: datetime) -> None:
    """Winter, the minute after midnight, summer, and the day on which the clocks go back."""
    assert next_reset(now) == reset


def test_limits_of_a_day() -> None:
    """Both limits are the app's, end at midnight, and leave units for reads."""
    uploads, writes = Quota().of_uploads(NOW), Quota().of_writes(NOW)
    assert (uploads.max_calls, writes.max_calls) == (100, 160)
    assert uploads.is_app_wide
    assert uploads.resets_at == writes.resets_at == next_reset(NOW)
    assert uploads.window >= next_reset(NOW) - NOW
    assert Quota(units=1000).of_writes(NOW).max_calls == 16


@each_row(
    ("url", "expected"),
    [
        ("https://www.googleapis.com/upload/youtube/v3/videos?upload_id=1", True),
        ("https://youtube-upload.googleapis.com/x", True),
        ("http://www.googleapis.com/x", False),
        ("https://www.googleapis.com.evil.example/x", False),
        ("https://evilgoogleapis.com/x", False),
        ("https://me@upload.googleapis.com/x", False),
        ("https://upload.googleapis.com:8443/x", False),
        ("/upload/x", False),
        ("https://[bad", False),
    ],
)
def test_session_addresses(url: str, expected: bool) -> None:
    """Only Google's own hosts, by https, get the video and the token."""
    assert Endpoints().accepts_session_url(url) is expected


def test_reset_is_never_in_the_past() -> None:
    """Every wait is positive, in each minute of a day."""
    for minute in range(0, 26 * 60, 7):
        now = NOW + timedelta(minutes=minute)
        assert timedelta() < next_reset(now) - now <= timedelta(hours=25)
