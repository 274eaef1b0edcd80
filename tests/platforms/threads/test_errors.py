"""Every documented error of Threads, and the error that Presswork raises for it."""

import json

from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms.api_client import Action
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.graph.client import GraphError, read_response
from presswork.platforms.threads.error_mapping import THREADS, meaning_of_status
from presswork.platforms.transport import Reply

PLATFORM, LIMITED = FailureCode.PLATFORM_REJECTED, FailureCode.PLATFORM_RATE_LIMITED
AWAY, MEDIA = FailureCode.PLATFORM_UNAVAILABLE, FailureCode.MEDIA_REJECTED


def graph_error(code: int, subcode: int | None = None, *, status: int = 400, **more: JsonValue) -> GraphError:
    """Return a parsed error response."""
    error: dict[str, JsonValue] = {"message": "Graph's own words", "type": "THApiException", "code": code, **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    answer = read_response(Reply(status=status, headers={}, body=json.dumps({"error": error}).encode()))
    assert isinstance(answer, GraphError)
    return answer


CODES: list[tuple[GraphError, type[PlatformError], FailureCode, bool]] = [
    (graph_error(24, 4279009), TryLater, AWAY, False),
    (graph_error(1, 2207052), TryLater, MEDIA, False),
    (graph_error(9004, 2207052), TryLater, MEDIA, False),
    (graph_error(10), Rejected, FailureCode.CREDENTIAL_INVALID, True),
    (graph_error(190), CredentialInvalid, FailureCode.CREDENTIAL_INVALID, True),
    (graph_error(25, 4279013), Rejected, FailureCode.ACCOUNT_NOT_ELIGIBLE, False),
    (graph_error(4, 2207051), Rejected, PLATFORM, False),
    (graph_error(1), TryLater, AWAY, False),
    (graph_error(2), TryLater, AWAY, False),
    (graph_error(4), TryLater, LIMITED, True),
    (graph_error(17), TryLater, LIMITED, True),
    (graph_error(32), TryLater, LIMITED, True),
    (graph_error(613), TryLater, LIMITED, True),
    (graph_error(80006), TryLater, LIMITED, True),
    (graph_error(4711, message="You have reached your publishing limit"), TryLater, LIMITED, True),
    (graph_error(4711), Rejected, PLATFORM, False),
    (graph_error(100), Rejected, PLATFORM, False),
    (graph_error(100, type="THREADS_API__LINK_LIMIT_EXCEEDED"), Rejected, PLATFORM, False),
    (graph_error(100, error_user_title="THREADS_API__FEATURE_NOT_AVAILABLE"), Rejected, PLATFORM, False),
    (graph_error(100, message="THREADS_API__GEO_GATING_INVALID_COUNTRY_CODES"), Rejected, PLATFORM, False),
    (graph_error(100, message="THREADS_API__LINK_LIMIT_EXCEEDED"), Rejected, PLATFORM, False),
    (graph_error(100, message="Param text must be at most 500 characters long"), Rejected, PLATFORM, False),
]


@each_row(("error", "kind", "failure", "proves_nothing_live"), CODES)
def test_code_becomes_its_error(
    error: GraphError, kind: type[PlatformError], failure: FailureCode, *, proves_nothing_live: bool
) -> None:
    """A harmless call raises the error for its code; for the call that publishes, only listed responses are proof."""
    raised = THREADS.refusal(error, step="threads")
    assert (type(raised), raised.failure) == (kind, failure)
    published = THREADS.publish_refusal(error, step="threads_publish")
    assert isinstance(published, OutcomeUnknown) is not proves_nothing_live


def test_named_errors_have_their_own_sentences() -> None:
    """An error that only its name identifies says what is wrong and what to do."""
    raised = THREADS.refusal(graph_error(100, type="THREADS_API__LINK_LIMIT_EXCEEDED"), step="threads")
    assert "more than the 5 different links" in raised.what
    assert raised.advice == "Remove some, then publish again."


def test_a_server_error_is_never_proof() -> None:
    """The same code with a 5xx leaves the outcome unknown."""
    for code in (4, 10, 190):
        assert isinstance(
            THREADS.publish_refusal(graph_error(code, status=500), step="threads_publish"), OutcomeUnknown
        )


@each_row(
    ("message", "action"),
    [
        ("FAILED_DOWNLOADING_VIDEO", Action.RECREATE_LIMITED),
        ("FAILED_PROCESSING_AUDIO", Action.RECREATE_LIMITED),
        ("FAILED_PROCESSING_VIDEO", Action.RECREATE_LIMITED),
        ("INVALID_ASPEC_RATIO", Action.REJECT),
        ("INVALID_ASPECT_RATIO", Action.REJECT),
        ("INVALID_BIT_RATE", Action.REJECT),
        ("INVALID_DURATION", Action.REJECT),
        ("INVALID_FRAME_RATE", Action.REJECT),
        ("INVALID_AUDIO_CHANNELS", Action.REJECT),
        ("INVALID_AUDIO_CHANNEL_LAYOUT", Action.REJECT),
        ("UNKNOWN", Action.RECREATE_LIMITED),
    ],
)
def test_every_error_message_of_a_container(message: str, action: Action) -> None:
    """Each documented `error_message` has a meaning about the media, with its name as the platform's code."""
    meaning, code = meaning_of_status(message)
    assert (meaning.action, meaning.failure, code) == (action, MEDIA, message)
    assert meaning.sentence.endswith(".")
    assert meaning.advice


def test_another_error_message() -> None:
    """A message that is not documented is read as unknown."""
    meaning, code = meaning_of_status("SOMETHING_NEW")
    assert meaning is THREADS.errors.unknown
    assert code is None


def test_no_token_is_repeated() -> None:
    """Tokens of Threads begin with TH; none remains in a message."""
    token = "THQVJ" + "x9" * 30
    assert token not in graph_error(190, message=f"Malformed access token {token}").message
