"""The parameters of a container: which media type takes which, and what their values may be.

Source: Meta, "Threads API: Posts", "Reply Management", "Spoilers", "Polls", "Text Attachments", "Geo-Gated Content" and
"Accessibility", read 2026-11. Meta names no error for most of them; those have code 100.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from presswork_sandbox.instagram.errors import GraphRefusal
from presswork_sandbox.instagram.options import list_of, nested
from presswork_sandbox.threads.errors import INVALID_COUNTRIES, LINK_LIMIT, PARAMETER, TEXT_TOO_LONG
from presswork_sandbox.wire import JSONValue, flag_of, text_of

MEDIA_TYPES: Final = ("TEXT", "IMAGE", "VIDEO", "CAROUSEL")
REPLY_CONTROLS: Final = (
    "everyone",
    "accounts_you_follow",
    "mentioned_only",
    "parent_post_author_only",
    "followers_only",
)
TEXT_BYTES: Final = 500
"""Of UTF-8, all of them. Meta says it of emojis only; a text of 498 characters and 504 bytes was refused (seen in 2026-08)."""
ALT_TEXT_CHARACTERS: Final = 1000
ATTACHMENT_CHARACTERS: Final = 10_000
TOPIC_CHARACTERS: Final = 50
SPOILERS: Final = 10
LINKS: Final = 5
CHILDREN: Final = (2, 20)
POLL_OPTION_CHARACTERS: Final = 25
POLL_OPTIONS: Final = ("option_a", "option_b", "option_c", "option_d")
_POSTS: Final = frozenset(MEDIA_TYPES)
_TEXT: Final = frozenset({"TEXT"})
# Which parameter a container may have; an item is an IMAGE or VIDEO of a carousel.
PLACES: Final[Mapping[str, frozenset[str]]] = {
    "allowlisted_country_codes": _POSTS,
    "alt_text": frozenset({"IMAGE", "VIDEO", "IMAGE item", "VIDEO item"}),
    "auto_publish_text": _TEXT,
    "children": frozenset({"CAROUSEL"}),
    "crossreshare_to_ig": _POSTS,
    "enable_reply_approvals": _POSTS,
    "gif_attachment": _TEXT,
    "image_url": frozenset({"IMAGE", "IMAGE item"}),
    "is_ghost_post": _TEXT,
    "is_spoiler_media": frozenset({"IMAGE", "VIDEO", "CAROUSEL"}),
    "link_attachment": _TEXT,
    "location_id": _POSTS,
    "poll_attachment": _TEXT,
    "quote_post_id": _POSTS,
    "reply_control": _POSTS,
    "reply_to_id": _POSTS,
    "text": _POSTS,
    "text_attachment": _TEXT,
    "text_entities": _POSTS,
    "topic_tag": _POSTS,
    "video_url": frozenset({"VIDEO", "VIDEO item"}),
}
FLAGS: Final = (
    "auto_publish_text",
    "crossreshare_to_ig",
    "enable_reply_approvals",
    "is_carousel_item",
    "is_ghost_post",
    "is_spoiler_media",
)
REQUIRED: Final = {"TEXT": "text", "IMAGE": "image_url", "VIDEO": "video_url", "CAROUSEL": "children"}
_URL: Final = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_LINK: Final = re.compile(r"(?:https?://|(?<![\w/.@])www\.)[^\s<>\"']+", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?)]}"
_TOPIC: Final = re.compile(r"(?<![\w#&])#([^\s#.&,;:!?]{1,50})")
_COUNTRY: Final = re.compile(r"[A-Z]{2}", re.ASCII)
_NO_COUNTRY: Final = re.compile(r"AA|ZZ|Q[M-Z]|X[A-Z]", re.ASCII)  # never assigned by ISO 3166-1
_NOT_SENT: Final[Sequence[JSONValue]] = (None, "", [], False, "false", "0")


def _refusal(message: str) -> GraphRefusal:
    return GraphRefusal(PARAMETER.about(f"(#100) Param {message}"))


def _object(name: str, value: JSONValue) -> Mapping[str, JSONValue]:
    value = nested(value)
    if not isinstance(value, Mapping):
        raise _refusal(f"{name} must be an object.")
    return value


def _number(name: str, value: JSONValue) -> str:
    text = text_of(value)
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise _refusal(f"{name} must be an id")
    return text


def _text(value: JSONValue) -> JSONValue:
    if not isinstance(value, str):
        raise _refusal("text must be a string")
    if len(value.encode()) > TEXT_BYTES:
        raise GraphRefusal(TEXT_TOO_LONG)
    return value


def _alt_text(value: JSONValue) -> JSONValue:
    if not isinstance(value, str) or len(value) > ALT_TEXT_CHARACTERS:
        raise _refusal(f"alt_text must be at most {ALT_TEXT_CHARACTERS} characters long.")
    return value


def _reply_control(value: JSONValue) -> JSONValue:
    if value not in REPLY_CONTROLS:
        raise _refusal(f"reply_control must be one of {{{', '.join(REPLY_CONTROLS)}}}")
    return value


def _topic_tag(value: JSONValue) -> JSONValue:
    if not isinstance(value, str) or not 1 <= len(value) <= TOPIC_CHARACTERS or set(".&") & set(value):
        raise _refusal(f"topic_tag must be 1 to {TOPIC_CHARACTERS} characters long, without periods and ampersands")
    return value


def _countries(value: JSONValue) -> JSONValue:
    codes = list_of(value)
    if not all(_COUNTRY.fullmatch(code) and not _NO_COUNTRY.fullmatch(code) for code in codes):
        raise GraphRefusal(INVALID_COUNTRIES)
    return codes


def _text_attachment(value: JSONValue) -> JSONValue:
    attachment = _object("text_attachment", value)
    text = attachment.get("plaintext")
    if not isinstance(text, str) or not 1 <= len(text) <= ATTACHMENT_CHARACTERS:
        raise _refusal(f"text_attachment[plaintext] must be 1 to {ATTACHMENT_CHARACTERS} characters long")
    return attachment


def _text_entities(value: JSONValue) -> JSONValue:
    entities = nested(value)
    if not isinstance(entities, list) or not all(isinstance(entity, Mapping) for entity in entities):
        raise _refusal("text_entities must be an array of objects.")
    if len(entities) > SPOILERS:
        raise _refusal(f"text_entities must have at most {SPOILERS} entities")
    return entities


def _poll(value: JSONValue) -> JSONValue:
    poll = _object("poll_attachment", value)
    if not len(poll) >= 2 or set(poll) != set(POLL_OPTIONS[: len(poll)]):
        raise _refusal(f"poll_attachment must have {POLL_OPTIONS[0]} and {POLL_OPTIONS[1]}, and may have the next two")
    if not all(isinstance(option, str) and _fits_poll(option) for option in poll.values()):
        raise _refusal(f"poll_attachment: each option must be 1 to {POLL_OPTION_CHARACTERS} characters long")
    return poll


def _fits_poll(option: str) -> bool:
    return bool(option.strip()) and len(option) <= POLL_OPTION_CHARACTERS


def _gif(value: JSONValue) -> JSONValue:
    gif = _object("gif_attachment", value)
    if not text_of(gif.get("gif_id")) or not text_of(gif.get("provider")):
        raise _refusal("gif_attachment must have gif_id and provider")
    return gif


def _link(value: JSONValue) -> JSONValue:
    if not isinstance(value, str) or _URL.fullmatch(value) is None:
        raise _refusal("link_attachment must be a valid URI")
    return value


def _children(value: JSONValue) -> JSONValue:
    children = list_of(value)
    min_children, max_children = CHILDREN
    if not min_children <= len(children) <= max_children:
        raise _refusal(f"children must have {min_children} to {max_children} ids")
    return [_number("children", child) for child in children]


_READERS: Final[Mapping[str, Callable[[JSONValue], JSONValue]]] = {
    "allowlisted_country_codes": _countries,
    "alt_text": _alt_text,
    "children": _children,
    "gif_attachment": _gif,
    "link_attachment": _link,
    "location_id": lambda value: _number("location_id", value),
    "poll_attachment": _poll,
    "quote_post_id": lambda value: _number("quote_post_id", value),
    "reply_control": _reply_control,
    "reply_to_id": lambda value: _number("reply_to_id", value),
    "text": _text,
    "text_attachment": _text_attachment,
    "text_entities": _text_entities,
    "topic_tag": _topic_tag,
}


def is_sent(value: JSONValue) -> bool:
    """Return whether the value of a parameter counts as sent: an empty one and false do not."""
    return value not in _NOT_SENT


def media_type_of(params: Mapping[str, JSONValue]) -> str:
    """Return what is to be made. Raises GraphRefusal where media_type is missing, unknown, or can't be an item."""
    named = text_of(params.get("media_type")).upper()
    if not named:
        raise GraphRefusal(PARAMETER.about("(#100) The parameter media_type is required"))
    if named not in MEDIA_TYPES:
        raise _refusal(f"media_type must be one of {{{', '.join(MEDIA_TYPES)}}}")
    if flag_of(params.get("is_carousel_item")) and named not in {"IMAGE", "VIDEO"}:
        raise _refusal(f"is_carousel_item is not allowed with the media type {named}")
    return named


