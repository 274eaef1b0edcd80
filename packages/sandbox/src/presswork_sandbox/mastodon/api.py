"""The API of a server: what each call answers once it is known who calls.

Source: mastodon/documentation, methods and entities (2026-07).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.mastodon.errors import MastodonError, invalid
from presswork_sandbox.mastodon.facts import ACCOUNT_ID_STEP, FACTS
from presswork_sandbox.mastodon.media import Attachment, Media, describe, require_media
from presswork_sandbox.mastodon.metrics import METRICS
from presswork_sandbox.mastodon.oauth import Apps
from presswork_sandbox.mastodon.rules import ServerRules
from presswork_sandbox.mastodon.statuses import DEFAULT_LANGUAGE, Status, Statuses, read_id, sent_with
from presswork_sandbox.mastodon.text import html_of
from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, json_reply, text_of

DEFAULT_LIMIT: Final = 20
MAX_LIMIT: Final = 40
NOTIFICATION_LIMITS: Final = (40, 80)  # default and greatest
ACCEPTED: Final = 202
PARTIAL: Final = 206
FOLLOWING: Final = 80
"""How many accounts each account here follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class APICall:
    """A call of the API."""

    call: Call
    host: str
    rules: ServerRules
    key: str  # what its path names
    params: Mapping[str, JSONValue]
    viewer: Account | None  # None without a token
    client_id: str

    @property
    def caller(self) -> Account:
        """The account of the token. Raises MastodonError without one."""
        if self.viewer is None:
            raise MastodonError(401)
        return self.viewer


def _offset_of(host: str) -> int:
    return crc32(host.encode()) % ACCOUNT_ID_STEP


def account_id_at(host: str, account: Account) -> str:
    """Return the id that an account has at a server: another one at each."""
    return str(int(account.user_id) + _offset_of(host))


