"""The account's own newest posts and replies, which show what became of a call whose response was lost.

A medium was uploaded for one post, so a post with it is the one; a text is compared with what X makes of it. What the list shows costs
money, so it begins shortly before the call.
Source: xdevplatform/docs (2026-08), "User posts timeline" and "Data dictionary", read 2026-11. How late a new post is listed is not
documented.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import JsonObject
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.port import Credentials
from presswork.platforms.x.api import Api, timeline
from presswork.platforms.x.text import is_shown_as

FIND: Final = "user_tweets"
_A_PAGE: Final = 100
_CLOCKS_DIFFER_BY: Final = timedelta(seconds=60)
FIELDS: Final = "created_at,text,author_id,attachments,referenced_tweets"


@dataclass(frozen=True, slots=True)
class OwnPosts:
    """What an account has posted since an instant."""

    posts: Sequence[JsonObject]
    is_cut: bool
    """Whether there is more than was read."""

    def find(self, post: Mapping[str, JsonValue]) -> JsonObject | None:
        """Return the post or reply that was sent with these fields, or None."""
        return next((shown for shown in self.posts if _is_it(shown, post)), None)


async def read_own(api: Api, account: Credentials, user_id: str, *, since: datetime, now: datetime) -> OwnPosts:
    """Read the posts and replies of an account since an instant, UTC. Raises TryLater, Rejected, CredentialInvalid."""
    params = {
        "max_results": str(_A_PAGE),
        "start_time": write_time(since - _CLOCKS_DIFFER_BY),
        "exclude": "retweets",
        "expansions": "attachments.media_keys",
        "tweet.fields": FIELDS,
    }
    body = await api.ask(account, "GET", timeline(user_id), params, step=FIND, now=now)
    return OwnPosts(items_of(body, "data"), is_cut=text_of(part_of(body, "meta").get("next_token")) is not None)


def write_time(at: datetime) -> str:
    """Return an instant as X reads it: UTC, in whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def replied_to(shown: JsonObject) -> str | None:
    """Return the id of the post that a shown one replies to."""
    referenced = items_of(shown, "referenced_tweets")
    return next((text_of(one.get("id")) for one in referenced if one.get("type") == "replied_to"), None)


def _is_it(shown: JsonObject, post: Mapping[str, JsonValue]) -> bool:
    media_ids = part_of(post, "media").get("media_ids")
    if isinstance(media_ids, list):
        keys = part_of(shown, "attachments").get("media_keys")
        # A media key is the id of the upload after a prefix.
        shown_ids = [str(key).rpartition("_")[2] for key in keys] if isinstance(keys, list) else []
        return any(media_id in shown_ids for media_id in media_ids)
    text, sent = text_of(shown.get("text")), text_of(post.get("text"))
    is_reply_to_same = replied_to(shown) == part_of(post, "reply").get("in_reply_to_tweet_id")
    return is_reply_to_same and text is not None and sent is not None and is_shown_as(text, sent)
