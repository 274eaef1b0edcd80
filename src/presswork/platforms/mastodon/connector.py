"""Publishing on Mastodon: prepare, make live once, look up, locate, comment, change, take down.

Each post has an Idempotency-Key, which a server keeps for an hour: the same call again answers with the first post. After that, files are
the guard, since a file belongs to one post; a text alone is then only looked for.
Source: mastodon/documentation, methods/statuses (2026-07); mastodon/mastodon, app/services/post_status_service.rb, read 2026-12.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import Action, ApiError, JsonObject, UnreadableResponse, refusal
from presswork.platforms.errors import OutcomeUnknown, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.json_values import instant_of, items_of, text_of
from presswork.platforms.mastodon import insights
from presswork.platforms.mastodon.api import STATUSES, Api, status
from presswork.platforms.mastodon.comments import MastodonComments, has_own_reply
from presswork.platforms.mastodon.error_mapping import MASTODON, MEDIA_GONE, NOT_FOUND
from presswork.platforms.mastodon.prepare import PUBLISH, Preparation, Progress, list_own
from presswork.platforms.mastodon.rules import check
from presswork.platforms.mastodon.text import is_shown_as
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    Credentials,
    Draft,
    Job,
    LiveEdit,
    Located,
    Present,
    RetryPolicy,
    TargetAccount,
    Validator,
)

SEE: Final = "status"
EDIT: Final = "status_update"
DELETE: Final = "status_delete"
KEY_LASTS: Final = timedelta(minutes=55)
"""How long a call is repeated with the same key, which servers keep for an hour."""
_A_READ: Final = 40
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)
_unknown: Final = partial(MASTODON.publish_unknown, step=PUBLISH)


class MastodonConnector(MastodonComments):
    """The port's `Connector` for Mastodon."""

    can_comment: Final = True

    def __init__(self, api: Api, retry_policy: RetryPolicy) -> None:
        """Store the API client and the waits."""
        super().__init__(api)
        self._retry_policy: Final = retry_policy

    def check(self, draft: Draft) -> Findings:
        """Check a post against what every server has in common."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  its server is known by its token
        """Fetch the limits of the account's server. Raises CredentialInvalid, TryLater."""
        return (await self._api.limits_of(credentials)).check

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the media and wait until they are processed. Raises Rejected, TryLater, CredentialInvalid."""
        return await Preparation(self._api, self._retry_policy, job).run()

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present:
        """Create the post with its key. See the port for the errors."""
        headers = {"Idempotency-Key": str(prepared["key"])}
        with MASTODON.lost(step=PUBLISH, unknown=_unknown):
            _, response = await self._api.send(
                job, "POST", STATUSES, step=PUBLISH, body=prepared["status"], headers=headers
            )
        if isinstance(response, UnreadableResponse):
            raise _unknown("its response was unreadable")
        if not isinstance(response, ApiError):
            return _report(response)
        if response.meaning is MEDIA_GONE:
            await replace(Progress.load(job.state), is_taken=True).save(job)
        if not response.proves_nothing_changed or response.meaning.action is Action.LOOK:
            raise _unknown(f"it answered HTTP {response.status}", response)
        raise refusal(response, step=PUBLISH, now=job.now())

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Absent | Ambiguous:
        """Look for the post among the account's newest. Raises TryLater, Rejected, CredentialInvalid."""
        newest = prepared["newest"]
        posts = await list_own(self._api, job, limit=_A_READ, since=newest if isinstance(newest, str) else None)
        found = [post for post in posts if _is_it(post, prepared)]
        if len(found) == 1:
            return _report(found[0])
        if found:
            return Ambiguous(message="The account has several posts like this one.")
        if len(posts) == _A_READ and not _is_older(posts[-1], job.live_call_at):
            return Ambiguous(
                message=f"The account has more than {_A_READ} newer posts, and it may be among the others."
            )
        message = "The account's server does not list the post."
        if Progress.load(job.state).is_taken:
            again = TryLater(f"{message} It refused the uploaded media.", step=PUBLISH, starts_over=True)
            lost = Progress(keep_lost=Progress.load(job.state).keep_lost + 1)
            return Absent(message=message, evidence="media", instead=again, changes=lost.as_state())
        if newest is None or job.now() - _prepared_at(prepared) < KEY_LASTS:
            return Absent(message=message)
        late = f"{message} Its key is too old to repeat the call."
        return Absent(message=message, evidence="key", instead=OutcomeUnknown(late, step=PUBLISH))

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the post's address. Raises TryLater, Rejected, CredentialInvalid."""
        if external_id is None:
            seen = await self.look_up(job, prepared)
            if not isinstance(seen, Present):
                return Located(external_id=None, external_url=None)
            return Located(external_id=seen.external_id, external_url=seen.external_url)
        shown = await self._api.ask(job, "GET", status(external_id), step=SEE, now=job.now())
        return Located(external_id=external_id, external_url=text_of(shown.get("url")))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment: a reply by the account, with a key of its own. Raises TryLater, Rejected, CredentialInvalid,
        OutcomeUnknown.
        """
        if may_be_there and await has_own_reply(self._api, job, external_id, text):
            return
        unknown = partial(MASTODON.comment_unknown, step=PUBLISH)
        shown = await self._api.ask(job, "GET", status(external_id), step=SEE, now=job.now())
        with MASTODON.lost(step=PUBLISH, unknown=unknown):
            _, response = await self._api.send(
                job,
                "POST",
                STATUSES,
                step=PUBLISH,
                body={"status": text, "in_reply_to_id": external_id, "visibility": shown.get("visibility")},
                headers={"Idempotency-Key": f"{job.post_id}-comment"},
            )
        if isinstance(response, UnreadableResponse):
            raise unknown("its response was unreadable")
        if isinstance(response, ApiError):
            if not response.proves_nothing_changed:
                raise unknown(f"it answered HTTP {response.status}", response)
            raise MASTODON.as_comment(refusal(response, step=PUBLISH, now=job.now()))

    async def see_live(self, job: Job, external_id: str) -> Present | Absent:
        """Read the post, or the part of a thread. Raises TryLater, Rejected, CredentialInvalid."""
        with MASTODON.changing_live(None):
            shown = await self._read_live(job, external_id)
        if shown is None:
            return Absent(message="The account's server does not have the post, and accepts the account's access.")
        return _report(shown)

    async def _read_live(self, job: Job, external_id: str) -> JsonObject | None:
        """Return a post, None where it is gone: with a token that is not accepted, the answer is another."""
        with MASTODON.lost(step=SEE):
            _, response = await self._api.send(job, "GET", status(external_id), step=SEE)
        if isinstance(response, ApiError) and response.meaning is NOT_FOUND:
            return None
        return MASTODON.object_of(response, step=SEE, now=job.now())

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the post, or the part of a thread. Raises TryLater, Rejected, CredentialInvalid."""
        with MASTODON.changing_live(None):
            with MASTODON.lost(step=DELETE):
                _, response = await self._api.send(job, "DELETE", status(external_id), step=DELETE)
            if not (isinstance(response, ApiError) and response.meaning is NOT_FOUND):
                MASTODON.object_of(response, step=DELETE, now=job.now())

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change the text: what else the post has is sent again, since the server removes what is left out. Raises as `take_down`."""
        with MASTODON.changing_live("Edit"):
            shown = await self._read_live(job, external_id)
            if shown is None:
                raise Rejected("The account's server does not have the post any more.", step=EDIT)
            body: dict[str, JsonValue] = {
                "status": edit.caption,
                "media_ids": [one.get("id") for one in items_of(shown, "media_attachments")],
                **{name: shown.get(name) for name in ("spoiler_text", "sensitive", "language")},
            }
            await self._api.ask(job, "PUT", status(external_id), step=EDIT, now=job.now(), body=body)

    async def read_posts(
        self,
        access: AccountAccess,
        posts: Sequence[LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  Mastodon removes none
    ) -> PostsRead:
        """Read the counts of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_posts(self._api, access, posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:  # noqa: ARG002  the port's
        """Read the account's followers: servers have no numbers by day. Raises TryLater, CredentialInvalid, Rejected."""
        return await insights.read_account(self._api, access)


def _report(shown: JsonObject) -> Present:
    """Return where a post is that a server shows. Raises OutcomeUnknown where it does not say so."""
    status_id = text_of(shown.get("id"))
    if status_id is None:
        raise _unknown("its response names no post")
    return Present(external_id=status_id, external_url=text_of(shown.get("url")))


def _is_it(post: JsonObject, prepared: Mapping[str, JsonValue]) -> bool:
    """Whether a listed post is the prepared one: a file belongs to one post; without any, by its text and what it answers."""
    sent = prepared["status"]
    fields = sent if isinstance(sent, dict) else {}
    media_ids = fields.get("media_ids")
    if isinstance(media_ids, list):
        return any(one.get("id") in media_ids for one in items_of(post, "media_attachments"))
    content, text = post.get("content"), fields.get("status")
    is_same = isinstance(content, str) and isinstance(text, str) and is_shown_as(content, text)
    return is_same and post.get("in_reply_to_id") == fields.get("in_reply_to_id")


def _is_older(post: JsonObject, called_at: datetime | None) -> bool:
    created_at = instant_of(post.get("created_at"))
    return created_at is not None and called_at is not None and created_at < called_at - _CLOCKS_DIFFER_BY


def _prepared_at(prepared: Mapping[str, JsonValue]) -> datetime:
    return datetime.fromisoformat(str(prepared["preparedAt"]))
