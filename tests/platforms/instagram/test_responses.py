"""Every documented error code of Instagram, and the error that Presswork raises for it."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest
from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TryLater,
)
from presswork.platforms.graph.client import GraphError, UnreadableResponse, read_response, wait_hint
from presswork.platforms.instagram.error_mapping import INSTAGRAM
from presswork.platforms.transport import Reply


def reply(body: JsonValue, *, status: int = 400, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a reply with this JSON."""
    return Reply(status=status, headers=headers or {}, body=json.dumps(body).encode())


def graph_error(
    code: int,
    subcode: int | None = None,
    *,
    message: str = "Graph's own words",
    status: int = 400,
    is_transient: bool = False,
    headers: Mapping[str, str] | None = None,
) -> GraphError:
    """Return a parsed error response."""
    error: dict[str, JsonValue] = {
        "message": message,
        "type": "OAuthException",
        "code": code,
        "is_transient": is_transient,
        "fbtrace_id": "A6LJ",
    }
    if subcode is not None:
        error["error_subcode"] = subcode
    answer = read_response(reply({"error": error}, status=status, headers=headers))
    assert isinstance(answer, GraphError)
    return answer


MEDIA, PLATFORM = FailureCode.MEDIA_REJECTED, FailureCode.PLATFORM_REJECTED
CREDENTIAL, LIMITED = FailureCode.CREDENTIAL_INVALID, FailureCode.PLATFORM_RATE_LIMITED
AWAY, NOT_ELIGIBLE = FailureCode.PLATFORM_UNAVAILABLE, FailureCode.ACCOUNT_NOT_ELIGIBLE

WHERE_REPEATING_IS_HARMLESS: list[tuple[int, int | None, type[PlatformError], FailureCode]] = [
    (-2, 2207003, TryLater, MEDIA),
    (-2, 2207020, TryLater, AWAY),
    (-1, 2207001, TryLater, AWAY),
    (-1, 2207032, TryLater, AWAY),
    (-1, 2207053, TryLater, MEDIA),
    (1, 2207057, Rejected, MEDIA),
    (1, None, TryLater, AWAY),
    (2, None, TryLater, AWAY),
    (4, None, TryLater, LIMITED),
    (4, 2207051, Rejected, PLATFORM),
    (9, 2207042, TryLater, LIMITED),
    (10, None, Rejected, CREDENTIAL),
    (200, None, Rejected, CREDENTIAL),
    (299, None, Rejected, CREDENTIAL),
    (17, None, TryLater, LIMITED),
    (32, None, TryLater, LIMITED),
    (613, None, TryLater, LIMITED),
    (80002, None, TryLater, LIMITED),
    (80002, 2446079, TryLater, LIMITED),
    (80014, None, TryLater, LIMITED),
    (20, 1772107, TryLater, AWAY),
    (24, 2207006, TryLater, AWAY),
    (24, 2207008, TryLater, AWAY),
    (25, 2207050, Rejected, NOT_ELIGIBLE),
    (100, None, Rejected, PLATFORM),
    (100, 33, TryLater, AWAY),
    (100, 2207023, Rejected, PLATFORM),
    (100, 2207028, Rejected, PLATFORM),
    (100, 2207035, Rejected, PLATFORM),
    (100, 2207036, Rejected, PLATFORM),
    (100, 2207037, Rejected, PLATFORM),
    (100, 2207040, Rejected, PLATFORM),
    (102, None, CredentialInvalid, CREDENTIAL),
    *[(190, subcode, CredentialInvalid, CREDENTIAL) for subcode in (None, 458, 459, 460, 463, 464, 467, 492, 99999)],
    (102, 463, CredentialInvalid, CREDENTIAL),
    (352, 2207026, Rejected, MEDIA),
    (368, None, TryLater, LIMITED),
    (9004, 2207052, TryLater, MEDIA),
    (9007, 2207027, TryLater, AWAY),
    (36000, 2207004, Rejected, MEDIA),
    (36001, 2207005, Rejected, MEDIA),
    (36003, 2207009, Rejected, MEDIA),
    (36004, 2207010, Rejected, PLATFORM),
    (-5, 2207082, TryLater, MEDIA),
    (-1, 2207085, TryLater, MEDIA),
    (1, 2207085, TryLater, MEDIA),
    (-5, 2207077, Rejected, MEDIA),
    (4711, None, Rejected, PLATFORM),
]


