"""What was sent with a post to LinkedIn, in words for a page."""

from collections.abc import Mapping

from presswork_sandbox.details import Details, LinkCard
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue, text_of


def _object(value: JSONValue) -> Mapping[str, JSONValue]:
    return value if isinstance(value, Mapping) else {}


def thumbnail_of(post: Post) -> str:
    """Return the URN of the picture on a post's link card, or ""."""
    return text_of(_object(_object(post.params.get("content")).get("article")).get("thumbnail"))


def details_of(post: Post, *, is_page: bool, thumbnail: int | None) -> Details:
    """Return the details of a post.

    `is_page`: it is in the feed of an organization's page. `thumbnail`: the number of the picture on its link card.
    """
    content, details = _object(post.params.get("content")), Details()
    media, article, poll = (_object(content.get(name)) for name in ("media", "article", "poll"))
    images = _object(content.get("multiImage")).get("images")
    items = images if isinstance(images, list) else [media]
    details.alts = [text_of(_object(item).get("altText")) for item in items]
    details.title = text_of(media.get("title"))
    if is_page and text_of(post.params.get("author")).startswith("urn:li:person:"):
        details.labels.append("By the administrator as a member")
    if post.params.get("isReshareDisabledByAuthor") is True:
        details.facts.append(("Reposts", "Not allowed by the author"))
    if article:
        details.link = LinkCard(
            url=text_of(article.get("source")),
            title=text_of(article.get("title")),
            description=text_of(article.get("description")),
            picture=thumbnail,
        )
    if poll:
        details.title = text_of(poll.get("question"))
        options = poll.get("options")
        for option in options if isinstance(options, list) else []:
            details.facts.append(("Option", text_of(_object(option).get("text"))))
    return details
