"""Maps Instagram's error codes to actions and explanations, as one table.

Source: Meta, "Instagram Platform error codes", "Handle errors" and the reference pages of media and media_publish,
read 2026-11; codes that are missing there (2207076, 2207077, 2207081, 2207082) were seen in logs of other publishers.
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
    RETRY = "retry"
    """A temporary error: the same call may succeed later."""
    THROTTLE = "throttle"
    """A limit: wait, for the time that the platform returns where it returns one."""
    RECREATE = "recreate"
    """This container is lost: a new one may succeed."""
    RECREATE_LIMITED = "recreate_limited"
    """This container is lost: a new one may succeed, but after a few attempts the media are the cause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorMeaning:
    """One row of the table: the meaning of a code (with a subcode)."""

    code: int | None
    """None: the subcode alone identifies the error."""
    subcode: int | None = None
    action: Action
    sentence: str
    """Explanation for a person."""
    advice: str = ""
    """What to do when it ends the post. Empty where the error is temporary: the worker adds when it retries."""
    failure: FailureCode = FailureCode.PLATFORM_REJECTED
    """How the post fails when this ends it."""
    proves_nothing_live: bool = False
    """Whether this response to media_publish proves that the call put nothing live."""


_RECONNECT: Final = "Connect the account again, then publish again."
_OTHER_FILE: Final = "Publish again in a few minutes; if it happens again, replace the file."
_REACHABLE: Final = (
    "Check that PRESSWORK_PUBLIC_URL can be reached from the internet, then publish again; if only this file fails, "
    "replace it."
)
_TAGS: Final = "Correct or remove them, then publish again."


def _invalid_token(subcode: int | None, why: str) -> ErrorMeaning:
    return ErrorMeaning(
        code=190,
        subcode=subcode,
        action=Action.RECONNECT,
        sentence=f"Instagram no longer accepts this account's access: {why}.",
        advice=_RECONNECT,
        failure=FailureCode.CREDENTIAL_INVALID,
        proves_nothing_live=True,
    )


def _limit(code: int, whose: str) -> ErrorMeaning:
    return ErrorMeaning(
        code=code,
        action=Action.THROTTLE,
        sentence=f"A limit is reached: Instagram accepts no more calls {whose} for now.",
        failure=FailureCode.PLATFORM_RATE_LIMITED,
        proves_nothing_live=True,
    )


def _bad_media(code: int | None, subcode: int, sentence: str, advice: str) -> ErrorMeaning:
    return ErrorMeaning(
        code=code,
        subcode=subcode,
        action=Action.REJECT,
        sentence=sentence,
        advice=advice,
        failure=FailureCode.MEDIA_REJECTED,
    )


def _flaky_media(code: int | None, subcode: int, sentence: str, advice: str) -> ErrorMeaning:
    return ErrorMeaning(
        code=code,
        subcode=subcode,
        action=Action.RECREATE_LIMITED,
        sentence=sentence,
        advice=advice,
        failure=FailureCode.MEDIA_REJECTED,
    )


def _bad_request(subcode: int | None, sentence: str, advice: str, *, code: int = 100) -> ErrorMeaning:
    return ErrorMeaning(code=code, subcode=subcode, action=Action.REJECT, sentence=sentence, advice=advice)


def _unavailable(code: int, subcode: int | None, sentence: str) -> ErrorMeaning:
    return ErrorMeaning(
        code=code,
        subcode=subcode,
        action=Action.RETRY,
        sentence=sentence,
        failure=FailureCode.PLATFORM_UNAVAILABLE,
    )