class API:
    """Answer calls by their operation."""

    def __init__(self, sandbox: Sandbox, apps: Apps, media: Media, statuses: Statuses) -> None:
        self._sandbox = sandbox
        self._apps = apps
        self._media = media
        self._statuses = statuses
        self.operations: Final[Mapping[str, Callable[[APICall], Reply]]] = {
            "verify_credentials": self._verify_credentials,
            "account": self._show_account,
            "account_statuses": self._list_statuses,
            "media_status": self._show_media,
            "media_update": self._update_media,
            "statuses": self._create,
            "status": self._show_status,
            "status_source": self._show_source,
            "context": self._show_context,
            "status_update": self._edit,
            "status_delete": self._delete,
            "favourite": self._favourite,
            "unfavourite": self._unfavourite,
            "notifications": self._list_notifications,
        }
        """All but `media`, which reads its own body."""

    # Media

    def find_media(self, host: str, account: Account, media_id: str) -> Attachment | None:
        """Find a file of an account that no post has."""
        return self._media.find(host, account, media_id)

    async def upload(self, call: APICall) -> Reply:
        """POST /api/v2/media: 200 for a file that is ready, 202 for one that is processed."""
        attachment = await self._media.receive(call.call, call.rules, call.host, call.caller)
        is_processing = self._media.is_processing(attachment)
        return json_reply(self._describe_media(call, attachment.id), ACCEPTED if is_processing else 200)

    def _show_media(self, call: APICall) -> Reply:
        """GET /api/v1/media/{id}: 206 while the file is processed."""
        attachment = require_media(self._media.find(call.host, call.caller, call.key))
        is_processing = self._media.is_processing(self._media.poll(call.call, attachment))
        return json_reply(self._describe_media(call, attachment.id), PARTIAL if is_processing else 200)

    def _update_media(self, call: APICall) -> Reply:
        attachment = require_media(self._media.find(call.host, call.caller, call.key))
        self._media.update(call.rules, attachment, call.params)
        return json_reply(self._describe_media(call, attachment.id))

    def _describe_media(self, call: APICall, number: int) -> JSONValue:
        [shown] = self._describe_all_media(call, [number])
        return shown

    def _describe_all_media(self, call: APICall, numbers: Sequence[int]) -> list[JSONValue]:
        base, shown = base_url(call.call.request, "media/poster"), list[JSONValue]()
        for one in self._media.of_ids(numbers):
            asset = self._sandbox.media_store.asset(one.asset_id)
            if asset is not None:
                shown.append(describe(one, asset, base, is_processing=self._media.is_processing(one)))
        return shown

    # Accounts

    def _verify_credentials(self, call: APICall) -> Reply:
        account = call.caller
        source: dict[str, JSONValue] = {
            "privacy": "public",
            "sensitive": False,
            "language": DEFAULT_LANGUAGE,
            "note": "",
            "fields": [],
            "follow_requests_count": 0,
        }
        return json_reply({**self._describe_account(call, account), "source": source})

    def _show_account(self, call: APICall) -> Reply:
        return json_reply(self._describe_account(call, self._require_account(call)))

    def _require_account(self, call: APICall) -> Account:
        account = self._sandbox.accounts.by_user_id(FACTS.name, str(int(call.key) - _offset_of(call.host)))
        if account is None:
            raise MastodonError(404)
        return account

    def _describe_account(self, call: APICall, account: Account) -> Mapping[str, JSONValue]:
        host = call.host
        avatar = base_url(call.call.request, f"media/avatar/{account.handle}.svg")
        return {
            "id": account_id_at(host, account),
            "username": account.handle,
            "acct": account.handle,
            "display_name": account.display_name,
            "locked": False,
            "bot": False,
            "discoverable": True,
            "group": False,
            "created_at": iso(account.created_at)[:10] + "T00:00:00.000Z",
            "note": "",
            "url": f"https://{host}/@{account.handle}",
            "uri": f"https://{host}/users/{account.handle}",
            "avatar": avatar,
            "avatar_static": avatar,
            "header": avatar,
            "header_static": avatar,
            "followers_count": self._sandbox.numbers.followers(account),
            "following_count": FOLLOWING,
            "statuses_count": self._statuses.count(host, account),
            "last_status_at": None,
            "emojis": [],
            "fields": [],
        }

    # Posts

    def _create(self, call: APICall) -> Reply:
        """POST /api/v1/statuses. A key that was sent before answers with the post of then."""
        status = self._statuses.create(
            call.rules,
            call.host,
            call.caller,
            sent_with(call.params),
            client_id=call.client_id,
            key=call.call.request.headers.get("idempotency-key", ""),
        )
        return json_reply(self._describe(call, status))

    def _find(self, call: APICall) -> Status:
        """Return the post that a path names, if the caller sees it. Raises MastodonError."""
        status = self._statuses.find(call.host, call.key)
        if status is None or not status.is_seen_by(call.viewer):
            raise MastodonError(404)
        return status

    def _find_own(self, call: APICall) -> Status:
        status = self._find(call)
        if status.account_id != call.caller.id:
            raise MastodonError(404)
        return status

    def _show_status(self, call: APICall) -> Reply:
        return json_reply(self._describe(call, self._find(call)))

    def _show_source(self, call: APICall) -> Reply:
        status = self._find_own(call)
        return json_reply({"id": str(status.id), "text": status.text, "spoiler_text": status.warning})

    def _show_context(self, call: APICall) -> Reply:
        status = self._find(call)
        above, below = self._statuses.ancestors(status), self._statuses.descendants(status)
        return json_reply(
            {
                name: [self._describe(call, one) for one in found if one.is_seen_by(call.viewer)]
                for name, found in (("ancestors", above), ("descendants", below))
            }
        )

    def _list_statuses(self, call: APICall) -> Reply:
        account, query = self._require_account(call), call.params
        limit = _read_limit(query, DEFAULT_LIMIT, MAX_LIMIT)
        found = self._statuses.of_account(
            call.host,
            account,
            max_id=read_id(text_of(query.get("max_id"))),
            since_id=read_id(text_of(query.get("since_id") or query.get("min_id"))),
            with_replies=not flag_of(query.get("exclude_replies")),
            limit=limit,
        )
        seen = [one for one in found if one.is_seen_by(call.viewer)]
        return self._page(call, [self._describe(call, one) for one in seen], [one.id for one in found], limit)

    def _page(self, call: APICall, items: list[JSONValue], numbers: Sequence[int], limit: int) -> Reply:
        """Return a list with the URLs of its neighbors in the header Link."""
        url = f"{base_url(call.call.request, call.host)}{call.call.path}"
        links = [f'<{url}?limit={limit}&min_id={numbers[0]}>; rel="prev"'] if numbers else []
        if len(numbers) == limit:
            links.insert(0, f'<{url}?limit={limit}&max_id={numbers[-1]}>; rel="next"')
        return json_reply(items, headers={"Link": ", ".join(links)} if links else {})

    def _edit(self, call: APICall) -> Reply:
        status = self._statuses.edit(call.rules, self._find_own(call), call.caller, sent_with(call.params))
        return json_reply(self._describe(call, status))

    def _delete(self, call: APICall) -> Reply:
        """DELETE /api/v1/statuses/{id}: the answer has the text, so that a client can write it again."""
        status = self._find_own(call)
        shown = {**self._describe(call, status), "text": status.text}
        with self._sandbox.store.transaction():
            self._statuses.remove(status)
        return json_reply(shown)

    def _favourite(self, call: APICall) -> Reply:
        return self._set_favourite(call, is_on=True)

    def _unfavourite(self, call: APICall) -> Reply:
        return self._set_favourite(call, is_on=False)

    def _set_favourite(self, call: APICall, *, is_on: bool) -> Reply:
        status, caller, sandbox = self._find(call), call.caller, self._sandbox
        post = sandbox.posts.by_external_id(FACTS.name, str(status.id))
        comment = sandbox.comments.find(FACTS.name, str(status.id))
        with sandbox.store.transaction():
            if post is not None and is_on:
                sandbox.posts.like(post, caller.id, sandbox.clock.now())
            elif post is not None:
                sandbox.posts.unlike(post, caller.id)
            if comment is not None and is_on:
                sandbox.comments.like(comment, caller.id, sandbox.clock.now())
            elif comment is not None:
                sandbox.comments.unlike(comment, caller.id)
        return json_reply(self._describe(call, status))

    def _describe(self, call: APICall, status: Status) -> dict[str, JSONValue]:
        author = self._sandbox.accounts.by_id(status.account_id)
        parent = None if status.parent_id is None else self._statuses.at(status.parent_id)
        parent_author = None if parent is None else self._sandbox.accounts.by_id(parent.account_id)
        if author is None:
            raise MastodonError(404)
        return {
            "id": str(status.id),
            "created_at": iso(status.created_at),
            "in_reply_to_id": None if status.parent_id is None else str(status.parent_id),
            "in_reply_to_account_id": None if parent_author is None else account_id_at(status.host, parent_author),
            "sensitive": status.is_sensitive,
            "spoiler_text": status.warning,
            "visibility": status.visibility,
            "language": text_of(status.params.get("language")) or DEFAULT_LANGUAGE,
            "uri": f"https://{status.host}/users/{status.handle}/statuses/{status.id}",
            "url": status.url,
            **self._count(status),
            "edited_at": None if status.edited_at is None else iso(status.edited_at),
            "content": html_of(status.text),
            "reblog": None,
            "application": self._apps.describe(status.client_id) if status.client_id else None,
            "account": self._describe_account(call, author),
            "media_attachments": self._describe_all_media(call, status.media_ids),
            "mentions": [],
            "tags": [],
            "emojis": [],
            "card": None,
            "poll": None,
        }

    def _count(self, status: Status) -> Mapping[str, JSONValue]:
        """Return the counters of a post: its direct replies, and favourites by the API beside what has grown."""
        sandbox = self._sandbox
        post = sandbox.posts.by_external_id(FACTS.name, str(status.id))
        comment = sandbox.comments.find(FACTS.name, str(status.id))
        counts: dict[Quantity, int] = {} if post is None else dict(sandbox.numbers.counts(post))
        if comment is not None:
            counts[Quantity.LIKES] = sandbox.comments.like_count(comment)
        counts[Quantity.COMMENTS] = len(self._statuses.replies(status))
        removed = sandbox.numbers.removed(FACTS.name)
        return {name: counts.get(quantity, 0) for name, quantity in METRICS.items() if name not in removed}

    def _list_notifications(self, call: APICall) -> Reply:
        """GET /api/v1/notifications: what others replied, as mentions; the sandbox has no other kind."""
        wanted, excluded = (call.params.get(name) for name in ("types[]", "exclude_types[]"))
        limit = _read_limit(call.params, *NOTIFICATION_LIMITS)
        is_wanted = wanted is None or (isinstance(wanted, list) and "mention" in wanted)
        if not is_wanted or (isinstance(excluded, list) and "mention" in excluded):
            return json_reply([])
        before = read_id(text_of(call.params.get("max_id")))
        found = self._statuses.mentions(call.host, call.caller, before, limit)
        shown: list[JSONValue] = []
        for status in found:
            described = self._describe(call, status)
            shown.append(
                {
                    "id": str(status.id),
                    "type": "mention",
                    "group_key": f"ungrouped-{status.id}",
                    "created_at": described["created_at"],
                    "account": described["account"],
                    "status": described,
                }
            )
        return self._page(call, shown, [one.id for one in found], limit)


def _read_limit(query: Mapping[str, JSONValue], default: int, max_count: int) -> int:
    """Return `limit` of a list; one that is too great is cut. Raises MastodonError."""
    text = text_of(query.get("limit")) or str(default)
    if not (text.isascii() and text.isdigit()):
        raise invalid("Limit is not a number")
    return min(max(1, int(text[:6])), max_count)
