"""What was sent with a post to LinkedIn, in words for a page."""

from collections.abc import Mapping, Sequence

from presswork_sandbox.details import Details
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, text_of


def _object(value: JSONValue) -> Mapping[str, JSONValue]:
    return value if isinstance(value, Mapping) else {}


def details_of(post: Post, assets: Sequence[Asset], *, is_page: bool) -> Details:
    """Return the details of a post; `is_page`: it is in the feed of an organization's page."""
    content, details = _object(post.params.get("content")), Details()
    media, article, poll = (_object(content.get(name)) for name in ("media", "article", "poll"))
    images = _object(content.get("multiImage")).get("images")
    items = images if isinstance(images, list) else [media]
    details.alts = [text_of(_object(item).get("altText")) for item in items]
    details.title = text_of(media.get("title"))
    if assets and not assets[0].is_video and not assets[0].content_type.startswith("image/"):
        details.labels.append("Document")
    if is_page and text_of(post.params.get("author")).startswith("urn:li:person:"):
        details.labels.append("By the administrator as a member")
    if post.params.get("isReshareDisabledByAuthor") is True:
        details.facts.append(("Reposts", "Not allowed by the author"))
    if article:
        details.title = text_of(article.get("title"))
        details.facts.append(("Link", text_of(article.get("source"))))
        if article.get("description"):
            details.facts.append(("Description", text_of(article["description"])))
    if poll:
        details.title = text_of(poll.get("question"))
        options = poll.get("options")
        for option in options if isinstance(options, list) else []:
            details.facts.append(("Option", text_of(_object(option).get("text"))))
    return details
