"""Maps the codes of Graph's errors to actions and explanations: the form of a platform's table, and the rows that all have.

Source: Meta, "Handle errors" and "Rate Limits" (Graph API), read 2026-11.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from presswork.platforms.api_client import Action, ErrorMeaning, rejected
from presswork.platforms.errors import FailureCode

Codes = tuple[int | None, int | None]
"""Code and subcode. Where the code is None, the subcode alone identifies the error."""


PERMISSION: Final = 10
"""The code for a missing permission."""
_PERMISSIONS: Final = range(200, 300)
_ACCOUNT_LIMIT: Final = 80002
_MORE_LIMITS: Final = frozenset({*range(80000, 80010), 80014})
"""The other business-use-case limits; they mean the same as 80002. Source: Meta, "Rate Limits", read 2026-11."""
_FIRST_NAMING_SUBCODE: Final = 2_207_000
"""Subcodes from here on identify an error alone; smaller ones only in a row without a code."""
REACHABLE: Final = (
    "Check that PRESSWORK_PUBLIC_URL can be reached from the internet, then publish again; if only this file fails, "
    "replace it."
)
"""Advice where the platform could not download media."""

_REFUSED_CRAWLER: Final = re.compile(r"robots\.txt|\b403\b", re.IGNORECASE)
_CRAWLER_SENTENCE: Final = (
    "A proxy, CDN or firewall in front of Presswork, or its robots.txt, refused the media to Meta's crawler."
)
_CRAWLER_ADVICE: Final = (
    "Allow the user agent facebookexternalhit under /media/ there and forward /robots.txt to Presswork; `presswork doctor` "
    "checks both. Then publish again."
)


EXPIRED_CONTAINER: Final = ErrorMeaning(
    Action.RECREATE,
    "What was uploaded expired before it was published.",
    "Publish again later.",
    proves_nothing_live=True,
)
"""A container that was not published within 24 hours."""
OTHER_FILE: Final = "Publish again in a few minutes; if it happens again, replace the file."
"""Advice where media could not be processed, for a reason that may be temporary."""


def invalid_token(platform: str, why: str) -> ErrorMeaning:
    """Return the row for an access token that is not accepted; `why` completes the sentence."""
    sentence = f"{platform} no longer accepts this account's access: {why}."
    advice = "Connect the account again, then publish again."
    return ErrorMeaning(Action.RECONNECT, sentence, advice, proves_nothing_live=True)


def _limit(platform: str, whose: str) -> ErrorMeaning:
    sentence = f"A limit is reached: {platform} accepts no more calls {whose} for now."
    return ErrorMeaning(Action.THROTTLE, sentence, proves_nothing_live=True)


def graph_meanings(platform: str) -> Mapping[Codes, ErrorMeaning]:
    """Return the rows of the codes that mean the same on every platform behind Graph, with this platform's name."""
    return {
        (-1, None): ErrorMeaning(Action.RETRY, f"{platform} had an internal error."),
        (1, None): ErrorMeaning(Action.RETRY, f"{platform} had an unspecified internal error."),
        (2, None): ErrorMeaning(Action.RETRY, f"{platform} has a short outage."),
        (4, None): _limit(platform, "from this app"),
        (4, 2207051): rejected(
            f"{platform} blocked the post because it looks like spam to it.",
            f"Wait a day before the next post to this account, vary the content, and see in the {platform} app whether "
            "the account has a warning.",
        ),
        (PERMISSION, None): ErrorMeaning(
            Action.REJECT,
            "The account did not give Presswork the permission that this needs.",
            "Connect it again and leave every permission ticked, then publish again.",
            fails_as=FailureCode.CREDENTIAL_INVALID,
            proves_nothing_live=True,
        ),
        (17, None): _limit(platform, "for this person"),
        (32, None): _limit(platform, "for this page"),
        (100, None): rejected(f"{platform} refused the request as invalid.", "Fix what it names, then publish again."),
        (100, 33): ErrorMeaning(Action.RETRY, f"{platform} does not return the requested object at the moment."),
        (190, None): invalid_token(platform, "it has expired or was withdrawn"),
        (190, 458): invalid_token(platform, "the person removed the app"),
        (190, 459): invalid_token(platform, f"the person has to log in to {platform} and pass a check first"),
        (190, 460): invalid_token(platform, "the password was changed"),
        (190, 463): invalid_token(platform, "it has expired"),
        (190, 464): invalid_token(platform, "the person's account is not confirmed"),
        (190, 467): invalid_token(platform, "it is not valid any more"),
        (190, 492): invalid_token(platform, "the person lost the role on the page that belongs to it"),
        (368, None): ErrorMeaning(
            Action.THROTTLE,
            f"{platform} blocks what this account does, for some hours, because of its rules.",
            f"See in the {platform} app what it objects to; publish again when that is settled.",
            proves_nothing_live=True,
        ),
        (613, None): _limit(platform, "of this kind from this app"),
        (_ACCOUNT_LIMIT, None): _limit(platform, "for this account"),
        (9004, 2207052): ErrorMeaning(
            Action.RECREATE_LIMITED, f"{platform} could not fetch the media from Presswork.", REACHABLE
        ),
    }