def read_options(kind: str, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """Return the parameters of a container, those that are nested as lists and objects however they were sent.

    Raises GraphRefusal for a parameter that this media type does not have or needs, and for a wrong value.
    """
    place = f"{kind} item" if flag_of(params.get("is_carousel_item")) else kind
    read = dict(params)
    for name in FLAGS:
        if name in params and text_of(params[name]).lower() not in {"true", "false", "1", "0", ""}:
            raise _refusal(f"{name} must be a boolean")
    for name, places in PLACES.items():
        value = params.get(name)
        if not is_sent(value):
            continue
        if place not in places:
            raise _refusal(f"{name} is not allowed with the media type {kind}")
        read[name] = _READERS[name](value) if name in _READERS else value
    if not text_of(params.get(REQUIRED[kind])).strip():
        raise GraphRefusal(PARAMETER.about(f"(#100) The parameter {REQUIRED[kind]} is required"))
    if read.get("text_attachment") and read.get("poll_attachment"):
        raise _refusal("text_attachment is not allowed with poll_attachment")
    if len(_links(read)) > LINKS:
        raise GraphRefusal(LINK_LIMIT)
    return read


def _links(params: Mapping[str, JSONValue]) -> set[str]:
    """Return the different URLs of a post: in its text and of its attachments."""
    attachment = params.get("text_attachment")
    linked = attachment.get("link_attachment_url") if isinstance(attachment, Mapping) else None
    return {*_links_in_text(params), *(text_of(link) for link in (params.get("link_attachment"), linked) if link)}


def _links_in_text(params: Mapping[str, JSONValue]) -> list[str]:
    return [match.group().rstrip(_AFTER_LINK) for match in _LINK.finditer(text_of(params.get("text")))]


def card_of(params: Mapping[str, JSONValue]) -> str:
    """Return the URL of a post's link card: link_attachment, or else the first URL of a text without media; "" for none."""
    if text_of(params.get("media_type")).upper() != "TEXT":
        return ""
    return text_of(params.get("link_attachment")) or next(iter(_links_in_text(params)), "")


def kind_of(params: Mapping[str, JSONValue]) -> str:
    """Return the kind of a post, as the control surface names it."""
    if text_of(params.get("media_type")).upper() != "TEXT":
        return "threads_post"
    if params.get("poll_attachment"):
        return "poll"
    return "link" if card_of(params) else "text"


def topic_of(params: Mapping[str, JSONValue]) -> str:
    """Return the topic of a post: topic_tag, or else the first #tag of its text, which is no whole number; "" for none."""
    named = text_of(params.get("topic_tag"))
    tags = (match.group(1) for match in _TOPIC.finditer(text_of(params.get("text"))))
    return named or next((tag for tag in tags if not tag.isdecimal()), "")
