"""What a Threads post says about itself on a page."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.details import Details, LinkCard
from presswork_sandbox.instagram.options import list_of
from presswork_sandbox.instagram.published import items_of
from presswork_sandbox.posts import Post
from presswork_sandbox.store import Store
from presswork_sandbox.threads.options import POLL_OPTIONS, card_of, topic_of
from presswork_sandbox.wire import JSONValue, flag_of, text_of

REPLY_CONTROLS: Final = {
    "accounts_you_follow": "Profiles that this profile follows can reply",
    "mentioned_only": "Mentioned profiles can reply",
    "parent_post_author_only": "The author of the parent post can reply",
    "followers_only": "Followers can reply",
}
LABELS: Final = {
    "is_spoiler_media": "Spoiler",
    "is_ghost_post": "Ghost post",
    "enable_reply_approvals": "Replies need approval",
    "crossreshare_to_ig": "Shared to Instagram",
}


def fields_of(post: Post) -> Mapping[str, JSONValue]:
    """Return what only a reply has on the control surface: the id of the post before it."""
    return {"replyTo": post.params["reply_to_id"]} if post.params.get("reply_to_id") else {}


def details_of(store: Store, post: Post) -> Details:
    """Return what was sent with a post, in words."""
    params = post.params
    items = [item.params for item in items_of(store, post.external_id)] or [params]
    details = Details(alts=[text_of(item.get("alt_text")) for item in items])
    topic, replies = topic_of(params), REPLY_CONTROLS.get(text_of(params.get("reply_control")))
    if params.get("reply_to_id"):
        details.labels.append("Reply")
    if topic:
        details.labels.append(topic)
    details.labels += [label for name, label in LABELS.items() if flag_of(params.get(name))]
    if replies is not None:
        details.labels.append(replies)
    details.facts += [
        (term, text_of(params[name]))
        for term, name in (("Quotes", "quote_post_id"), ("Location", "location_id"))
        if params.get(name)
    ]
    if card_of(params):
        details.link = LinkCard(url=card_of(params))
    poll, attachment = params.get("poll_attachment"), params.get("text_attachment")
    if isinstance(poll, Mapping):
        details.facts.append(("Poll", " / ".join(text_of(poll[name]) for name in POLL_OPTIONS if poll.get(name))))
    if isinstance(attachment, Mapping):
        details.facts.append(("Attached text", text_of(attachment.get("plaintext"))))
    countries = list_of(params.get("allowlisted_country_codes"))
    if countries:
        details.facts.append(("Shown in", ", ".join(countries)))
    return details
