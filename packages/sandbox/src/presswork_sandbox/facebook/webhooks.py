"""What Facebook sends about comments on a Page's posts: the field `feed`.

Source: Meta, "Webhooks Reference: Page" (v25), read 2026-11. `parent_id` is the post's id at the top; a removal has no text.
"""

from typing import Final

from presswork_sandbox.webhooks import Change
from presswork_sandbox.wire import JSONValue

MANAGE_METADATA: Final = "pages_manage_metadata"
FIELDS: Final = frozenset(
    {"feed", "mention", "messages", "message_reactions", "messaging_postbacks", "name", "picture", "ratings", "videos"}
)


def describe_change(change: Change) -> JSONValue:
    """Return the body about a change of a comment."""
    prefix, is_removal = change.post.shortcode, change.verb == "remove"
    value: dict[str, JSONValue] = {
        "item": "comment",
        "verb": change.verb,
        "comment_id": f"{prefix}_{change.comment.id}",
        "post_id": change.post.external_id,
        "parent_id": change.post.external_id if change.parent is None else f"{prefix}_{change.parent.id}",
    }
    is_own = change.author.id == change.owner.id
    if is_own or not any(one.settings.get("withheldAuthors") is True for one in (change.author, change.owner)):
        value["from"] = {"id": change.author.user_id, "name": change.author.display_name}
    if not is_removal:
        value |= {"message": change.comment.text, "created_time": int(change.comment.created_at)}
    entry: dict[str, JSONValue] = {
        "id": change.owner.user_id,
        "time": int(change.at),
        "changes": [{"field": "feed", "value": value}],
    }
    return {"object": "page", "entry": [entry]}