ERROR_MEANINGS: Final[tuple[ErrorMeaning, ...]] = (
    _flaky_media(-2, 2207003, "Instagram could not download the media in time.", _OTHER_FILE),
    ErrorMeaning(
        code=-2,
        subcode=2207020,
        action=Action.RECREATE,
        sentence="What was uploaded expired before it was published.",
        advice="Publish again later.",
        failure=FailureCode.PLATFORM_UNAVAILABLE,
        proves_nothing_live=True,
    ),
    _unavailable(-1, None, "Instagram had an internal error."),
    _unavailable(-1, 2207001, "Instagram had an internal error."),
    _unavailable(-1, 2207032, "Instagram could not accept the upload."),
    _flaky_media(-1, 2207053, "Instagram could not take the video in.", _OTHER_FILE),
    _bad_media(
        1,
        2207057,
        "The requested cover frame lies outside the video.",
        "Choose one within the video, then publish again.",
    ),
    _unavailable(1, None, "Instagram had an unspecified internal error."),
    _unavailable(2, None, "Instagram has a short outage."),
    _limit(4, "from this app"),
    ErrorMeaning(
        code=4,
        subcode=2207051,
        action=Action.REJECT,
        sentence="Instagram blocked the post because it looks like spam to it.",
        advice="Wait a day before the next post to this account, vary the content, and see in the Instagram app whether "
        "the account has a warning.",
    ),
    ErrorMeaning(
        code=9,
        subcode=2207042,
        action=Action.THROTTLE,
        sentence="The account has used up the posts that Instagram lets it publish within 24 hours.",
        advice="Publish again when some of its posts are older than 24 hours.",
        failure=FailureCode.PLATFORM_RATE_LIMITED,
        proves_nothing_live=True,
    ),
    ErrorMeaning(
        code=10,
        action=Action.REJECT,
        sentence="The account did not give Presswork the permission that this needs.",
        advice="Connect it again and leave every permission ticked, then publish again.",
        failure=FailureCode.CREDENTIAL_INVALID,
        proves_nothing_live=True,
    ),
    _limit(17, "for this person"),
    _limit(32, "for this page"),
    _limit(613, "of this kind from this app"),
    _limit(80002, "for this account"),
    ErrorMeaning(
        code=24,
        subcode=2207006,
        action=Action.RECREATE,
        sentence="Instagram does not find what was uploaded for this post.",
        advice="Publish again; if it happens again, connect the account again first.",
        failure=FailureCode.PLATFORM_UNAVAILABLE,
    ),
    ErrorMeaning(
        code=24,
        subcode=2207008,
        action=Action.RECREATE,
        sentence="Instagram does not find what was uploaded for this post, or it expired.",
        advice="Publish again later.",
        failure=FailureCode.PLATFORM_UNAVAILABLE,
    ),
    ErrorMeaning(
        code=25,
        subcode=2207050,
        action=Action.REJECT,
        sentence="Instagram has restricted this account, or it is inactive.",
        advice="Open the Instagram app as this account, do what it asks for, then publish again.",
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        proves_nothing_live=True,
    ),
    _bad_request(None, "Instagram refused the request as invalid.", "Fix what it names, then publish again."),
    _unavailable(100, 33, "Instagram does not return the requested object at the moment."),
    _bad_request(2207023, "Instagram does not know this kind of post.", "Report it to the Presswork project."),
    _bad_request(2207028, "A carousel needs 2 to 10 items.", "Change the number of items, then publish again."),
    _bad_request(2207035, "The position of the product tags is wrong.", _TAGS),
    _bad_request(2207036, "Product tags need a picture.", _TAGS),
    _bad_request(2207037, "A product that is tagged is not valid.", _TAGS),
    _bad_request(
        2207040, "The caption names more than 20 accounts.", "Take some of the @ mentions out, then publish again."
    ),
    _invalid_token(None, "it has expired or was withdrawn"),
    _invalid_token(458, "the person removed the app"),
    _invalid_token(459, "the person has to log in to Instagram and pass a check first"),
    _invalid_token(460, "the password was changed"),
    _invalid_token(463, "it has expired"),
    _invalid_token(464, "the person's account is not confirmed"),
    _invalid_token(467, "it is not valid any more"),
    _invalid_token(492, "the person lost the role on the page that belongs to it"),
    _bad_media(
        352,
        2207026,
        "Instagram does not accept this video format.",
        "Publish an MP4 or MOV with H.264 video and AAC sound.",
    ),
    ErrorMeaning(
        code=368,
        action=Action.THROTTLE,
        sentence="Instagram blocks what this account does, for some hours, because of its rules.",
        advice="See in the Instagram app what it objects to; publish again when that is settled.",
        failure=FailureCode.PLATFORM_RATE_LIMITED,
        proves_nothing_live=True,
    ),
    _flaky_media(9004, 2207052, "Instagram could not fetch the media from Presswork.", _REACHABLE),
    ErrorMeaning(
        code=9007,
        subcode=2207027,
        action=Action.RETRY,
        sentence="Instagram is not done with the media yet.",
        failure=FailureCode.PLATFORM_UNAVAILABLE,
        proves_nothing_live=True,
    ),
    _bad_media(
        36000, 2207004, "The picture is larger than the 8 MB that Instagram accepts.", "Publish a smaller file."
    ),
    _bad_media(36001, 2207005, "Instagram does not accept this picture format.", "Publish a JPEG."),
    _bad_media(
        36003,
        2207009,
        "The picture is too tall or too wide: Instagram accepts 4:5 (tall) to 1.91:1 (wide).",
        "Crop it, then publish again.",
    ),
    _bad_request(
        2207010,
        "The caption is longer than Instagram's 2,200 characters.",
        "Shorten it, then publish again.",
        code=36004,
    ),
    _bad_media(None, 2207076, "Instagram could not process the media.", _OTHER_FILE),
    _bad_media(None, 2207077, "Instagram could not download the video.", _REACHABLE),
    _bad_media(None, 2207081, "This account may not post trial reels.", "Publish it as an ordinary reel."),
    _flaky_media(
        None,
        2207082,
        "Instagram could not take the video in. Videos whose shorter side is under 640 pixels often end so.",
        "Publish a larger video.",
    ),
)
"""Every documented code, sorted by code."""