@each_row(("code", "subcode", "kind", "failure"), WHERE_REPEATING_IS_HARMLESS)
def test_code_becomes_its_error(
    code: int, subcode: int | None, kind: type[PlatformError], failure: FailureCode
) -> None:
    """A refused call that can be repeated raises the error for its code, with Graph's code and message."""
    raised = INSTAGRAM.refusal(graph_error(code, subcode), step="media")
    assert (type(raised), raised.failure, raised.step) == (kind, failure, "media")
    assert raised.platform_code == (str(code) if subcode is None else f"{code}/{subcode}")
    assert raised.platform_message == "Graph's own words"


def test_every_row_is_found_by_its_codes() -> None:
    """No row of the table hides another one, and each has a full sentence."""
    for (code, subcode), row in INSTAGRAM.errors.rows.items():
        found = (
            INSTAGRAM.errors.meaning_of_subcode(subcode, "")
            if code is None
            else INSTAGRAM.errors.meaning_of(code, subcode)
        )
        assert found is row
        assert row.sentence.endswith(".")


@each_row(
    "message",
    [
        "The media could not be fetched from this URI. Restricted by robots.txt",
        "HTTP error code 403",
        "(403) from https://presswork.example.com/media/1.jpg",
    ],
)
@each_row(("code", "subcode"), [(9004, 2207052), (-2, 2207003), (None, 2207077), (4711, None), (100, None)])
def test_a_refused_crawler_has_its_own_sentence(code: int | None, subcode: int | None, message: str) -> None:
    """Where Meta's message says robots.txt or 403, the advice is to let its crawler through, and the action is the row's."""
    plain = (
        INSTAGRAM.errors.meaning_of_subcode(subcode, "") if code is None else INSTAGRAM.errors.meaning_of(code, subcode)
    )
    found = (
        INSTAGRAM.errors.meaning_of_subcode(subcode, message)
        if code is None
        else INSTAGRAM.errors.meaning_of(code, subcode, message)
    )
    assert (found.action, found.failure) == (plain.action, MEDIA)
    assert "refused the media to Meta's crawler" in found.sentence
    assert "Allow the user agent facebookexternalhit under /media/" in found.advice


def test_the_text_for_a_person_names_a_refused_crawler() -> None:
    """Meta writes the HTTP status of a download into `error_user_msg` only."""
    error: dict[str, JsonValue] = {
        "message": "Only photo or video can be accepted as media type.",
        "code": 9004,
        "error_subcode": 2207052,
        "error_user_msg": "The media could not be fetched from this URI: https://x/1.jpg?signature=s. HTTP error code 403",
    }
    answer = read_response(reply({"error": error}))
    assert isinstance(answer, GraphError)
    assert "refused the media to Meta's crawler" in INSTAGRAM.refusal(answer, step="media").message
    assert "signature=s" not in answer.user_message


@each_row(
    ("code", "subcode", "message"),
    [(190, 463, "HTTP 403"), (10, None, "403 robots.txt"), (4, None, "403"), (9004, 2207052, "178414034 pixels")],
)
def test_other_errors_keep_their_sentence(code: int, subcode: int | None, message: str) -> None:
    """A token, a permission, a limit, and a number that only contains 403 have nothing to do with a crawler."""
    assert INSTAGRAM.errors.meaning_of(code, subcode, message) is INSTAGRAM.errors.meaning_of(code, subcode)


PROVES_NOTHING_LIVE = {
    (-2, 2207020), (4, None), (9, 2207042), (10, None), (200, None), (299, None), (17, None), (32, None), (613, None),
    (80002, None), (80002, 2446079), (80014, None), (25, 2207050), (102, None), (102, 463), (368, None),
    (9007, 2207027), *[(190, subcode) for subcode in (None, 458, 459, 460, 463, 464, 467, 492, 99999)],
}  # fmt: skip


@each_row(("code", "subcode", "kind", "failure"), WHERE_REPEATING_IS_HARMLESS)
def test_refused_publish_is_unknown_unless_the_response_proves_otherwise(
    code: int, subcode: int | None, kind: type[PlatformError], failure: FailureCode
) -> None:
    """For media_publish only listed responses count as proof; all others, unknown codes included, must be looked up."""
    raised = INSTAGRAM.publish_refusal(graph_error(code, subcode), step="media_publish")
    if (code, subcode) in PROVES_NOTHING_LIVE:
        assert (type(raised), raised.failure) == (kind, failure)
    else:
        assert (type(raised), raised.failure) == (OutcomeUnknown, FailureCode.OUTCOME_UNKNOWN)


@each_row(("code", "subcode"), sorted(PROVES_NOTHING_LIVE, key=str))
def test_server_error_on_publish_proves_nothing(code: int, subcode: int | None) -> None:
    """The same codes in a 5xx response to media_publish leave the outcome unknown."""
    assert isinstance(
        INSTAGRAM.publish_refusal(graph_error(code, subcode, status=500), step="media_publish"), OutcomeUnknown
    )