class ErrorTable:
    """The errors of one platform."""

    def __init__(
        self,
        platform: str,
        rows: Mapping[Codes, ErrorMeaning],
        *,
        by_message: Mapping[str, ErrorMeaning] = MappingProxyType({}),
        unlisted: Mapping[str, ErrorMeaning] = MappingProxyType({}),
    ) -> None:
        """Store the platform's name, its own rows, which replace Graph's, the errors that only a phrase in lower case of
        their message identifies, and how errors without a row are read, by such phrases.
        """
        self._unlisted: Final = unlisted
        by_pair = {**graph_meanings(platform), **rows}
        self._by_pair: Final = by_pair
        self._by_subcode: Final = {
            subcode: row
            for (code, subcode), row in by_pair.items()
            if subcode is not None and (code is None or subcode >= _FIRST_NAMING_SUBCODE)
        }
        self.rows: Final[Mapping[Codes, ErrorMeaning]] = by_pair
        """Every documented code."""
        revoked = invalid_token(platform, "the person withdrew it or the session was ended")
        self._by_message: Final = {
            **by_message,
            "api access blocked": ErrorMeaning(
                Action.REJECT,
                f"{platform} has blocked the app by which the account is connected, or this person's use of it.",
                "Open the app at developers.facebook.com and do what is asked for there, then publish again.",
                fails_as=FailureCode.ACCOUNT_NOT_ELIGIBLE,
                proves_nothing_live=True,
            ),
            "revoked_access_token": revoked,
            "session has been invalidated": revoked,
            "page request limit reached": by_pair[32, None],
        }
        self.unknown: Final = rejected(
            "Presswork does not know this code and treats it as final.",
            f"Fix what {platform} names, then publish again.",
        )
        """Fallback for a code that is not documented."""

    def meaning_of(self, code: int, subcode: int | None, message: str = "") -> ErrorMeaning:
        """Return the row for an error: by its message where only that identifies it, then by both codes, by subcode, by
        code.
        """
        for phrase, meaning in self._by_message.items():
            if phrase in message.lower():
                return meaning
        code = 190 if code == 102 else code  # 102: the older code of the same error
        if code in _PERMISSIONS:
            code = PERMISSION
        if code in _MORE_LIMITS:
            code = _ACCOUNT_LIMIT
        return self._explain_crawler(
            self._by_pair.get((code, subcode))
            or (self._by_subcode.get(subcode) if subcode is not None else None)
            or self._by_pair.get((code, None))
            or next((meaning for phrase, meaning in self._unlisted.items() if phrase in message.lower()), self.unknown),
            message,
        )

    def meaning_of_subcode(self, subcode: int | None, message: str) -> ErrorMeaning:
        """Return the row for the error number in a container's status, and the status itself."""
        return self._explain_crawler(
            self.unknown if subcode is None else self._by_subcode.get(subcode, self.unknown), message
        )

    def _explain_crawler(self, meaning: ErrorMeaning, message: str) -> ErrorMeaning:
        """Return the row, with its own sentence where the message says that Meta's crawler was refused the media."""
        is_about_media = meaning.failure is FailureCode.MEDIA_REJECTED or meaning in (
            self.unknown,
            self._by_pair[100, None],
        )
        if not is_about_media or not _REFUSED_CRAWLER.search(message):
            return meaning
        return replace(meaning, sentence=_CRAWLER_SENTENCE, advice=_CRAWLER_ADVICE, fails_as=FailureCode.MEDIA_REJECTED)
