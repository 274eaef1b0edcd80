"""Parsing TikTok's responses: the envelope, every error code, every fail reason."""

import json
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms.api_client import Action
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.tiktok.api import read_response, refusal, unavailable
from presswork.platforms.tiktok.error_mapping import ERRORS, FAIL_REASONS, fail_reason
from presswork.platforms.tiktok.status import post_ids
from presswork.platforms.transport import Reply


def reply(status: int, body: JsonValue | bytes, headers: dict[str, str] | None = None) -> Reply:
    """Return a response with this body."""
    return Reply(
        status=status,
        headers=headers or {},
        body=body if isinstance(body, bytes) else json.dumps(body).encode(),
    )


def error(status: int, code: str, message: str = "words") -> Reply:
    """Return an error as TikTok wraps it."""
    return reply(status, {"data": {}, "error": {"code": code, "message": message, "log_id": "2026LOG"}})


def error_of(status: int, code: str) -> PlatformError | None:
    """Return the error for an error code."""
    return refusal(read_response(error(status, code)), step="content_init")


def test_reads_a_good_answer() -> None:
    """Data is available when the code is "ok"."""
    answer = read_response(
        reply(200, {"data": {"publish_id": "p"}, "error": {"code": "ok", "message": "", "log_id": ""}})
    )
    assert answer.is_ok
    assert answer.data == {"publish_id": "p"}
    assert answer.full_message is None


@pytest.mark.parametrize("key", ["log_id", "logid"])
def test_reads_both_spellings_of_the_log_id(key: str) -> None:
    """TikTok's support asks for the log id, which its documentation spells in two ways."""
    answer = read_response(reply(400, {"error": {"code": "invalid_param", "message": "title", key: "L1"}}))
    assert answer.full_message == "title (log_id L1)"


@each_row("code", [code for code in ERRORS if code != "internal_error"])
def test_an_error_with_http_200_is_no_success(code: str) -> None:
    """TikTok reports some errors with HTTP 200; the code decides, and it proves that the call had no effect."""
    answer = read_response(error(200, code))
    assert not answer.is_ok
    assert refusal(answer, step="creator_info") is not None