def test_personal_account_error_has_graphs_message() -> None:
    """A personal account is refused as not eligible, whatever the code, and both messages contain Graph's own."""
    words = "The user is not an Instagram Business"
    for code in (10, 100, 200):
        raised = INSTAGRAM.refusal(graph_error(code, message=words), step="media")
        assert (type(raised), raised.failure) == (Rejected, FailureCode.ACCOUNT_NOT_ELIGIBLE)
        assert raised.platform_message == words
        assert words in raised.message


@pytest.mark.parametrize("words", ["REVOKED_ACCESS_TOKEN", "Error: session has been invalidated because …"])
def test_invalid_token_is_recognized_by_its_message_too(words: str) -> None:
    """Some invalid tokens are reported without their code."""
    assert isinstance(INSTAGRAM.refusal(graph_error(1, message=words), step="media"), CredentialInvalid)


def test_unknown_code_is_classified_by_its_flag_and_status() -> None:
    """An undocumented code is final, unless Graph marks it transient or the server failed."""
    assert isinstance(INSTAGRAM.refusal(graph_error(4711, is_transient=True), step="media"), TryLater)
    assert isinstance(INSTAGRAM.refusal(graph_error(4711, status=503), step="media"), TryLater)
    assert isinstance(INSTAGRAM.refusal(graph_error(36003, 2207009, status=500), step="media"), TryLater)
    too_many = INSTAGRAM.refusal(graph_error(4711, status=429), step="media")
    assert isinstance(too_many, TryLater)
    assert too_many.is_throttled
    final = INSTAGRAM.refusal(graph_error(4711, message="No thanks"), step="media")
    assert isinstance(final, Rejected)
    assert "“No thanks”." in final.message


def test_wait_is_read_from_the_usage_header() -> None:
    """The longest estimated time (minutes) of all entries counts; then Retry-After; broken headers count as none."""
    usage = {
        "1784": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 7}],
        "1785": [{"type": "instagram", "estimated_time_to_regain_access": 19}, {"type": "pages"}],
    }
    headers = {"x-business-use-case-usage": json.dumps(usage), "retry-after": "30"}
    raised = INSTAGRAM.refusal(graph_error(80002, headers=headers), step="media")
    assert isinstance(raised, TryLater)
    assert (raised.retry_after, raised.is_throttled) == (timedelta(minutes=19), True)
    assert wait_hint(Reply(status=400, headers={"retry-after": "30"}, body=b"")) == timedelta(seconds=30)
    for broken in ("{", "[]", '{"1784": 3}', '{"1784": [{"estimated_time_to_regain_access": "soon"}]}'):
        assert wait_hint(Reply(status=400, headers={"x-business-use-case-usage": broken}, body=b"")) is None


def test_policy_block_stops_for_hours() -> None:
    """Code 368 returns no time; the post waits for hours, not seconds."""
    raised = INSTAGRAM.refusal(graph_error(368), step="media")
    assert isinstance(raised, TryLater)
    assert raised.retry_after == timedelta(hours=4)


@each_row(
    ("status", "body"),
    [
        (502, b"<html>Bad gateway</html>"),
        (200, b"<html>Sorry</html>"),
        (200, b'{"id": "179'),
        (200, b"[1]"),
        (500, b""),
        (500, b"{}"),
        (404, b'{"nothing": "known"}'),
        (302, b"{}"),
    ],
)
def test_response_without_content_is_unreadable(status: int, body: bytes) -> None:
    """HTML pages, truncated JSON, other JSON, and errors without an envelope are unreadable responses."""
    answer = read_response(Reply(status=status, headers={}, body=body))
    assert isinstance(answer, UnreadableResponse)
    assert answer.status == status


def test_unusual_envelope_of_the_code_exchange_is_parsed() -> None:
    """The code exchange returns error_type and error_message at the top level."""
    odd: JsonValue = {"error_type": "OAuthException", "code": 400, "error_message": "Matching code was not found"}
    answer = read_response(reply(odd))
    assert isinstance(answer, GraphError)
    assert (answer.code, answer.message) == (400, "Matching code was not found")


def test_no_secret_is_repeated() -> None:
    """Graph quotes tokens and signed URLs; neither remains in the message."""
    token = "IGQVJ" + "x9" * 30
    error = graph_error(190, message=f"Malformed access token {token}")
    assert token not in error.message
    fetched = graph_error(9004, 2207052, message="Could not fetch https://m.example/a.jpg?signature=abc&x=1 today")
    assert fetched.message == "Could not fetch https://m.example/a.jpg?… today"
