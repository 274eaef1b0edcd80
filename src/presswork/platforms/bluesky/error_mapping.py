"""Maps Bluesky's errors to actions and explanations, as one table.

The AT Protocol names an error (`{"error": "BlobNotFound", "message": "…"}`); its status says little.
Sources: bluesky-social/atproto (lexicons, packages/pds, packages/oauth), read 2026-11.
"""

import re
from collections.abc import Mapping
from typing import Final

from presswork.platforms.api_client import Action, Brand, ErrorMeaning, bad_media, ineligible, rejected, unpermitted

BLUESKY: Final = Brand(
    name="Bluesky",
    secrets=(
        (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,2}"), "…"),
        (re.compile(r"\b(?:tok|ref|cod|req)-[0-9A-Za-z]{16,}"), "…"),
        (re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+"), r"\1?…"),
    ),
)
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
    return ineligible(sentence, _BY_PERSON)


def _fault(sentence: str) -> ErrorMeaning:
    return ErrorMeaning(Action.RETRY, sentence)


_NO_PERMISSION: Final = unpermitted(
    "The account did not give Presswork the permission that this needs.",
    "Connect it again and allow what Bluesky's page lists, then publish again.",
)


ERROR_MEANINGS: Final[Mapping[str, ErrorMeaning]] = {
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
    "BadAspectRatio": bad_media("Bluesky does not accept the shape of this video.", _OTHER_FILE),
    "BlobNotFound": ErrorMeaning(Action.RECREATE, "Bluesky no longer has the uploaded media.", _LATER),
    "BlobTooLarge": bad_media(
        "The account's server accepts no file of this size.", "Publish a smaller file, or raise its limit."
    ),
    DAILY_LIMIT: ErrorMeaning(
        Action.THROTTLE, "A limit is reached: Bluesky accepts no more videos of this account for now."
    ),
    "ExpiredToken": _invalid_token("it has expired"),
    "InsufficientScope": _NO_PERMISSION,
    "InternalServerError": _fault("Bluesky had an internal error."),
    "InvalidMimeType": bad_media("Bluesky does not accept this kind of file.", _OTHER_FILE),
    "InvalidRequest": rejected("Bluesky refused the request as invalid.", "Fix what it names, then publish again."),
    "InvalidSwap": ErrorMeaning(Action.LOOK, "There is a record already where the post belongs.", _LATER),
    "InvalidToken": _invalid_token("it is not valid any more"),
    "NotEnoughResources": _fault("Bluesky has no room for the request now."),
    "PayloadTooLarge": bad_media("The account's server accepts no file of this size.", "Publish a smaller file."),
    "RateLimitExceeded": ErrorMeaning(
        Action.THROTTLE, "A limit is reached: Bluesky accepts no more calls for this account for now."
    ),
    "RepoDeactivated": ErrorMeaning(Action.MOVED, "The account is deactivated on this server.", _BY_PERSON),
    "RepoNotFound": ErrorMeaning(Action.MOVED, "This server no longer has the account.", _CONNECT_AGAIN),
    "RepoTakendown": ErrorMeaning(Action.MOVED, "Bluesky has taken the account down.", _BY_PERSON),
    "ScopeMissingError": _NO_PERMISSION,
    "ServiceOverloaded": _fault("Bluesky's video service has too much to do at the moment."),
    "TooManyOpenUploads": ErrorMeaning(
        Action.THROTTLE, "A limit is reached: this account has as many unfinished uploads as Bluesky accepts."
    ),
    "UnsupportedContentType": bad_media("Bluesky does not accept this kind of file.", _OTHER_FILE),
    "UploadForbidden": _blocked("Bluesky accepts no videos of this account."),
    "UpstreamFailure": _fault("A part of Bluesky does not respond."),
    "UpstreamTimeout": _fault("A part of Bluesky does not respond in time."),
    "VideoTooLarge": bad_media("Bluesky accepts no video of this size.", "Publish a smaller file."),
    "VideoTooLong": bad_media("Bluesky accepts no video of this length.", "Publish a shorter one."),
    "insufficient_scope": _NO_PERMISSION,
    "invalid_dpop_proof": ErrorMeaning(
        Action.WAIT,
        "Bluesky does not accept the proof that came with the access: usually a clock is wrong.",
        "Set the clock of the machine that Presswork runs on.",
    ),
    "invalid_grant": _invalid_token("it has ended or was withdrawn"),
    "invalid_token": _invalid_token("it has expired or was withdrawn"),
    "unconfirmed_email": ineligible(
        "Bluesky accepts videos only of accounts whose e-mail address is confirmed.",
        "Confirm it in the Bluesky app, then publish again.",
    ),
    "use_dpop_nonce": ErrorMeaning(Action.WAIT, "Bluesky asked for another proof again and again."),
}
"""Every known error, sorted by name."""

UNKNOWN: Final = rejected(
    "Presswork does not know this error and treats it as final.", "Fix what Bluesky names, then publish again."
)
"""Fallback for an error without a row, with a status of a refusal."""
_FAULT: Final = _fault("Bluesky does not respond as it should at the moment.")
_LIMIT: Final = ERROR_MEANINGS["RateLimitExceeded"]
_REFUSED: Final = _invalid_token("it has expired or was withdrawn")
_BY_MESSAGE: Final[Mapping[str, ErrorMeaning]] = {
    "could not find repo": ERROR_MEANINGS["RepoNotFound"],
    "could not find user": ERROR_MEANINGS["RepoNotFound"],
    "must not be longer than": rejected(
        "A text is longer than Bluesky accepts.",
        "Shorten it (captionOverride sets one for this target alone), then publish again.",
    ),
    "too large": bad_media(
        "The account's server accepts no file of this size.",
        "Publish a smaller file. Older servers accept pictures up to 1 MB.",
    ),
}
"""Errors that the PDS reports as InvalidRequest, and only their messages distinguish."""


def meaning_of(name: str, status: int, message: str = "") -> ErrorMeaning:
    """Return the row for an error: by its message where only that identifies it, then by its name, then by its status."""
    if name in ("", "InvalidRequest"):
        for phrase, meaning in _BY_MESSAGE.items():
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


VIDEO_FAILURES: Final[Mapping[str, ErrorMeaning]] = {
    "encoding_failure": bad_media("Bluesky could not encode the video.", _OTHER_FILE),
    "generic_failure": ErrorMeaning(Action.RECREATE, "Bluesky could not process the video.", _LATER),
    "pds_upload_failure": ErrorMeaning(
        Action.RECREATE, "Bluesky could not store the video on the account's server.", _LATER
    ),
    "pds_upload_unsupported_blob_size": bad_media(
        "The account's server accepts no file of the size of this video.",
        "Publish a smaller video, or raise PDS_BLOB_UPLOAD_LIMIT on that server.",
    ),
    "validation_failure": bad_media("Bluesky does not accept this video.", _OTHER_FILE),
}
"""Every `failureCode` of the video service, sorted. RECREATE: the same video may succeed.

Source: lexicon app.bsky.video.defs, read 2026-11.
"""


def video_failure_of(code: str | None) -> ErrorMeaning:
    """Return the row for a failure of the video service; an unknown one may pass."""
    return VIDEO_FAILURES.get(code or "", VIDEO_FAILURES["generic_failure"])
