"""What was sent with a post to X, in words for a page."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.details import Details
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, flag_of, text_of

REPLY_SETTINGS: Final = {
    "following": "Accounts you follow can reply",
    "mentionedUsers": "Mentioned accounts can reply",
    "subscribers": "Subscribers can reply",
    "verified": "Verified accounts can reply",
}
LABELS: Final = {"made_with_ai": "Made with AI", "paid_partnership": "Paid partnership"}


def _reply_of(post: Post) -> Mapping[str, JSONValue]:
    reply = post.params.get("reply")
    return reply if isinstance(reply, Mapping) else {}


def fields_of(post: Post) -> Mapping[str, JSONValue]:
    """Return what only a reply has on the control surface: the id of the post before it."""
    target = _reply_of(post).get("in_reply_to_tweet_id")
    return {"replyTo": target} if target else {}


def details_of(post: Post) -> Details:
    """Return what was sent with a post, in words."""
    params, details = post.params, Details()
    alts, poll = params.get("alt_texts"), params.get("poll")
    details.alts = [text_of(alt) for alt in alts] if isinstance(alts, list) else []
    if _reply_of(post):
        details.labels.append("Reply")
    details.labels += [label for name, label in LABELS.items() if flag_of(params.get(name))]
    setting = REPLY_SETTINGS.get(text_of(params.get("reply_settings")))
    if setting is not None:
        details.labels.append(setting)
    if params.get("community_id"):
        details.facts.append(("Community", text_of(params["community_id"])))
    options = poll.get("options") if isinstance(poll, Mapping) else None
    if isinstance(options, list):
        details.facts.append(("Poll", " / ".join(text_of(option) for option in options)))
    return details
