"""The call that makes a post or reply live, the quotas that guard it, and deletion.

Source: Meta, "Threads API: Publishing", "Overview" (rate limits) and "Delete Posts", read 2026-11.
"""

import json
from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.posts import shortcode_of
from presswork_sandbox.threads.containers import Container, Containers
from presswork_sandbox.threads.errors import PARAMETER, QUOTA_EXCEEDED, media_not_found
from presswork_sandbox.threads.options import kind_of
from presswork_sandbox.threads.published import Media, Published, permalink
from presswork_sandbox.wire import JSONValue, Reply, flag_of, json_reply, text_of

MEDIA_IDS: Final = 18_090_000_000_000_000
POSTS_PER_DAY: Final = 250
REPLIES_PER_DAY: Final = 1000
DELETIONS_PER_DAY: Final = 100
LOCATION_SEARCHES_PER_DAY: Final = 500
DELETION: Final = "threads_delete"  # in the table of hits


def new_media(sandbox: Sandbox) -> tuple[str, str]:
    """Return id and shortcode for one more post or reply; shortcodes are shared with Instagram, so none repeats."""
    number = sandbox.store.next_number("media")
    return str(MEDIA_IDS + number * 10_009), shortcode_of(number)


def _setting(account: Account, name: str, default: int) -> int:
    value = account.settings.get(name)
    return value if isinstance(value, int) else default


class Publishing:
    """Publish containers, count quotas and delete posts. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, containers: Containers, published: Published) -> None:
        self._sandbox = sandbox
        self._containers = containers
        self._published = published

    def publish(self, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """POST /{user-id}/threads_publish: one post, in one transaction with its container's end.

        What the real API answers to a second publish of a container is not documented; here it is as for one that expired.
        """
        creation_id = text_of(params.get("creation_id"))
        if not creation_id:
            raise GraphRefusal(PARAMETER.about("(#100) The parameter creation_id is required"))
        with self._sandbox.store.transaction():
            container = self._containers.of_account(account, creation_id)
            if container is None:
                raise GraphRefusal(media_not_found(creation_id))
            if container.is_child:
                raise GraphRefusal(PARAMETER.about("(#100) A carousel item can't be published by itself"))
            if self._containers.status(container) != "FINISHED":
                raise GraphRefusal(media_not_found(creation_id))
            return self.go_live(account, container)

    def go_live(self, account: Account, container: Container) -> Reply:
        """Make a container's post or reply live, if the quota allows one more."""
        store, now = self._sandbox.store, self._sandbox.clock.now()
        is_reply = bool(container.params.get("reply_to_id"))
        usage = self.reply_usage(account) if is_reply else self.post_usage(account)
        if usage >= (_reply_quota(account) if is_reply else _post_quota(account)):
            raise GraphRefusal(QUOTA_EXCEEDED)
        asset_ids = [part.asset_id for part in self._containers.parts(container) if part.asset_id is not None]
        with store.transaction():
            media_id, shortcode = new_media(self._sandbox)
            if is_reply:
                self._published.add_reply(int(media_id), shortcode, account, container.params, asset_ids, now)
            else:
                self._sandbox.posts.add(
                    "threads",
                    account.id,
                    kind=kind_of(container.params),
                    external_id=media_id,
                    shortcode=shortcode,
                    url=permalink(account.handle, shortcode),
                    caption=container.text,
                    params=container.params,
                    asset_ids=asset_ids,
                    now=now,
                )
            store.run(
                "UPDATE threads_containers SET state = 'published', media_id = ? WHERE id = ?", media_id, container.id
            )
            store.run(
                "UPDATE threads_containers SET state = 'published' WHERE id IN (SELECT value FROM json_each(?))",
                json.dumps(container.children),
            )
        shared = flag_of(container.params.get("crossreshare_to_ig"))
        return json_reply({"id": media_id} | ({"crossreshare_to_ig_status": "SUCCESS"} if shared else {}))

    def post_usage(self, account: Account) -> int:
        """Return how many posts went live in the last 24 hours, deleted ones included; a carousel is one."""
        return self._sandbox.posts.count_since(account.id, self._sandbox.clock.now() - DAY)

    def reply_usage(self, account: Account) -> int:
        """Return how many replies went live in the last 24 hours."""
        return self._published.count_replies(account, self._sandbox.clock.now() - DAY)

    def _deletions(self, account: Account) -> int:
        sql = "SELECT count(*) AS n FROM hits WHERE account_id = ? AND operation = ? AND at > ?"
        since = self._sandbox.clock.now() - DAY
        return int(self._sandbox.store.one(sql, account.id, DELETION, since)["n"])

    def delete(self, account: Account, media: Media) -> Reply:
        """DELETE /{media-id}: takes a post or reply of the account down, 100 in 24 hours."""
        if self._deletions(account) >= DELETIONS_PER_DAY:
            raise GraphRefusal(QUOTA_EXCEEDED)
        now = self._sandbox.clock.now()
        with self._sandbox.store.transaction():
            self._published.remove(media, now)
            self._sandbox.store.insert("hits", account_id=account.id, operation=DELETION, at=now)
        return json_reply({"success": True, "deleted_id": media.id})

    def limits(self, account: Account) -> Mapping[str, JSONValue]:
        """Return what GET /{user-id}/threads_publishing_limit knows, by field."""

        def config(total: int) -> JSONValue:
            return {"quota_total": total, "quota_duration": int(DAY)}

        return {
            "quota_usage": self.post_usage(account),
            "config": config(_post_quota(account)),
            "reply_quota_usage": self.reply_usage(account),
            "reply_config": config(_reply_quota(account)),
            "delete_quota_usage": self._deletions(account),
            "delete_config": config(DELETIONS_PER_DAY),
            "location_search_quota_usage": 0,
            "location_search_config": config(LOCATION_SEARCHES_PER_DAY),
        }


def _post_quota(account: Account) -> int:
    return _setting(account, "quotaTotal", POSTS_PER_DAY)


def _reply_quota(account: Account) -> int:
    return _setting(account, "replyQuotaTotal", REPLIES_PER_DAY)