@each_row(
    ("status", "code", "expected", "failure"),
    [
        (400, "invalid_param", Rejected, FailureCode.PLATFORM_REJECTED),
        (400, "invalid_params", Rejected, FailureCode.PLATFORM_REJECTED),
        (400, "invalid_file_upload", Rejected, FailureCode.MEDIA_REJECTED),
        (400, "app_version_check_failed", Rejected, FailureCode.ACCOUNT_NOT_ELIGIBLE),
        (400, "invalid_publish_id", Rejected, FailureCode.PLATFORM_REJECTED),
        (400, "token_not_authorized_for_specified_publish_id", Rejected, FailureCode.PLATFORM_REJECTED),
        (400, "scope_permission_missed", CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        (401, "access_token_invalid", CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        (401, "scope_not_authorized", CredentialInvalid, FailureCode.CREDENTIAL_INVALID),
        (403, "spam_risk_too_many_posts", TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (403, "spam_risk_too_many_pending_share", Rejected, FailureCode.DELIVERY_FAILED),
        (403, "reached_active_user_cap", TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (403, "spam_risk_user_banned_from_posting", Rejected, FailureCode.ACCOUNT_NOT_ELIGIBLE),
        (403, "unaudited_client_can_only_post_to_private_accounts", Rejected, FailureCode.ACCOUNT_NOT_ELIGIBLE),
        (403, "url_ownership_unverified", Rejected, FailureCode.PLATFORM_REJECTED),
        (403, "privacy_level_option_mismatch", Rejected, FailureCode.PLATFORM_REJECTED),
        (429, "rate_limit_exceeded", TryLater, FailureCode.PLATFORM_RATE_LIMITED),
        (418, "something_new", Rejected, FailureCode.PLATFORM_REJECTED),
    ],
)
def test_codes(status: int, code: str, expected: type[PlatformError], failure: FailureCode) -> None:
    """Each documented code becomes its typed error, with TikTok's own message and an explanation."""
    found = error_of(status, code)
    assert type(found) is expected
    assert found.failure is failure
    assert (found.platform_code, found.platform_message) == (code, "words (log_id 2026LOG)")
    assert found.message.endswith(".")


@each_row(
    ("status", "body"),
    [
        (500, {"data": {}, "error": {"code": "internal_error", "message": "", "log_id": ""}}),
        (200, {"data": {}, "error": {"code": "internal_error", "message": "", "log_id": ""}}),
        (200, {"data": {}, "error": {"code": "something_new", "message": "", "log_id": ""}}),
        (502, b"<html>Bad Gateway</html>"),
        (200, b'{"data":{"publish_id":"v_pub'),
        (200, b"[]"),
        (200, {"data": {}}),
        (200, {"error": "ok"}),
        (404, b"<html>Not Found</html>"),
        (503, {"data": {}, "error": {"code": "something_new", "message": "", "log_id": ""}}),
        (500, {"data": {}, "error": {"code": "ok", "message": "", "log_id": ""}}),
    ],
)
def test_responses_that_prove_nothing(status: int, body: JsonValue | bytes) -> None:
    """A server error, a gateway's page and a malformed response prove neither success nor failure."""
    answer = read_response(reply(status, body))
    assert not answer.is_ok
    assert refusal(answer, step="content_init") is None
    assert isinstance(unavailable(answer, step="content_init"), TryLater)


@each_row(("hint", "seconds"), [(None, 60), ("5", 60), ("120", 120), ("soon", 60), ("²", 60)])
def test_minute_limit_waits_at_least_a_minute(hint: str | None, seconds: int) -> None:
    """The window is a minute; a longer Retry-After of a gateway is honoured, a shorter or unreadable one is not."""
    for answered in (error(429, "rate_limit_exceeded"), reply(429, b"slow down")):
        headers = {"retry-after": hint} if hint else {}
        answer = read_response(Reply(status=429, headers=headers, body=answered.body))
        found = refusal(answer, step="status_fetch")
        assert isinstance(found, TryLater)
        assert (found.is_throttled, found.retry_after) == (True, timedelta(seconds=seconds))


@pytest.mark.parametrize("code", ["spam_risk_too_many_posts", "reached_active_user_cap"])
def test_daily_caps_wait_for_an_hour(code: str) -> None:
    """A cap of 24 hours is checked again each hour."""
    found = error_of(403, code)
    assert isinstance(found, TryLater)
    assert (found.is_throttled, found.retry_after) == (True, timedelta(hours=1))


def test_a_bare_401_counts_as_a_refused_token() -> None:
    """A gateway that refuses the token without TikTok's envelope counts as a refused token."""
    answer = read_response(reply(401, b"Unauthorized"))
    assert answer.is_token_refused
    assert isinstance(refusal(answer, step="status_fetch"), CredentialInvalid)


def test_every_explanation_is_a_sentence() -> None:
    """Every explanation is a sentence: it starts with a capital, ends with a stop and adds to the code."""
    sentences = [known.sentence for known in ERRORS.values()] + [known.sentence for known in FAIL_REASONS.values()]
    for sentence in sentences:
        assert sentence[0].isupper(), sentence
        assert sentence.endswith("."), sentence
        assert len(sentence.split()) > 4, sentence


@each_row(
    ("name", "effect", "failure"),
    [
        ("file_format_check_failed", Action.REJECT, FailureCode.MEDIA_REJECTED),
        ("duration_check_failed", Action.REJECT, FailureCode.MEDIA_REJECTED),
        ("frame_rate_check_failed", Action.REJECT, FailureCode.MEDIA_REJECTED),
        ("picture_size_check_failed", Action.REJECT, FailureCode.MEDIA_REJECTED),
        ("video_bitrate_check_failed", Action.REJECT, FailureCode.MEDIA_REJECTED),
        ("internal", Action.RECREATE, FailureCode.PLATFORM_UNAVAILABLE),
        ("video_pull_failed", Action.RECREATE, FailureCode.PLATFORM_UNAVAILABLE),
        ("photo_pull_failed", Action.RECREATE, FailureCode.PLATFORM_UNAVAILABLE),
        ("publish_cancelled", Action.REJECT, FailureCode.CANCELED_BY_PLATFORM),
        ("auth_removed", Action.REJECT, FailureCode.CREDENTIAL_INVALID),
        ("spam_risk_too_many_posts", Action.THROTTLE, FailureCode.PLATFORM_RATE_LIMITED),
        ("spam_risk_user_banned_from_posting", Action.REJECT, FailureCode.ACCOUNT_NOT_ELIGIBLE),
        ("spam_risk_text", Action.REJECT, FailureCode.PLATFORM_REJECTED),
        ("spam_risk", Action.REJECT, FailureCode.PLATFORM_REJECTED),
        ("of_tomorrow", Action.REJECT, FailureCode.PLATFORM_REJECTED),
        (None, Action.REJECT, FailureCode.PLATFORM_REJECTED),
    ],
)
def test_fail_reasons(name: str | None, effect: Action, failure: FailureCode) -> None:
    """Each fail reason decides whether another attempt makes sense; an unknown one is final and named."""
    found = fail_reason(name)
    assert (found.action, found.failure) == (effect, failure)
    if name == "of_tomorrow":
        assert "of_tomorrow" in found.sentence


@each_row(
    ("data", "ids"),
    [
        ({}, []),
        ({"publicaly_available_post_id": []}, []),
        ({"publicaly_available_post_id": None}, []),
        ({"publicaly_available_post_id": [7412345123451234512]}, ["7412345123451234512"]),
        ({"publicaly_available_post_id": ["7412345123451234512", 1]}, ["7412345123451234512", "1"]),
        ({"publicaly_available_post_id": 7412345123451234512}, ["7412345123451234512"]),
        ({"publicaly_available_post_id": "7412345123451234512"}, ["7412345123451234512"]),
        ({"publicly_available_post_id": [12]}, ["12"]),
        ({"publicaly_available_post_id": [0, "", True, "x", None]}, []),
    ],
)
def test_post_ids(data: dict[str, JsonValue], ids: list[str]) -> None:
    """Ids beyond 2^53 stay exact, in a list or single, as numbers or as text."""
    raw = reply(200, {"data": data, "error": {"code": "ok", "message": "", "log_id": ""}})
    assert post_ids(read_response(raw).data) == ids


def test_an_ambiguous_response_never_becomes_an_error_that_proves_no_effect() -> None:
    """The kinds which prove that the call had no effect are exactly those that become errors."""
    for code, known in ERRORS.items():
        assert (error_of(400, code) is None) == (known.action is Action.RETRY)
