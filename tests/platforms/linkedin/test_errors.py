"""LinkedIn's errors: every known code, the forms of responses, and what each proves."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms.api_client import Action, ApiError, UnreadableResponse, refusal
from presswork.platforms.errors import CredentialInvalid, FailureCode, PlatformError, Rejected, TryLater
from presswork.platforms.linkedin.api import elements_of, read_response
from presswork.platforms.linkedin.error_mapping import ERROR_MEANINGS, LINKEDIN
from presswork.platforms.transport import Reply

NOW = datetime(2026, 11, 28, 22, 30, tzinfo=UTC)


def reply(status: int, body: JsonValue | bytes, **headers: str) -> Reply:
    """Return a reply of LinkedIn."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status=status, headers=headers, body=raw)


def error_of(status: int, body: JsonValue | bytes) -> ApiError:
    """Return the error in a reply."""
    error = read_response(reply(status, body))
    assert isinstance(error, ApiError)
    return error


def plain(status: int, code: str, message: str = "words", **more: JsonValue) -> ApiError:
    """Return an error in the form of the API."""
    return error_of(status, {"status": status, "code": code, "message": message, **more})


def detailed(status: int, code: str, message: str = "words", description: str = "details") -> ApiError:
    """Return an error of an input."""
    errors: list[JsonValue] = [{"description": description, "input": {}, "code": code}]
    body: JsonValue = {
        "errorDetailType": "com.linkedin.common.error.BadRequest",
        "message": message,
        "errorDetails": {"inputErrors": errors},
        "status": status,
    }
    return error_of(status, body)


REPORTED: list[tuple[ApiError, type[PlatformError], FailureCode, bool]] = [
    (detailed(422, "DUPLICATE_POST"), Rejected, FailureCode.PLATFORM_REJECTED, True),
    (detailed(400, "FIELD_ARRAY_SIZE_TOO_HIGH"), Rejected, FailureCode.PLATFORM_REJECTED, True),
    (plain(400, "INVALID_VALUE_FOR_FIELD"), Rejected, FailureCode.PLATFORM_REJECTED, True),
    (plain(400, "OF_TOMORROW"), Rejected, FailureCode.PLATFORM_REJECTED, True),
    (
        plain(401, "INVALID_ACCESS_TOKEN", serviceErrorCode=65600),
        CredentialInvalid,
        FailureCode.CREDENTIAL_INVALID,
        True,
    ),
    (
        plain(401, "REVOKED_ACCESS_TOKEN", serviceErrorCode=65601),
        CredentialInvalid,
        FailureCode.CREDENTIAL_INVALID,
        True,
    ),
    (
        plain(401, "EXPIRED_ACCESS_TOKEN", serviceErrorCode=65602),
        CredentialInvalid,
        FailureCode.CREDENTIAL_INVALID,
        True,
    ),
    (plain(403, "ACCESS_DENIED", serviceErrorCode=100), Rejected, FailureCode.CREDENTIAL_INVALID, True),
    (plain(403, "X", "This resource is forbidden"), TryLater, FailureCode.ACCOUNT_NOT_ELIGIBLE, True),
    (plain(404, "NOT_FOUND"), Rejected, FailureCode.PLATFORM_REJECTED, True),
    (plain(409, "CONFLICT", "Retry the request"), TryLater, FailureCode.PLATFORM_UNAVAILABLE, True),
    (plain(426, "NONEXISTENT_VERSION"), TryLater, FailureCode.PLATFORM_UNAVAILABLE, True),
    (
        plain(429, "TOO_MANY_REQUESTS", "Resource level throttle APPLICATION DAY limit"),
        TryLater,
        FailureCode.PLATFORM_RATE_LIMITED,
        True,
    ),
    (plain(400, "MEDIA_ASSET", "urn:li:image:1 is still PROCESSING"), TryLater, FailureCode.MEDIA_REJECTED, True),
    (plain(500, "INTERNAL_SERVER_ERROR"), TryLater, FailureCode.PLATFORM_UNAVAILABLE, False),
    (plain(503, "ACCESS_DENIED"), TryLater, FailureCode.PLATFORM_UNAVAILABLE, False),
    (
        plain(400, "X", "Unable to obtain activity for urn:li:share:1"),
        TryLater,
        FailureCode.PLATFORM_UNAVAILABLE,
        False,
    ),
    (error_of(502, b"<html>Bad gateway</html>"), TryLater, FailureCode.PLATFORM_UNAVAILABLE, False),
    (error_of(403, b"<html>blocked</html>"), TryLater, FailureCode.PLATFORM_UNAVAILABLE, False),
    (error_of(401, b""), TryLater, FailureCode.PLATFORM_UNAVAILABLE, False),
]


