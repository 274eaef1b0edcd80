"""The optional parameters of a container: which media type takes which, and what their values may be.

Source: Meta, "IG User Media" (reference), read 2026-11. Where it says only that a media type does not have a parameter, the
refusal is the one that was seen for collaborators on a carousel item; where it names no error at all, code 100.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import HANDLE
from presswork_sandbox.instagram.errors import (
    INVALID_LOCATION,
    INVALID_PARAMETER,
    PRODUCT_NOT_FOUND,
    THUMB_OFFSET,
    TOO_MANY_MENTIONS,
    GraphRefusal,
)
from presswork_sandbox.instagram.login import Login
from presswork_sandbox.wire import JSONValue, text_of

ALT_TEXT_CHARACTERS: Final = 1000
COLLABORATORS: Final = 3
USER_TAGS: Final = 20
SPONSORS: Final = 2
PRODUCT_TAGS: Final = 5
OFFSET_DIGITS: Final = 12
GRADUATION: Final = ("MANUAL", "SS_PERFORMANCE")
# The sandbox knows no places, so it decides by the id: digits are a Page with location data, unless they begin with 404.
LOCATION: Final = re.compile(r"(?!404)[1-9][0-9]{0,19}", re.ASCII)
FLAGS: Final = ("is_ai_generated", "is_paid_partnership", "share_to_feed")
# Which parameter a container may have: IMAGE, REELS, STORIES, CAROUSEL, or an IMAGE or VIDEO that is a carousel item.
_POSTS: Final = frozenset({"IMAGE", "REELS", "CAROUSEL"})
PLACES: Final[Mapping[str, frozenset[str]]] = {
    "alt_text": frozenset({"IMAGE", "IMAGE item"}),
    "audio_configuration": frozenset({"REELS"}),
    "audio_name": frozenset({"REELS"}),
    "branded_content_sponsor_ids": _POSTS | {"STORIES"},
    "collaborators": _POSTS,
    "cover_url": frozenset({"REELS"}),
    "is_ai_generated": _POSTS | {"STORIES"},
    "is_paid_partnership": _POSTS | {"STORIES"},
    "location_id": _POSTS,
    "product_tags": frozenset({"IMAGE", "REELS", "IMAGE item"}),
    "trial_params": frozenset({"REELS"}),
    "user_tags": frozenset({"IMAGE", "REELS", "STORIES", "IMAGE item"}),
}
_NOT_SENT: Final[Sequence[JSONValue]] = (None, "", [], False, "false", "0")


def _refusal(message: str) -> GraphRefusal:
    return GraphRefusal(INVALID_PARAMETER.about(f"(#100) Param {message}"))


def nested(value: JSONValue) -> JSONValue:
    """Return a value that a form carries as JSON; as it came if that can't be read, or not be written again."""
    if isinstance(value, str) and value.lstrip()[:1] in {"[", "{"}:
        try:
            read: JSONValue = json.loads(value)
            json.dumps(read, ensure_ascii=False, allow_nan=False).encode()  # refuses lone surrogates and NaN
        except (ValueError, RecursionError):
            return value
        return read
    return value


def list_of(value: JSONValue) -> list[str]:
    """Read a list: JSON, JSON in a string, or values with commas between."""
    value = nested(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list | tuple):
        return [text_of(part).strip() for part in value]
    return [] if value is None else [text_of(value)]


def _objects(name: str, value: JSONValue) -> list[Mapping[str, JSONValue]]:
    value = nested(value)
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        raise _refusal(f"{name} must be an array of objects.")
    return [part for part in value if isinstance(part, Mapping)]


def _object(name: str, value: JSONValue) -> Mapping[str, JSONValue]:
    value = nested(value)
    if not isinstance(value, Mapping):
        raise _refusal(f"{name} must be an object.")
    return value


def _alt_text(value: JSONValue, _: str) -> JSONValue:
    if len(text_of(value)) > ALT_TEXT_CHARACTERS:
        raise _refusal(f"alt_text must be at most {ALT_TEXT_CHARACTERS} characters")
    return value


def _collaborators(value: JSONValue, _: str) -> JSONValue:
    names = list_of(value)
    if len(names) > COLLABORATORS:
        raise _refusal(f"collaborators must have at most {COLLABORATORS} usernames")
    for name in names:
        _check_username("collaborators", name)
    return names


def _check_username(parameter: str, name: JSONValue) -> None:
    if not isinstance(name, str) or HANDLE.fullmatch(name) is None:
        raise _refusal(f"{parameter} must have usernames, without @")


