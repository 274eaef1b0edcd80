"""Maps the codes of Graph's errors to actions and explanations: the form of a platform's table, and the rows that all have.

Source: Meta, "Handle errors" and "Rate Limits" (Graph API), read 2026-11.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from presswork.platforms.api_client import Action, ErrorMeaning
from presswork.platforms.errors import FailureCode

Codes = tuple[int | None, int | None]
"""Code and subcode. A code of None: the subcode alone identifies the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row(ErrorMeaning):
    """One row of the table."""

    codes: Codes = (None, None)
    proves_nothing_live: bool = False
    """Whether this response to the call that makes a post live proves that the call put nothing live."""


def row(
    codes: Codes,
    action: Action,
    sentence: str,
    advice: str = "",
    fails_as: FailureCode | None = None,
    *,
    proves_nothing_live: bool = False,
) -> Row:
    """Return a row for these codes. (None, None): something else than codes identifies the error."""
    return Row(action, sentence, advice, fails_as, codes=codes, proves_nothing_live=proves_nothing_live)


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


EXPIRED_CONTAINER: Final = row(
    (-2, 2207020),
    Action.RECREATE,
    "What was uploaded expired before it was published.",
    "Publish again later.",
    proves_nothing_live=True,
)
"""A container that was not published within 24 hours."""
OTHER_FILE: Final = "Publish again in a few minutes; if it happens again, replace the file."
"""Advice where media could not be processed, for a reason that may be temporary."""


def invalid_token(platform: str, subcode: int | None, why: str) -> Row:
    """Return the row for an access token that is not accepted; `why` completes the sentence."""
    sentence = f"{platform} no longer accepts this account's access: {why}."
    advice = "Connect the account again, then publish again."
    return row((190, subcode), Action.RECONNECT, sentence, advice, proves_nothing_live=True)


def bad_media(codes: Codes, sentence: str, advice: str) -> Row:
    """Return a row for media that the platform will never accept."""
    return row(codes, Action.REJECT, sentence, advice, FailureCode.MEDIA_REJECTED)


def _limit(platform: str, code: int, whose: str) -> Row:
    sentence = f"A limit is reached: {platform} accepts no more calls {whose} for now."
    return row((code, None), Action.THROTTLE, sentence, proves_nothing_live=True)


def graph_meanings(platform: str) -> tuple[Row, ...]:
    """Return the rows of the codes that mean the same on every platform behind Graph, with this platform's name."""
    return (
        row((-1, None), Action.RETRY, f"{platform} had an internal error."),
        row((1, None), Action.RETRY, f"{platform} had an unspecified internal error."),
        row((2, None), Action.RETRY, f"{platform} has a short outage."),
        _limit(platform, 4, "from this app"),
        row(
            (4, 2207051),
            Action.REJECT,
            f"{platform} blocked the post because it looks like spam to it.",
            f"Wait a day before the next post to this account, vary the content, and see in the {platform} app whether "
            "the account has a warning.",
        ),
        row(
            (PERMISSION, None),
            Action.REJECT,
            "The account did not give Presswork the permission that this needs.",
            "Connect it again and leave every permission ticked, then publish again.",
            fails_as=FailureCode.CREDENTIAL_INVALID,
            proves_nothing_live=True,
        ),
        _limit(platform, 17, "for this person"),
        _limit(platform, 32, "for this page"),
        row(
            (100, None),
            Action.REJECT,
            f"{platform} refused the request as invalid.",
            "Fix what it names, then publish again.",
        ),
        row((100, 33), Action.RETRY, f"{platform} does not return the requested object at the moment."),
        invalid_token(platform, None, "it has expired or was withdrawn"),
        invalid_token(platform, 458, "the person removed the app"),
        invalid_token(platform, 459, f"the person has to log in to {platform} and pass a check first"),
        invalid_token(platform, 460, "the password was changed"),
        invalid_token(platform, 463, "it has expired"),
        invalid_token(platform, 464, "the person's account is not confirmed"),
        invalid_token(platform, 467, "it is not valid any more"),
        invalid_token(platform, 492, "the person lost the role on the page that belongs to it"),
        row(
            (368, None),
            Action.THROTTLE,
            f"{platform} blocks what this account does, for some hours, because of its rules.",
            f"See in the {platform} app what it objects to; publish again when that is settled.",
            proves_nothing_live=True,
        ),
        _limit(platform, 613, "of this kind from this app"),
        _limit(platform, _ACCOUNT_LIMIT, "for this account"),
        row(
            (9004, 2207052), Action.RECREATE_LIMITED, f"{platform} could not fetch the media from Presswork.", REACHABLE
        ),
    )


class ErrorTable:
    """The errors of one platform."""

    def __init__(
        self,
        platform: str,
        rows: Sequence[Row],
        *,
        by_message: Mapping[str, Row] = MappingProxyType({}),
        unlisted: Mapping[str, Row] = MappingProxyType({}),
    ) -> None:
        """Store the platform's name, its own rows, which replace Graph's, the errors that only a phrase in lower case of
        their message identifies, and how errors without a row are read, by such phrases.
        """
        self._unlisted: Final = unlisted
        by_pair = {row.codes: row for row in (*graph_meanings(platform), *rows)}
        self._by_pair: Final = by_pair
        self._by_subcode: Final = {
            subcode: row
            for (_, subcode), row in by_pair.items()
            if subcode is not None and (row.codes[0] is None or subcode >= _FIRST_NAMING_SUBCODE)
        }
        self.rows: Final = tuple(by_pair.values())
        """Every documented code."""
        revoked = invalid_token(platform, None, "the person withdrew it or the session was ended")
        self._by_message: Final = {
            **by_message,
            "revoked_access_token": revoked,
            "session has been invalidated": revoked,
            "page request limit reached": by_pair[32, None],
        }
        self.unknown: Final = row(
            (None, None),
            Action.REJECT,
            "Presswork does not know this code and treats it as final.",
            f"Fix what {platform} names, then publish again.",
        )
        """Fallback for a code that is not documented."""

    def meaning_of(self, code: int, subcode: int | None, message: str = "") -> Row:
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
        return self._explained(
            self._by_pair.get((code, subcode))
            or (self._by_subcode.get(subcode) if subcode is not None else None)
            or self._by_pair.get((code, None))
            or next((meaning for phrase, meaning in self._unlisted.items() if phrase in message.lower()), self.unknown),
            message,
        )

    def meaning_of_subcode(self, subcode: int | None, message: str) -> Row:
        """Return the row for the error number in a container's status, and the status itself."""
        return self._explained(
            self.unknown if subcode is None else self._by_subcode.get(subcode, self.unknown), message
        )

    def _explained(self, meaning: Row, message: str) -> Row:
        """Return the row, with its own sentence where the message says that Meta's crawler was refused the media."""
        is_about_media = meaning.failure is FailureCode.MEDIA_REJECTED or meaning in (
            self.unknown,
            self._by_pair[100, None],
        )
        if not is_about_media or not _REFUSED_CRAWLER.search(message):
            return meaning
        return replace(meaning, sentence=_CRAWLER_SENTENCE, advice=_CRAWLER_ADVICE, fails_as=FailureCode.MEDIA_REJECTED)
