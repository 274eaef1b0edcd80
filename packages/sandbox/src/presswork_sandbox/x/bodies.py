"""What a post may be: the checks of its body, field by field.

Source: xdevplatform/docs (2026-08), "Create Post", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from presswork_sandbox.wire import JSONValue, flag_of
from presswork_sandbox.x.errors import CASHTAGS, CLIENT_FORBIDDEN, NO_FEATURE, NOT_PERMITTED, XRefusal, invalid
from presswork_sandbox.x.text import MAX_LONG_WEIGHT, MAX_WEIGHT, count_cashtags, weight_of

MAX_MEDIA: Final = 4
MAX_TAGGED: Final = 10
POLL_OPTIONS: Final = (2, 4)
MAX_POLL_OPTION: Final = 25
POLL_MINUTES: Final = (5, 10_080)
REPLY_SETTINGS: Final = frozenset({"following", "mentionedUsers", "subscribers", "verified"})
_FIELDS: Final[Mapping[str, type | tuple[type, ...]]] = {
    "text": str,
    "media": Mapping,
    "reply": Mapping,
    "poll": Mapping,
    "geo": Mapping,
    "reply_settings": str,
    "community_id": str,
    "quote_tweet_id": str,
    "edit_options": Mapping,
    "share_with_followers": bool,
    "paid_partnership": bool,
    "made_with_ai": bool,
    "for_super_followers_only": bool,
    "nullcast": bool,
    "direct_message_deep_link": str,
    "card_uri": str,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PostBody:
    """A post that fits the schema; whether its media and what it answers are there is for others to say."""

    text: str
    media_ids: Sequence[str]
    reply_to: str | None
    sent: Mapping[str, JSONValue]


def read_body(body: Mapping[str, JSONValue], *, is_subscriber: bool) -> PostBody:
    """Read the body of a post. `is_subscriber`: long posts are allowed. Raises XRefusal."""
    _check_fields(body)
    if "quote_tweet_id" in body:
        raise XRefusal(CLIENT_FORBIDDEN)
    if "edit_options" in body:
        raise XRefusal(NO_FEATURE)
    text, media, reply = body.get("text", ""), body.get("media"), body.get("reply")
    ids = _read_ids(media, "media_ids", MAX_MEDIA)
    if isinstance(media, Mapping) and "tagged_user_ids" in media:
        _read_ids(media, "tagged_user_ids", MAX_TAGGED)
    if "poll" in body:
        _check_poll(body["poll"], has_media=bool(ids))
    if not isinstance(text, str) or (not text.strip() and not ids):
        raise invalid("One or more parameters to your request was invalid.", text=str(text))
    if "reply_settings" in body and body["reply_settings"] not in REPLY_SETTINGS:
        raise invalid(
            f"reply_settings is one of {', '.join(sorted(REPLY_SETTINGS))}", reply_settings=str(body["reply_settings"])
        )
    if weight_of(text) > (MAX_LONG_WEIGHT if is_subscriber else MAX_WEIGHT):
        raise XRefusal(NOT_PERMITTED)  # X does not say that it is too long
    if count_cashtags(text) > 1:
        raise XRefusal(CASHTAGS)
    if "share_with_followers" in body and "community_id" not in body and flag_of(body["share_with_followers"]):
        raise invalid("share_with_followers needs community_id", share_with_followers="true")
    return PostBody(text=text, media_ids=ids, reply_to=_read_target(reply), sent=body)


def _check_fields(body: Mapping[str, JSONValue]) -> None:
    for name, value in body.items():
        if name not in _FIELDS:
            message = f"$.{name}: is not defined in the schema and the schema does not allow additional properties"
            raise invalid(message, **{name: str(value)})
        if not isinstance(value, _FIELDS[name]):
            raise invalid(f"$.{name}: has the wrong type", **{name: str(value)})


def _read_ids(media: JSONValue, name: str, max_count: int) -> Sequence[str]:
    if not isinstance(media, Mapping):
        return ()
    ids = media.get(name, [])
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise invalid(f"$.media.{name}: is no list of strings", **{f"media__{name}": str(ids)})
    if len(ids) > max_count or (name == "media_ids" and not ids):
        raise invalid(
            f"$.media.{name}: there must be 1 to {max_count} items", **{f"media__{name}": ",".join(map(str, ids))}
        )
    return [str(one) for one in ids]


def _read_target(reply: JSONValue) -> str | None:
    if not isinstance(reply, Mapping):
        return None
    target = reply.get("in_reply_to_tweet_id")
    if not isinstance(target, str):
        raise invalid("$.reply.in_reply_to_tweet_id: is missing", reply__in_reply_to_tweet_id="")
    return target


def _check_poll(poll: JSONValue, *, has_media: bool) -> None:
    if has_media:
        raise invalid("A post has media or a poll, not both.", poll="")
    options = poll.get("options") if isinstance(poll, Mapping) else None
    minutes = poll.get("duration_minutes") if isinstance(poll, Mapping) else None
    are_right = isinstance(options, list) and POLL_OPTIONS[0] <= len(options) <= POLL_OPTIONS[1]
    if not are_right or not isinstance(options, list) or not all(_is_option(one) for one in options):
        raise invalid("$.poll.options: 2 to 4 texts of at most 25 characters", poll__options=str(options))
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not POLL_MINUTES[0] <= minutes <= POLL_MINUTES[1]:
        raise invalid("$.poll.duration_minutes: 5 to 10080", poll__duration_minutes=str(minutes))


def _is_option(option: JSONValue) -> bool:
    return isinstance(option, str) and 0 < len(option) <= MAX_POLL_OPTION
