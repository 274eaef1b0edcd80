"""Maps Bluesky's errors to actions and explanations, as one table.

The AT Protocol names an error (`{"error": "BlobNotFound", "message": "…"}`); its status says little.
Sources: bluesky-social/atproto (lexicons, packages/pds, packages/oauth), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from presswork.platforms.errors import FailureCode


class Action(StrEnum):
    """How Presswork reacts to an error."""

    REJECT = "reject"
    """Permanent: a retry would not help."""
    RECONNECT = "reconnect"
    """The token is invalid: refresh it, or else the person connects the account again."""
    MOVED = "moved"
    """This server has no such account: read in the DID document which one has it."""
    RETRY = "retry"
    """A temporary error: the same call may succeed later."""
    THROTTLE = "throttle"
    """A limit: wait until it has room."""
    UPLOAD_AGAIN = "upload_again"
    """The media are gone from the server: upload them again."""
    LOOK = "look"
    """There is another record at the post's place: read it."""


_FAILURES: Final[Mapping[Action, FailureCode]] = {
    Action.REJECT: FailureCode.PLATFORM_REJECTED,
    Action.RECONNECT: FailureCode.CREDENTIAL_INVALID,
    Action.MOVED: FailureCode.ACCOUNT_NOT_ELIGIBLE,
    Action.RETRY: FailureCode.PLATFORM_UNAVAILABLE,
    Action.THROTTLE: FailureCode.PLATFORM_RATE_LIMITED,
    Action.UPLOAD_AGAIN: FailureCode.PLATFORM_UNAVAILABLE,
    Action.LOOK: FailureCode.OUTCOME_UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """One row of the table."""

    name: str
    """The error's name, as the platform returns it."""
    action: Action
    sentence: str
    """Explanation for a person."""
    advice: str = ""
    """What to do when it ends the post. Empty where the error is temporary: the worker adds when it retries."""
    fails_as: FailureCode | None = None
    """How the post fails when this ends it; None: as the action implies."""
    proves_nothing_live: bool = True
    """Whether this response to putRecord proves that the call wrote nothing. Only with a status below 500."""

    @property
    def failure(self) -> FailureCode:
        """How the post fails when this ends it."""
        return self.fails_as or _FAILURES[self.action]


_CONNECT_AGAIN: Final = "Connect the account again, then publish again."
_BY_PERSON: Final = "Open the Bluesky app as this account, do what it asks for, then publish again."
_OTHER_FILE: Final = "Replace the file, then publish again."
_LATER: Final = "Publish again later."


def _invalid_token(name: str, why: str) -> ErrorMeaning:
    sentence = f"Bluesky no longer accepts this account's access: {why}."
    return ErrorMeaning(name, Action.RECONNECT, sentence, _CONNECT_AGAIN)


def _blocked(name: str, sentence: str) -> ErrorMeaning:
    return ErrorMeaning(name, Action.REJECT, sentence, _BY_PERSON, FailureCode.ACCOUNT_NOT_ELIGIBLE)


def _fault(name: str, sentence: str) -> ErrorMeaning:
    return ErrorMeaning(name, Action.RETRY, sentence, proves_nothing_live=False)


def _bad_media(name: str, sentence: str, advice: str) -> ErrorMeaning:
    return ErrorMeaning(name, Action.REJECT, sentence, advice, FailureCode.MEDIA_REJECTED)


def _no_permission(name: str) -> ErrorMeaning:
    return ErrorMeaning(
        name,
        Action.REJECT,
        "The account did not give Presswork the permission that this needs.",
        "Connect it again and allow what Bluesky's page lists, then publish again.",
        FailureCode.CREDENTIAL_INVALID,
    )


ERROR_MEANINGS: Final[tuple[ErrorMeaning, ...]] = (
    _blocked("AccountDeactivated", "The account is deactivated."),
    _blocked("AccountSuspended", "Bluesky has suspended the account."),
    _blocked("AccountTakedown", "Bluesky has taken the account down."),
    ErrorMeaning(
        "AuthFactorTokenRequired",
        Action.RECONNECT,
        "Bluesky asks for the code that it sent by e-mail, which a program can't have.",
        "Connect the account again: Bluesky's own page asks for the code there.",
    ),
    _invalid_token("AuthMissing", "the call carried none"),
    _invalid_token("AuthenticationRequired", "it has ended or was withdrawn"),
    ErrorMeaning("BlobNotFound", Action.UPLOAD_AGAIN, "Bluesky no longer has the uploaded media.", _LATER),
    _bad_media(
        "BlobTooLarge",
        "The account's server accepts no file of this size.",
        "Publish a smaller file, or raise its limit.",
    ),
    _invalid_token("ExpiredToken", "it has expired"),
    _no_permission("InsufficientScope"),
    _fault("InternalServerError", "Bluesky had an internal error."),
    _bad_media("InvalidMimeType", "Bluesky does not accept this kind of file.", _OTHER_FILE),
    ErrorMeaning(
        "InvalidRequest",
        Action.REJECT,
        "Bluesky refused the request as invalid.",
        "Fix what it names, then publish again.",
    ),
    ErrorMeaning(
        "InvalidSwap",
        Action.LOOK,
        "There is a record already where the post belongs.",
        _LATER,
        proves_nothing_live=False,
    ),
    _invalid_token("InvalidToken", "it is not valid any more"),
    _fault("NotEnoughResources", "Bluesky has no room for the request now."),
    _bad_media("PayloadTooLarge", "The account's server accepts no file of this size.", "Publish a smaller file."),
    ErrorMeaning(
        "RateLimitExceeded",
        Action.THROTTLE,
        "A limit is reached: Bluesky accepts no more calls for this account for now.",
    ),
    ErrorMeaning("RepoDeactivated", Action.MOVED, "The account is deactivated on this server.", _BY_PERSON),
    ErrorMeaning("RepoNotFound", Action.MOVED, "This server no longer has the account.", _CONNECT_AGAIN),
    ErrorMeaning("RepoTakendown", Action.MOVED, "Bluesky has taken the account down.", _BY_PERSON),
    _no_permission("ScopeMissingError"),
    _fault("UpstreamFailure", "A part of Bluesky does not respond."),
    _fault("UpstreamTimeout", "A part of Bluesky does not respond in time."),
    _no_permission("insufficient_scope"),
    ErrorMeaning(
        "invalid_dpop_proof",
        Action.RETRY,
        "Bluesky does not accept the proof that came with the access: usually a clock is wrong.",
        "Set the clock of the machine that Presswork runs on.",
    ),
    _invalid_token("invalid_grant", "it has ended or was withdrawn"),
    _invalid_token("invalid_token", "it has expired or was withdrawn"),
    ErrorMeaning("use_dpop_nonce", Action.RETRY, "Bluesky asked for another proof again and again."),
)
"""Every known error, sorted by name."""

_BY_NAME: Final[Mapping[str, ErrorMeaning]] = {row.name: row for row in ERROR_MEANINGS}

UNKNOWN: Final = ErrorMeaning(
    "",
    Action.REJECT,
    "Presswork does not know this error and treats it as final.",
    "Fix what Bluesky names, then publish again.",
)
"""Fallback for an error without a row, with a status of a refusal."""
_FAULT: Final = _fault("", "Bluesky does not respond as it should at the moment.")
_LIMIT: Final = _BY_NAME["RateLimitExceeded"]
_REFUSED: Final = _invalid_token("", "it has expired or was withdrawn")
_GONE_REPO: Final = "could not find repo"
_TOO_LONG: Final = "must not be longer than"
_BY_MESSAGE: Final[tuple[tuple[str, ErrorMeaning], ...]] = (
    (_GONE_REPO, _BY_NAME["RepoNotFound"]),
    ("could not find user", _BY_NAME["RepoNotFound"]),
    (
        _TOO_LONG,
        ErrorMeaning(
            "InvalidRequest",
            Action.REJECT,
            "A text is longer than Bluesky accepts.",
            "Shorten it (captionOverride sets one for this target alone), then publish again.",
        ),
    ),
    (
        "too large",
        _bad_media(
            "InvalidRequest",
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
    if (row := _BY_NAME.get(name)) is not None:
        return row
    if status == 429:
        return _LIMIT
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
