"""Maps Instagram's error codes to actions and explanations, as one table.

Source: Meta, "Instagram Platform error codes", "Handle errors" and the reference pages of media and media_publish,
read 2026-11; codes that are missing there (20/1772107, 2207076, 2207077, 2207081, 2207082, 2207085) were seen in logs of other
publishers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
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


_FAILURES: Final[Mapping[Action, FailureCode]] = {
    Action.REJECT: FailureCode.PLATFORM_REJECTED,
    Action.RECONNECT: FailureCode.CREDENTIAL_INVALID,
    Action.RETRY: FailureCode.PLATFORM_UNAVAILABLE,
    Action.THROTTLE: FailureCode.PLATFORM_RATE_LIMITED,
    Action.RECREATE: FailureCode.PLATFORM_UNAVAILABLE,
    Action.RECREATE_LIMITED: FailureCode.MEDIA_REJECTED,
}


@dataclass(frozen=True, slots=True)
class ErrorMeaning:
    """One row of the table."""

    codes: tuple[int | None, int | None]
    """Code and subcode. A code of None: the subcode alone identifies the error."""
    action: Action
    sentence: str
    """Explanation for a person."""
    advice: str = ""
    """What to do when it ends the post. Empty where the error is temporary: the worker adds when it retries."""
    fails_as: FailureCode | None = None
    """How the post fails when this ends it; None: as the action implies."""
    proves_nothing_live: bool = False
    """Whether this response to media_publish proves that the call put nothing live."""

    @property
    def failure(self) -> FailureCode:
        """How the post fails when this ends it."""
        return self.fails_as or _FAILURES[self.action]


PERMISSION: Final = 10
"""The code for a missing permission."""
_LATER: Final = "Publish again later."
_OTHER_FILE: Final = "Publish again in a few minutes; if it happens again, replace the file."
_REACHABLE: Final = (
    "Check that PRESSWORK_PUBLIC_URL can be reached from the internet, then publish again; if only this file fails, "
    "replace it."
)
_TAGS: Final = "Correct or remove them, then publish again."


def _invalid_token(subcode: int | None, why: str) -> ErrorMeaning:
    sentence = f"Instagram no longer accepts this account's access: {why}."
    advice = "Connect the account again, then publish again."
    return ErrorMeaning((190, subcode), Action.RECONNECT, sentence, advice, proves_nothing_live=True)


def _limit(code: int, whose: str) -> ErrorMeaning:
    sentence = f"A limit is reached: Instagram accepts no more calls {whose} for now."
    return ErrorMeaning((code, None), Action.THROTTLE, sentence, proves_nothing_live=True)


def _bad_media(codes: tuple[int | None, int], sentence: str, advice: str) -> ErrorMeaning:
    return ErrorMeaning(codes, Action.REJECT, sentence, advice, FailureCode.MEDIA_REJECTED)


ERROR_MEANINGS: Final[tuple[ErrorMeaning, ...]] = (
    ErrorMeaning(
        (-2, 2207003), Action.RECREATE_LIMITED, "Instagram could not download the media in time.", _OTHER_FILE
    ),
    ErrorMeaning(
        (-2, 2207020),
        Action.RECREATE,
        "What was uploaded expired before it was published.",
        _LATER,
        proves_nothing_live=True,
    ),
    ErrorMeaning((-1, None), Action.RETRY, "Instagram had an internal error."),
    ErrorMeaning((-1, 2207001), Action.RETRY, "Instagram had an internal error."),
    ErrorMeaning((-1, 2207032), Action.RETRY, "Instagram could not accept the upload."),
    ErrorMeaning((-1, 2207053), Action.RECREATE_LIMITED, "Instagram could not take the video in.", _OTHER_FILE),
    _bad_media(
        (1, 2207057),
        "The requested cover frame lies outside the video.",
        "Choose one within the video, then publish again.",
    ),
    ErrorMeaning((1, None), Action.RETRY, "Instagram had an unspecified internal error."),
    ErrorMeaning((2, None), Action.RETRY, "Instagram has a short outage."),
    _limit(4, "from this app"),
    ErrorMeaning(
        (4, 2207051),
        Action.REJECT,
        "Instagram blocked the post because it looks like spam to it.",
        "Wait a day before the next post to this account, vary the content, and see in the Instagram app whether "
        "the account has a warning.",
    ),
    ErrorMeaning(
        (9, 2207042),
        Action.THROTTLE,
        "The account has used up the posts that Instagram lets it publish within 24 hours.",
        "Publish again when some of its posts are older than 24 hours.",
        proves_nothing_live=True,
    ),
    ErrorMeaning(
        (PERMISSION, None),
        Action.REJECT,
        "The account did not give Presswork the permission that this needs.",
        "Connect it again and leave every permission ticked, then publish again.",
        fails_as=FailureCode.CREDENTIAL_INVALID,
        proves_nothing_live=True,
    ),
    _limit(17, "for this person"),
    _limit(32, "for this page"),
    _limit(613, "of this kind from this app"),
    _limit(80002, "for this account"),
    ErrorMeaning((20, 1772107), Action.RETRY, "Instagram reported an error, but may have done what it was asked."),
    ErrorMeaning(
        (24, 2207006),
        Action.RECREATE,
        "Instagram does not find what was uploaded for this post.",
        "Publish again; if it happens again, connect the account again first.",
    ),
    ErrorMeaning(
        (24, 2207008),
        Action.RECREATE,
        "Instagram does not find what was uploaded for this post, or it expired.",
        _LATER,
    ),
    ErrorMeaning(
        (25, 2207050),
        Action.REJECT,
        "Instagram has restricted this account, or it is inactive.",
        "Open the Instagram app as this account, do what it asks for, then publish again.",
        fails_as=FailureCode.ACCOUNT_NOT_ELIGIBLE,
        proves_nothing_live=True,
    ),
    ErrorMeaning(
        (100, None),
        Action.REJECT,
        "Instagram refused the request as invalid.",
        "Fix what it names, then publish again.",
    ),
    ErrorMeaning((100, 33), Action.RETRY, "Instagram does not return the requested object at the moment."),
    ErrorMeaning(
        (100, 2207023),
        Action.REJECT,
        "Instagram does not know this kind of post.",
        "Report it to the Presswork project.",
    ),
    ErrorMeaning(
        (100, 2207028),
        Action.REJECT,
        "A carousel needs 2 to 10 items.",
        "Change the number of items, then publish again.",
    ),
    ErrorMeaning((100, 2207035), Action.REJECT, "The position of the product tags is wrong.", _TAGS),
    ErrorMeaning((100, 2207036), Action.REJECT, "Product tags need a picture.", _TAGS),
    ErrorMeaning((100, 2207037), Action.REJECT, "A product that is tagged is not valid.", _TAGS),
    ErrorMeaning(
        (100, 2207040),
        Action.REJECT,
        "The caption names more than 20 accounts.",
        "Take some of the @ mentions out, then publish again.",
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
        (352, 2207026),
        "Instagram does not accept this video format.",
        "Publish an MP4 or MOV with H.264 video and AAC sound.",
    ),
    ErrorMeaning(
        (368, None),
        Action.THROTTLE,
        "Instagram blocks what this account does, for some hours, because of its rules.",
        "See in the Instagram app what it objects to; publish again when that is settled.",
        proves_nothing_live=True,
    ),
    ErrorMeaning(
        (9004, 2207052), Action.RECREATE_LIMITED, "Instagram could not fetch the media from Presswork.", _REACHABLE
    ),
    ErrorMeaning((9007, 2207027), Action.RETRY, "Instagram is not done with the media yet.", proves_nothing_live=True),
    _bad_media(
        (36000, 2207004), "The picture is larger than the 8 MB that Instagram accepts.", "Publish a smaller file."
    ),
    _bad_media((36001, 2207005), "Instagram does not accept this picture format.", "Publish a JPEG."),
    _bad_media(
        (36003, 2207009),
        "The picture is too tall or too wide: Instagram accepts 4:5 (tall) to 1.91:1 (wide).",
        "Crop it, then publish again.",
    ),
    ErrorMeaning(
        (36004, 2207010),
        Action.REJECT,
        "The caption is longer than Instagram's 2,200 characters.",
        "Shorten it, then publish again.",
    ),
    _bad_media((None, 2207076), "Instagram could not process the media.", _OTHER_FILE),
    _bad_media((None, 2207077), "Instagram could not download the video.", _REACHABLE),
    _bad_media((None, 2207081), "This account may not post trial reels.", "Publish it as an ordinary reel."),
    ErrorMeaning(
        (None, 2207082),
        Action.RECREATE_LIMITED,
        "Instagram could not take the video in. Videos whose shorter side is under 640 pixels often end so.",
        "Publish a larger video.",
    ),
    ErrorMeaning(
        (None, 2207085),
        Action.RECREATE_LIMITED,
        "Instagram ended with an internal error that it calls fatal; the next upload usually succeeds.",
        _OTHER_FILE,
    ),
)
"""Every documented code, sorted by code."""

_MORE_LIMITS: Final = frozenset({*range(80000, 80010), 80014})
"""The other business-use-case limits; they mean the same as 80002. Source: Meta, "Rate Limits", read 2026-11."""
_PERMISSIONS: Final = range(200, 300)
_FIRST_NAMING_SUBCODE: Final = 2_207_000
"""Subcodes from here on identify an error alone; smaller ones only together with their code."""

_BY_PAIR: Final[Mapping[tuple[int | None, int | None], ErrorMeaning]] = {row.codes: row for row in ERROR_MEANINGS}
_BY_SUBCODE: Final[Mapping[int, ErrorMeaning]] = {
    row.codes[1]: row for row in ERROR_MEANINGS if row.codes[1] is not None and row.codes[1] >= _FIRST_NAMING_SUBCODE
}

EXPIRED: Final = _BY_PAIR[-2, 2207020]
"""A container that was not published within 24 hours."""
BYTES_REFUSED: Final = ErrorMeaning(
    (None, None), Action.RECREATE_LIMITED, "Instagram did not take the video's bytes.", _OTHER_FILE
)
"""An error of the upload host for videos, which has no codes."""
UNKNOWN: Final = ErrorMeaning(
    (None, None),
    Action.REJECT,
    "Presswork does not know this code and treats it as final.",
    "Fix what Instagram names, then publish again.",
)
"""Fallback for a code that is not documented."""
NOT_BUSINESS: Final = ErrorMeaning(
    (None, None),
    Action.REJECT,
    "Instagram lets programs publish to business and creator accounts only, and this one is personal.",
    "Turn it into a professional account in the Instagram app, connect it again, then publish again.",
    fails_as=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    proves_nothing_live=True,
)
"""A personal account; recognized by its message, since its code is not documented."""
REVOKED: Final = _invalid_token(None, "the person withdrew it or the session was ended")
"""An invalid token that is recognized only by its message."""

_REFUSED_CRAWLER: Final = re.compile(r"robots\.txt|\b403\b", re.IGNORECASE)
_CRAWLER_SENTENCE: Final = (
    "A proxy, CDN or firewall in front of Presswork, or its robots.txt, refused the media to Meta's crawler."
)
_CRAWLER_ADVICE: Final = (
    "Allow the user agent facebookexternalhit under /media/ there and forward /robots.txt to Presswork; `presswork doctor` "
    "checks both. Then publish again."
)

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
        code = PERMISSION
    if code in _MORE_LIMITS:
        code = 80002
    return _explained(
        _BY_PAIR.get((code, subcode))
        or (_BY_SUBCODE.get(subcode) if subcode is not None else None)
        or _BY_PAIR.get((code, None), UNKNOWN),
        message,
    )


def meaning_of_subcode(subcode: int | None, message: str) -> ErrorMeaning:
    """Return the row for the error number in a container's status, and the status itself."""
    return _explained(UNKNOWN if subcode is None else _BY_SUBCODE.get(subcode, UNKNOWN), message)


def _explained(meaning: ErrorMeaning, message: str) -> ErrorMeaning:
    """Return the row, with its own sentence where the message says that Meta's crawler was refused the media."""
    is_about_media = meaning.failure is FailureCode.MEDIA_REJECTED or meaning in (UNKNOWN, _BY_PAIR[100, None])
    if not is_about_media or not _REFUSED_CRAWLER.search(message):
        return meaning
    return replace(meaning, sentence=_CRAWLER_SENTENCE, advice=_CRAWLER_ADVICE, fails_as=FailureCode.MEDIA_REJECTED)
