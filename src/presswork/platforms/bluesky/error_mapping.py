"""Maps Bluesky's errors to actions and explanations, as one table.

The AT Protocol names an error (`{"error": "BlobNotFound", "message": "…"}`); its status says little.
Sources: bluesky-social/atproto (lexicons, packages/pds, packages/oauth), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from presswork.platforms import error_meaning
from presswork.platforms.error_meaning import ErrorAction
from presswork.platforms.errors import FailureCode


class Action(ErrorAction):
    """How Presswork reacts to an error."""

    REJECT = "reject", FailureCode.PLATFORM_REJECTED
    """Permanent: a retry would not help."""
    RECONNECT = "reconnect", FailureCode.CREDENTIAL_INVALID
    """The token is invalid: refresh it, or else the person connects the account again."""
    MOVED = "moved", FailureCode.ACCOUNT_NOT_ELIGIBLE
    """This server has no such account: read in the DID document which one has it."""
    RETRY = "retry", FailureCode.PLATFORM_UNAVAILABLE
    """A temporary error: the same call may succeed later."""
    THROTTLE = "throttle", FailureCode.PLATFORM_RATE_LIMITED
    """A limit: wait until it has room."""
    UPLOAD_AGAIN = "upload_again", FailureCode.PLATFORM_UNAVAILABLE
    """The media are gone from the server: upload them again."""
    LOOK = "look", FailureCode.OUTCOME_UNKNOWN
    """There is another record at the post's place: read it."""


@dataclass(frozen=True, slots=True)
class ErrorMeaning(error_meaning.ErrorMeaning[Action]):
    """One row of the table."""

    proves_nothing_live: bool = True
    """Whether this response to putRecord proves that the call wrote nothing. Only with a status below 500."""


DAILY_LIMIT: Final = "DailyLimitExceeded"
"""The video service's error at its limits of a day."""
_CONNECT_AGAIN: Final = "Connect the account again, then publish again."
_BY_PERSON: Final = "Open the Bluesky app as this account, do what it asks for, then publish again."
_OTHER_FILE: Final = "Replace the file, then publish again."
_LATER: Final = "Publish again later."


def _invalid_token(why: str) -> ErrorMeaning:
    sentence = f"Bluesky no longer accepts this account's access: {why}."
    return ErrorMeaning(Action.RECONNECT, sentence, _CONNECT_AGAIN)


def _blocked(sentence: str) -> ErrorMeaning:
    return ErrorMeaning(Action.REJECT, sentence, _BY_PERSON, FailureCode.ACCOUNT_NOT_ELIGIBLE)


def _fault(sentence: str) -> ErrorMeaning:
    return ErrorMeaning(Action.RETRY, sentence, proves_nothing_live=False)


def _bad_media(sentence: str, advice: str) -> ErrorMeaning:
    return ErrorMeaning(Action.REJECT, sentence, advice, FailureCode.MEDIA_REJECTED)


_NO_PERMISSION: Final = ErrorMeaning(
    Action.REJECT,
    "The account did not give Presswork the permission that this needs.",
    "Connect it again and allow what Bluesky's page lists, then publish again.",
    FailureCode.CREDENTIAL_INVALID,
)


ERROR_MEANINGS: Final[Mapping[str, ErrorMeaning]] = MappingProxyType(
    {
        "AccountDeactivated": _blocked("The account is deactivated."),
        "AccountSuspended": _blocked("Bluesky has suspended the account."),
        "AccountTakedown": _blocked("Bluesky has taken the account down."),
        "AuthFactorTokenRequired": ErrorMeaning(
            Action.RECONNECT,
            "Bluesky asks for the code that it sent by e-mail, which a program can't have.",
            "Connect the account again: Bluesky's own page asks for the code there.",
        ),
        "AuthMissing": _invalid_token("the call carried none"),
        "AuthenticationRequired": _invalid_token("it has ended or was withdrawn"),
        "BlobNotFound": ErrorMeaning(Action.UPLOAD_AGAIN, "Bluesky no longer has the uploaded media.", _LATER),
        "BlobTooLarge": _bad_media(
            "The account's server accepts no file of this size.",
            "Publish a smaller file, or raise its limit.",
        ),
        DAILY_LIMIT: ErrorMeaning(
            Action.THROTTLE,
            "A limit is reached: Bluesky accepts no more videos of this account for now.",
        ),
        "ExpiredToken": _invalid_token("it has expired"),
        "InsufficientScope": _NO_PERMISSION,
        "InternalServerError": _fault("Bluesky had an internal error."),
        "InvalidMimeType": _bad_media("Bluesky does not accept this kind of file.", _OTHER_FILE),
        "InvalidRequest": ErrorMeaning(
            Action.REJECT,
            "Bluesky refused the request as invalid.",
            "Fix what it names, then publish again.",
        ),
        "InvalidSwap": ErrorMeaning(
            Action.LOOK,
            "There is a record already where the post belongs.",
            _LATER,
            proves_nothing_live=False,
        ),
        "InvalidToken": _invalid_token("it is not valid any more"),
        "NotEnoughResources": _fault("Bluesky has no room for the request now."),
        "PayloadTooLarge": _bad_media("The account's server accepts no file of this size.", "Publish a smaller file."),
        "RateLimitExceeded": ErrorMeaning(
            Action.THROTTLE,
            "A limit is reached: Bluesky accepts no more calls for this account for now.",
        ),
        "RepoDeactivated": ErrorMeaning(Action.MOVED, "The account is deactivated on this server.", _BY_PERSON),
        "RepoNotFound": ErrorMeaning(Action.MOVED, "This server no longer has the account.", _CONNECT_AGAIN),
        "RepoTakendown": ErrorMeaning(Action.MOVED, "Bluesky has taken the account down.", _BY_PERSON),
        "ScopeMissingError": _NO_PERMISSION,
        "UpstreamFailure": _fault("A part of Bluesky does not respond."),
        "UpstreamTimeout": _fault("A part of Bluesky does not respond in time."),
        "insufficient_scope": _NO_PERMISSION,
        "invalid_dpop_proof": ErrorMeaning(
            Action.RETRY,
            "Bluesky does not accept the proof that came with the access: usually a clock is wrong.",
            "Set the clock of the machine that Presswork runs on.",
        ),
        "invalid_grant": _invalid_token("it has ended or was withdrawn"),
        "invalid_token": _invalid_token("it has expired or was withdrawn"),
        "unconfirmed_email": ErrorMeaning(
            Action.REJECT,
            "Bluesky accepts videos only of accounts whose e-mail address is confirmed.",
            "Confirm it in the Bluesky app, then publish again.",
            FailureCode.ACCOUNT_NOT_ELIGIBLE,
        ),
        "use_dpop_nonce": ErrorMeaning(Action.RETRY, "Bluesky asked for another proof again and again."),
    }
)
"""Every known error, sorted by name."""