def _user_tags(value: JSONValue, place: str) -> JSONValue:
    tags = _objects("user_tags", value)
    if len(tags) > USER_TAGS:
        raise GraphRefusal(TOO_MANY_MENTIONS)
    for number, tag in enumerate(tags):
        _check_username("user_tags", tag.get("username"))
        given = [name for name in ("x", "y") if tag.get(name) is not None]
        if place == "REELS" and given:
            raise _refusal(f"user_tags[{number}] must not have {given[0]}: tags of a video have no position")
        if len(given) == 1 or (place.startswith("IMAGE") and not given):
            raise _refusal(f"user_tags[{number}] must have x and y")
        if not all(_is_share(tag[name]) for name in given):
            raise _refusal(f"user_tags[{number}] must have x and y between 0.0 and 1.0")
    return tags


def _is_share(value: JSONValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _location_id(value: JSONValue, _: str) -> JSONValue:
    if LOCATION.fullmatch(text_of(value)) is None:
        raise GraphRefusal(INVALID_LOCATION)
    return value


def _trial_params(value: JSONValue, _: str) -> JSONValue:
    params = _object("trial_params", value)
    if params.get("graduation_strategy") not in GRADUATION:
        raise _refusal(f"trial_params[graduation_strategy] must be one of {{{', '.join(GRADUATION)}}}")
    return params


def _audio_name(value: JSONValue, _: str) -> JSONValue:
    if not isinstance(value, str) or not value.strip():
        raise _refusal("audio_name must be a string.")
    return value


def _audio_configuration(value: JSONValue, _: str) -> JSONValue:
    configuration = _object("audio_configuration", value)
    if not text_of(configuration.get("audio_id")).isdecimal():
        raise _refusal("audio_configuration[audio_id] must be the id of an audio")
    return configuration


def _sponsors(value: JSONValue, _: str) -> JSONValue:
    sponsors = list_of(value)
    if len(sponsors) > SPONSORS or not all(sponsor.isdecimal() for sponsor in sponsors):
        raise _refusal(f"branded_content_sponsor_ids must have at most {SPONSORS} ids")
    return sponsors


def _product_tags(value: JSONValue, _: str) -> JSONValue:
    if len(_objects("product_tags", value)) > PRODUCT_TAGS:
        raise _refusal(f"product_tags must have at most {PRODUCT_TAGS} tags")
    raise GraphRefusal(PRODUCT_NOT_FOUND)  # no account here has a shop


_READERS: Final[Mapping[str, Callable[[JSONValue, str], JSONValue]]] = {
    "alt_text": _alt_text,
    "audio_configuration": _audio_configuration,
    "audio_name": _audio_name,
    "branded_content_sponsor_ids": _sponsors,
    "collaborators": _collaborators,
    "location_id": _location_id,
    "product_tags": _product_tags,
    "trial_params": _trial_params,
    "user_tags": _user_tags,
}


def read_options(kind: str, params: Mapping[str, JSONValue], login: Login, *, is_item: bool) -> dict[str, JSONValue]:
    """Return the parameters of a container, those that are nested as lists and objects however they were sent.

    Raises GraphRefusal for a parameter that this media type or this login does not have, and for a wrong value.
    """
    place = f"{kind} item" if is_item else kind
    read = dict(params)
    for name in FLAGS:
        if name in params and text_of(params[name]).lower() not in {"true", "false", "1", "0", ""}:
            raise _refusal(f"{name} must be a boolean")
    for name, places in PLACES.items():
        value = params.get(name)
        if value in _NOT_SENT:
            continue
        if name in login.unavailable:
            raise _refusal(f"{name} is not available with this login")
        if place not in places:
            raise _refusal(f"{name} is not allowed")
        read[name] = _READERS[name](value, place) if name in _READERS else value
    if read.get("trial_params") and read.get("collaborators"):
        raise _refusal("collaborators is not allowed")  # a trial reel is shown to others than followers first
    _check_thumb_offset(place, params)
    return read


def thumb_offset_of(kind: str, params: Mapping[str, JSONValue]) -> str:
    """Return the thumb_offset that counts: none on stories, and none beside a cover_url, which wins."""
    if kind not in {"REELS", "VIDEO"} or params.get("cover_url"):
        return ""
    return text_of(params.get("thumb_offset"))


def _check_thumb_offset(place: str, params: Mapping[str, JSONValue]) -> None:
    offset = thumb_offset_of(place.partition(" ")[0], params)
    if offset and not (offset.isascii() and offset.isdigit() and len(offset) <= OFFSET_DIGITS):
        raise GraphRefusal(THUMB_OFFSET)
