"""Every documented error of Facebook, and the error that Presswork raises for it."""

import json

from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.facebook_pages.error_mapping import DUPLICATE, FACEBOOK, PUBLISHED_BEFORE
from presswork.platforms.graph.client import GraphError, read_response
from presswork.platforms.transport import Reply

PLATFORM, LIMITED = FailureCode.PLATFORM_REJECTED, FailureCode.PLATFORM_RATE_LIMITED
AWAY, MEDIA = FailureCode.PLATFORM_UNAVAILABLE, FailureCode.MEDIA_REJECTED
ACCESS, PERSON = FailureCode.CREDENTIAL_INVALID, FailureCode.ACCOUNT_NOT_ELIGIBLE


def graph_error(code: int, subcode: int | None = None, *, status: int = 400, **more: JsonValue) -> GraphError:
    """Return a parsed error response."""
    error: dict[str, JsonValue] = {"message": "Graph's own words", "type": "OAuthException", "code": code, **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    answer = read_response(Reply(status=status, headers={}, body=json.dumps({"error": error}).encode()))
    assert isinstance(answer, GraphError)
    return answer


CODES: list[tuple[GraphError, type[PlatformError], FailureCode, bool]] = [
    (graph_error(1), TryLater, AWAY, False),
    (graph_error(1, 99), TryLater, AWAY, False),
    (graph_error(2), TryLater, AWAY, False),
    (graph_error(-1), TryLater, AWAY, False),
    (graph_error(506), Rejected, PLATFORM, False),
    (graph_error(368, message="You've already posted this"), Rejected, PLATFORM, False),
    (graph_error(100), Rejected, PLATFORM, True),
    (graph_error(100, 33), TryLater, AWAY, False),
    (graph_error(368), TryLater, LIMITED, True),
    (graph_error(324), TryLater, MEDIA, False),
    (graph_error(389), TryLater, MEDIA, False),
    (graph_error(6000), TryLater, MEDIA, False),
    (graph_error(6001), TryLater, MEDIA, False),
    (graph_error(382), Rejected, MEDIA, False),
    (graph_error(100, 1366051), Rejected, PLATFORM, False),
    (graph_error(200, 1366051), Rejected, PLATFORM, False),
    (graph_error(100, message="These photos were already posted."), Rejected, PLATFORM, False),
    (graph_error(100, 1366046), Rejected, MEDIA, False),
    (graph_error(200, 1390008), TryLater, LIMITED, True),
    (graph_error(100, 1346003), Rejected, PLATFORM, True),
    (graph_error(100, 1404102), Rejected, PLATFORM, True),
    (graph_error(100, 1404006), Rejected, PERSON, True),
    (graph_error(100, 1404112), Rejected, PERSON, True),
    (graph_error(100, 4854002), Rejected, PERSON, True),
    (graph_error(200, 1404078), Rejected, PERSON, True),
    (graph_error(100, 2069019), Rejected, MEDIA, False),
    (graph_error(100, 2061006), Rejected, PLATFORM, True),
    (graph_error(100, 1349125), Rejected, PLATFORM, True),
    (graph_error(100, 1609008), Rejected, PLATFORM, True),
    (graph_error(2, 1363047), TryLater, AWAY, False),
    (graph_error(100, 1609010), TryLater, AWAY, False),
    (graph_error(100, 1363024), Rejected, MEDIA, False),
    (graph_error(100, 1363033), TryLater, AWAY, False),
    (graph_error(4), TryLater, LIMITED, True),
    (graph_error(17), TryLater, LIMITED, True),
    (graph_error(32), TryLater, LIMITED, True),
    (graph_error(341), TryLater, LIMITED, True),
    (graph_error(613), TryLater, LIMITED, True),
    (graph_error(80001, 2446079), TryLater, LIMITED, True),
    (graph_error(10), Rejected, ACCESS, True),
    (graph_error(200), Rejected, ACCESS, True),
    (graph_error(210), Rejected, ACCESS, True),
    (graph_error(283), Rejected, ACCESS, True),
    (graph_error(299), Rejected, ACCESS, True),
    (graph_error(190), CredentialInvalid, ACCESS, True),
    (graph_error(190, 492), CredentialInvalid, ACCESS, True),
    (graph_error(102), CredentialInvalid, ACCESS, True),
    (graph_error(4711), Rejected, PLATFORM, False),
]


@each_row(("error", "kind", "failure", "proves_nothing_live"), CODES)
def test_code_becomes_its_error(
    error: GraphError, kind: type[PlatformError], failure: FailureCode, *, proves_nothing_live: bool
) -> None:
    """A harmless call raises the error for its code; for the call that publishes, only listed responses are proof."""
    raised = FACEBOOK.refusal(error, step="photos")
    assert (type(raised), raised.failure) == (kind, failure)
    published = FACEBOOK.publish_refusal(error, step="feed")
    assert isinstance(published, OutcomeUnknown) is not proves_nothing_live


def test_a_server_error_is_never_proof() -> None:
    """The same code with a 5xx leaves the outcome unknown: Facebook was seen to post all the same."""
    for code in (2, 4, 10, 100, 190):
        assert isinstance(FACEBOOK.publish_refusal(graph_error(code, status=500), step="feed"), OutcomeUnknown)


def test_what_may_be_the_effect_of_an_earlier_call() -> None:
    """Both are recognized whatever code comes first, also by their messages alone."""
    for error in (graph_error(1, 1366051), graph_error(4711, message="These photos were already posted")):
        assert FACEBOOK.meaning(error) == PUBLISHED_BEFORE
    assert FACEBOOK.meaning(graph_error(368, message="It looks like you've already posted this.")) == DUPLICATE


def test_every_row_can_be_acted_on() -> None:
    """A permanent refusal says what to do."""
    for row in FACEBOOK.errors.rows.values():
        assert row.sentence.endswith(".")
        assert row.action.value != "reject" or row.advice.endswith(".")


@each_row(
    ("data", "offsets"),
    [
        ({"start_offset": 0, "end_offset": 392695}, (0, 392695)),
        ({"start_offset": "5", "end_offset": "9"}, (5, 9)),
        ('{"start_offset": "5", "end_offset": 9}', (5, 9)),
        ("no JSON", None),
        ({"start_offset": True, "end_offset": 9}, None),
        (None, None),
    ],
)
def test_offsets_of_an_upload(data: JsonValue, offsets: tuple[int, int] | None) -> None:
    """They are in `error_data`, as numbers or texts, in an object or a text."""
    assert graph_error(6000, 1363037, error_data=data).offsets == offsets