UNKNOWN: Final = ErrorMeaning(
    Action.REJECT,
    "Presswork does not know this error and treats it as final.",
    "Fix what Bluesky names, then publish again.",
)
"""Fallback for an error without a row, with a status of a refusal."""
_FAULT: Final = _fault("Bluesky does not respond as it should at the moment.")
_LIMIT: Final = ERROR_MEANINGS["RateLimitExceeded"]
_REFUSED: Final = _invalid_token("it has expired or was withdrawn")
_GONE_REPO: Final = "could not find repo"
_TOO_LONG: Final = "must not be longer than"
_BY_MESSAGE: Final[tuple[tuple[str, ErrorMeaning], ...]] = (
    (_GONE_REPO, ERROR_MEANINGS["RepoNotFound"]),
    ("could not find user", ERROR_MEANINGS["RepoNotFound"]),
    (
        _TOO_LONG,
        ErrorMeaning(
            Action.REJECT,
            "A text is longer than Bluesky accepts.",
            "Shorten it (captionOverride sets one for this target alone), then publish again.",
        ),
    ),
    (
        "too large",
        _bad_media(
            "The account's server accepts no file of this size.",
            "Publish a smaller file. Older servers accept pictures up to 1 MB.",
        ),
    ),
)
"""Errors that the PDS reports as InvalidRequest, and only their messages distinguish."""


def meaning_of(name: str, status: int, message: str = "") -> ErrorMeaning:
    """Return the row for an error: by its message where only that identifies it, then by its name, then by its status."""
    if name in ("", "InvalidRequest"):
        for phrase, meaning in _BY_MESSAGE:
            if phrase in message.lower():
                return meaning
    if (row := ERROR_MEANINGS.get(name)) is not None:
        return row
    if status == 429:
        return _LIMIT
    if status == 413:
        return ERROR_MEANINGS["PayloadTooLarge"]
    if status == 401:
        return _REFUSED
    return _FAULT if status >= 500 or status == 408 or status < 400 else UNKNOWN


@dataclass(frozen=True, slots=True)
class VideoFailure:
    """One `failureCode` of the video service."""

    code: str
    sentence: str
    advice: str
    is_final: bool
    """Whether the same video would fail again."""


VIDEO_FAILURES: Final[tuple[VideoFailure, ...]] = (
    VideoFailure("encoding_failure", "Bluesky could not encode the video.", _OTHER_FILE, is_final=True),
    VideoFailure("generic_failure", "Bluesky could not process the video.", _LATER, is_final=False),
    VideoFailure(
        "pds_upload_failure", "Bluesky could not store the video on the account's server.", _LATER, is_final=False
    ),
    VideoFailure(
        "pds_upload_unsupported_blob_size",
        "The account's server accepts no file of the size of this video.",
        "Publish a smaller video, or raise PDS_BLOB_UPLOAD_LIMIT on that server.",
        is_final=True,
    ),
    VideoFailure("validation_failure", "Bluesky does not accept this video.", _OTHER_FILE, is_final=True),
)
"""Every documented code, sorted by code. Source: lexicon app.bsky.video.defs, read 2026-11."""

_VIDEO: Final[Mapping[str, VideoFailure]] = {row.code: row for row in VIDEO_FAILURES}


def video_failure_of(code: str | None) -> VideoFailure:
    """Return the row for a failure of the video service; an unknown one may pass."""
    return _VIDEO.get(code or "", _VIDEO["generic_failure"])