@each_row(("error", "kind", "failure", "is_proof"), REPORTED)
def test_reported_errors(error: ApiError, kind: type[PlatformError], failure: FailureCode, is_proof: bool) -> None:
    """Each error of the facts has its reaction, its failure code, a sentence, and says whether the call had no effect."""
    found = refusal(error, step="posts", now=NOW)
    assert type(found) is kind
    assert found.failure is failure
    assert found.message.endswith(".")
    assert error.proves_nothing_changed is is_proof


def test_every_row_advises() -> None:
    """Each row says what is wrong; those that end a post also say what to do."""
    for meaning in ERROR_MEANINGS.values():
        assert meaning.sentence.endswith(".")
        assert meaning.advice.endswith(".") or meaning.action is Action.RETRY


def test_version_names_the_setting_and_waits() -> None:
    """The operator changes the setting while posts wait; they don't fail at once."""
    found = refusal(plain(426, "NONEXISTENT_VERSION"), step="posts", now=NOW)
    assert isinstance(found, TryLater)
    assert found.is_throttled
    assert "PRESSWORK_LINKEDIN_VERSION" in found.advice


def test_day_ends_at_midnight_utc() -> None:
    """The wait is known."""
    found = refusal(plain(429, "TOO_MANY_REQUESTS"), step="posts", now=NOW)
    assert isinstance(found, TryLater)
    assert found.retry_after == timedelta(minutes=91)


def test_duplicate_is_recognized_by_its_words() -> None:
    """The code may change; the message has named the other post since 2023."""
    error = detailed(422, "X", "Content is a duplicate of urn:li:share:7141")
    assert error.meaning is ERROR_MEANINGS["DUPLICATE_POST"]


@pytest.mark.parametrize("body", [b"", b"{}", b"  "])
def test_success_without_a_body(body: bytes) -> None:
    """Most successful answers have none."""
    assert read_response(reply(201, body)) == {}


def test_success_with_something_else() -> None:
    """A page is no answer of LinkedIn."""
    assert read_response(reply(200, b"<html>")) == UnreadableResponse(status=200)


@each_row("body", [[], 1, {"errorDetails": []}, {"errorDetails": {"inputErrors": [7]}}, {"code": 7}, {"status": "x"}])
def test_odd_errors_are_read(body: JsonValue) -> None:
    """Any JSON is some error, and only LinkedIn's own forms are LinkedIn's."""
    assert error_of(400, body).code == ""


def test_messages_keep_no_secret() -> None:
    """Neither tokens nor addresses of uploads get into a message."""
    message = "Token AQXabcdefghijklmnop-_1 at https://www.linkedin.com/dms-uploads/D4E?ca=1&sig=abc and <b>https://x.y/z?q=1</b>"
    assert LINKEDIN.without_secrets(message) == "Token … at https://www.linkedin.com/dms-uploads/… and https://x.y/z?…"


@pytest.mark.parametrize("body", [b"", b"{}", b'{"elements": null}'])
def test_a_response_without_a_list_proves_nothing(body: bytes) -> None:
    """Only a list without entries is an empty list."""
    with pytest.raises(TryLater, match="contains no list"):
        elements_of(LINKEDIN.object_of(read_response(reply(200, body)), step="posts", now=NOW), step="posts")
    assert elements_of({"elements": [{"id": "1"}, None]}, step="posts") == [{"id": "1"}]