_MORE_LIMITS: Final = frozenset({*range(80000, 80010), 80014})
"""The other business-use-case limits; they mean the same as 80002. Source: Meta, "Rate Limits", read 2026-11."""
_PERMISSIONS: Final = range(200, 300)
_FIRST_NAMING_SUBCODE: Final = 2_207_000
"""Subcodes from here on identify an error alone; smaller ones only together with their code."""

_BY_PAIR: Final[Mapping[tuple[int | None, int | None], ErrorMeaning]] = {
    (row.code, row.subcode): row for row in ERROR_MEANINGS
}
_BY_SUBCODE: Final[Mapping[int, ErrorMeaning]] = {
    row.subcode: row for row in ERROR_MEANINGS if row.subcode is not None and row.subcode >= _FIRST_NAMING_SUBCODE
}

LAPSED: Final = _BY_PAIR[-2, 2207020]
"""A container that was not published within 24 hours."""
NOT_TAKEN: Final = ErrorMeaning(
    code=None,
    action=Action.RECREATE_LIMITED,
    sentence="Instagram did not take the video's bytes.",
    advice=_OTHER_FILE,
    failure=FailureCode.MEDIA_REJECTED,
)
"""An error of the upload host for videos, which has no codes."""
UNKNOWN: Final = ErrorMeaning(
    code=None,
    action=Action.REJECT,
    sentence="Presswork does not know this code and treats it as final.",
    advice="Fix what Instagram names, then publish again.",
)
"""Fallback for a code that is not documented."""
NOT_BUSINESS: Final = ErrorMeaning(
    code=None,
    action=Action.REJECT,
    sentence="Instagram lets programs publish to business and creator accounts only, and this one is personal.",
    advice="Turn it into a professional account in the Instagram app, connect it again, then publish again.",
    failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    proves_nothing_live=True,
)
"""A personal account; recognized by its message, since its code is not documented."""
REVOKED: Final = _invalid_token(None, "the person withdrew it or the session was ended")
"""An invalid token that is recognized only by its message."""

_BY_MESSAGE: Final[tuple[tuple[str, ErrorMeaning], ...]] = (
    ("not an instagram business", NOT_BUSINESS),
    ("revoked_access_token", REVOKED),
    ("session has been invalidated", REVOKED),
    ("page request limit reached", _BY_PAIR[32, None]),
)


def meaning_of(code: int, subcode: int | None, message: str = "") -> ErrorMeaning:
    """Return the row for an error: by its message where only that identifies it, then by both codes, by subcode, by code."""
    for phrase, meaning in _BY_MESSAGE:
        if phrase in message.lower():
            return meaning
    code = 190 if code == 102 else code  # 102: the older code of the same error
    if code in _PERMISSIONS:
        code = 10
    if code in _MORE_LIMITS:
        code = 80002
    return (
        _BY_PAIR.get((code, subcode))
        or (_BY_SUBCODE.get(subcode) if subcode is not None else None)
        or _BY_PAIR.get((code, None), UNKNOWN)
    )


def meaning_of_subcode(subcode: int) -> ErrorMeaning:
    """Return the row for the error number in a container's status."""
    return _BY_SUBCODE.get(subcode, UNKNOWN)
