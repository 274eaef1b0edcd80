"""What Instagram sends about comments, and the calls by which apps subscribe to accounts.

Source: Meta, "Webhooks for Instagram" and "Subscribed Apps", read 2026-11: new comments only, own ones too. The documentation shows
the field beside the entry's id for Instagram Login, and inside `changes` for Facebook Login.
"""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.instagram.errors import INVALID_PARAMETER, GraphRefusal
from presswork_sandbox.instagram.login import INSTAGRAM_LOGIN
from presswork_sandbox.instagram.options import list_of
from presswork_sandbox.webhooks import AppSubscriptions, Change
from presswork_sandbox.wire import JSONValue, Reply, json_reply

PRODUCT_TYPES: Final = {"reel": "REELS", "story": "STORY"}
FIELDS: Final = frozenset(
    {
        "comments",
        "live_comments",
        "mentions",
        "message_reactions",
        "messages",
        "messaging_postbacks",
        "messaging_referral",
        "messaging_seen",
        "story_insights",
    }
)


class InstagramWebhooks:
    """Describe changes of comments, in the form of the login by which the app subscribed."""

    def __init__(self, subscriptions: AppSubscriptions) -> None:
        self._subscriptions = subscriptions

    def describe(self, change: Change) -> JSONValue:
        """Return the body about a new comment; None for anything else."""
        if change.verb != "add":
            return None
        value: dict[str, JSONValue] = {
            "id": change.comment.id,
            "from": {"id": change.author.user_id, "username": change.author.handle},
            "text": change.comment.text,
            "media": {
                "id": change.post.external_id,
                "media_product_type": PRODUCT_TYPES.get(change.post.kind, "FEED"),
            },
        }
        if change.parent is not None:
            value["parent_id"] = change.parent.id
        entry: dict[str, JSONValue] = {"id": change.owner.user_id, "time": int(change.at)}
        if self._subscriptions.host_of(change.owner) == INSTAGRAM_LOGIN.host:
            entry |= {"field": "comments", "value": value}
        else:
            entry["changes"] = [{"field": "comments", "value": value}]
        return {"object": "instagram", "entry": [entry]}


def answer_subscribed_apps(
    subscriptions: AppSubscriptions,
    call: Call,
    account: Account,
    client_id: str,
    params: Mapping[str, JSONValue],
    known: frozenset[str] = FIELDS,
) -> Reply:
    """Answer GET, POST or DELETE /{id}/subscribed_apps, of an account or a Page. Raises GraphRefusal."""
    if call.request.method == "GET":
        return json_reply({"data": list(subscriptions.listed(account, call.host, client_id))})
    if call.request.method == "DELETE":
        subscriptions.unsubscribe(account, call.host, client_id)
        return json_reply({"success": True})
    fields = list_of(params.get("subscribed_fields"))
    if not fields:
        raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter subscribed_fields is required"))
    unknown = [field for field in fields if field not in known]
    if unknown:
        message = f"(#100) Param subscribed_fields has {unknown[0]}, which is none of {{{', '.join(sorted(known))}}}"
        raise GraphRefusal(INVALID_PARAMETER.about(message))
    subscriptions.subscribe(account, call.host, client_id, fields)
    return json_reply({"success": True})
