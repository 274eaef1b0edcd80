"""Publishing on Pinterest: prepare, make live once, look up, locate, change, take down. There are no comments.

The call has no key, and Pinterest accepts the same Pin twice, so a lost response is answered by the list of the account's newest Pins:
by the mark in the Pin's link, or, of a Pin without one, by its texts and its time.
Source: pinterest/api-description 5.23.0 (2025-12), `pins`, read 2026-12.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import ApiError, JsonObject, UnreadableResponse, refusal
from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.findings import Findings
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.json_values import text_of
from presswork.platforms.pinterest import insights
from presswork.platforms.pinterest.api import MAX_BOARDS, PINS, Api, pin
from presswork.platforms.pinterest.error_mapping import NOT_FOUND, PINTEREST, UNREACHABLE
from presswork.platforms.pinterest.prepare import Preparation, forget_media, list_pins
from presswork.platforms.pinterest.rules import check, check_board
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    Board,
    Credentials,
    Draft,
    Job,
    LiveEdit,
    Located,
    Present,
    TargetAccount,
    Validator,
)

PUBLISH: Final = "pins"
SEE: Final = "pin"
EDIT: Final = "pin_update"
DELETE: Final = "pin_delete"
_NO_CONTENT: Final = 204
_CLOCKS_DIFFER_BY: Final = timedelta(seconds=60)
_TEXTS: Final = ("title", "description", "link")
"""What a listed Pin shows as it was sent."""
_unknown: Final = partial(PINTEREST.publish_unknown, step=PUBLISH)


class PinterestConnector:
    """The port's `Connector` for Pinterest."""

    can_comment: Final = False

    def __init__(self, api: Api) -> None:
        """Store the API client."""
        self._api: Final = api

    def check(self, draft: Draft) -> Findings:
        """Check a post against Pinterest's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Fetch the account's boards. Raises Rejected, CredentialInvalid, TryLater."""
        boards, more = await self.fetch_boards(account, credentials, limit=MAX_BOARDS, cursor=None)
        return (lambda draft: check_board(draft, boards)) if more is None else (lambda _draft: Findings())

    async def fetch_boards(
        self,
        account: TargetAccount,  # noqa: ARG002  the token says whose
        credentials: Credentials,
        *,
        limit: int,
        cursor: str | None,
    ) -> tuple[Sequence[Board], str | None]:
        """Fetch some of the account's boards. Raises Rejected, CredentialInvalid, TryLater."""
        return await self._api.list_boards(credentials, limit=limit, cursor=cursor)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the video, and note the account's newest Pins. Raises Rejected, TryLater, CredentialInvalid."""
        return await Preparation(self._api, job).run()

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present:
        """Create the Pin, in one call that has no key. See the port for the errors."""
        with PINTEREST.lost(step=PUBLISH, unknown=_unknown):
            _, response = await self._api.send(job, "POST", PINS, step=PUBLISH, body=prepared["pin"])
        if isinstance(response, UnreadableResponse):
            raise _unknown("its response was unreadable")
        if not isinstance(response, ApiError):
            return self._report(response)
        if not response.proves_nothing_changed:
            raise _unknown(f"it answered HTTP {response.status}", response)
        if response.meaning is UNREACHABLE:
            await forget_media(job)
        raise refusal(response, step=PUBLISH, now=job.now())

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Absent | Ambiguous:
        """Look for the Pin among the account's newest. Raises TryLater, Rejected, CredentialInvalid."""
        since = (job.live_call_at or job.now()) - _CLOCKS_DIFFER_BY
        pins, has_more = await list_pins(self._api, job)
        found = [one for one in pins if _is_it(one, prepared, since)]
        if len(found) > 1:
            return Ambiguous(
                message=f"{len(found)} Pins of the account may be this one, and nothing distinguishes them."
            )
        if found and await _may_be_another(job, found[0], since):
            return Ambiguous(message="The account has such a Pin, which may also be that of the post before.")
        if found:
            return self._report(found[0])
        if has_more and pins and not _is_older(pins[-1], since):
            return Ambiguous(
                message=f"The account has more than {len(pins)} newer Pins, and the list ends before this one."
            )
        return Absent(message="The account does not list the Pin.")

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the Pin's address, which its id makes. Raises as `look_up`."""
        seen = await self.look_up(job, prepared) if external_id is None else None
        pin_id = seen.external_id if isinstance(seen, Present) else external_id
        return Located(external_id=pin_id, external_url=None if pin_id is None else self._api.endpoints.pin(pin_id))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:  # noqa: ARG002  the port's
        """Refuse it: Pinterest's API has no comments."""
        raise Rejected(
            "Pinterest's API has no comments.",
            advice="Write this comment manually on Pinterest.",
            step="comment",
            failure=FailureCode.PLATFORM_REJECTED,
        )

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the Pin. Raises TryLater, Rejected, CredentialInvalid."""
        with PINTEREST.changing_live(None), PINTEREST.lost(step=SEE):
            _, response = await self._api.send(job, "GET", pin(external_id), step=SEE)
            if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
                return Absent(message="Pinterest does not have the Pin, and accepts the account's access.")
            return self._report(PINTEREST.object_of(response, step=SEE, now=job.now()))

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the Pin. Raises TryLater, Rejected, CredentialInvalid."""
        with PINTEREST.changing_live(None), PINTEREST.lost(step=DELETE):
            reply, response = await self._api.send(job, "DELETE", pin(external_id), step=DELETE)
            is_gone = isinstance(response, ApiError) and response.meaning is NOT_FOUND
            if reply.status != _NO_CONTENT and not is_gone:
                PINTEREST.object_of(response, step=DELETE, now=job.now())

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change the title or the description: what is not sent stays. Raises as `take_down`."""
        changes = {"title": edit.title, "description": edit.caption}
        body: dict[str, JsonValue] = {name: text for name, text in changes.items() if text is not None}
        with PINTEREST.changing_live("Edit"):
            await self._api.ask(job, "PATCH", pin(external_id), step=EDIT, now=job.now(), body=body)

    async def read_posts(
        self,
        access: AccountAccess,
        posts: Sequence[LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  one call has all numbers
    ) -> PostsRead:
        """Read the numbers of Pins. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_posts(self._api, access, posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:  # noqa: ARG002  the port's
        """Read the account's followers. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._api, access)

    def _report(self, shown: JsonObject) -> Present:
        """Return where a Pin is that Pinterest shows. Raises OutcomeUnknown where it does not say so."""
        pin_id = text_of(shown.get("id"))
        if pin_id is None:
            raise _unknown("its response names no Pin")
        return Present(external_id=pin_id, external_url=self._api.endpoints.pin(pin_id))


def _is_it(shown: JsonObject, prepared: Mapping[str, JsonValue], since: datetime) -> bool:
    """Whether a listed Pin, which did not exist before, can be the prepared one."""
    sent, known = prepared["pin"], prepared["known"]
    if not isinstance(sent, dict) or (isinstance(known, list) and shown.get("id") in known):
        return False
    pairs = [(text_of(shown.get(name)) or "", text_of(sent.get(name)) or "") for name in _TEXTS]
    return all(is_same_text(*pair) for pair in pairs) and not _is_older(shown, since)


async def _may_be_another(job: Job, found: JsonObject, since: datetime) -> bool:
    """Whether a Pin may be that of another post of the account: one that went live just before, which the list did not show yet."""
    created_at, called_at = _read_time(found), job.live_call_at
    if "#pw-" in (text_of(found.get("link")) or "") or created_at is None or called_at is None:
        return False
    return created_at < called_at.replace(microsecond=0) and bool(await job.published_since(since))


def _is_older(shown: JsonObject, since: datetime) -> bool:
    created_at = _read_time(shown)
    return created_at is not None and created_at < since


def _read_time(shown: JsonObject) -> datetime | None:
    """Return when a Pin was created, in whole seconds: the API's times are UTC and do not say so."""
    try:
        at = datetime.fromisoformat(text_of(shown.get("created_at")) or "")
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
