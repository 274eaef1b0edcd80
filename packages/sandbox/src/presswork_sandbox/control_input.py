"""Reading what the control surface is sent: every check says in a sentence what is allowed."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from presswork_sandbox.accounts import TIERS, clean_handle
from presswork_sandbox.platform_facts import SettingKind
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.wire import JSONValue

MAX_LATENCY_MS: Final = 600_000
MAX_COUNT: Final = 100_000
ACCOUNT_KEYS: Final = [
    "platform",
    "handle",
    "tier",
    "displayName",
    "creatorInfo",
    "grantedScopes",
    "quotaTotal",
    "audited",
    "verifiedPrefixes",
    "appVersion",
    "trialReels",
    "followers",
]
PRIVACY_LEVELS: Final = frozenset({"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"})


class BadControl(ValueError):
    """A control request is invalid; the message says what is allowed."""


def one_of(body: Mapping[str, JSONValue], key: str, allowed: Sequence[str], default: str | None = None) -> str:
    """Return a field that must be one of a few words. Raises BadControl."""
    value = body.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        raise BadControl(f"{key} must be one of: {', '.join(allowed)}.")
    return value


def known_keys(body: Mapping[str, JSONValue], allowed: Sequence[str]) -> None:
    """Raise BadControl on a field that the call does not know."""
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise BadControl(f"Unknown field {', '.join(unknown)}. Known are: {', '.join(allowed)}.")


def whole_number(body: Mapping[str, JSONValue], key: str, default: int) -> int:
    """Return a field that must be a whole number. Raises BadControl."""
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadControl(f"{key} must be a whole number.")
    if abs(value) > 1_000_000_000:
        raise BadControl(f"{key} is too big.")
    return value


def handle_of(value: JSONValue) -> str:
    """Return a handle, or a phone number without its plus. Raises BadControl or BadHandle."""
    if not isinstance(value, str):
        raise BadControl("handle must be a string.")
    return clean_handle(value.strip().removeprefix("+"))  # a phone number does as the handle of a text message


def check_strings(body: Mapping[str, JSONValue], key: str) -> None:
    """Raise BadControl unless a field is a list of strings, null or missing."""
    value = body.get(key)
    if value is not None and not (isinstance(value, list) and all(isinstance(part, str) for part in value)):
        raise BadControl(f"{key} must be a list of strings, or null.")


def yes_or_no(body: Mapping[str, JSONValue], key: str, *, default: bool) -> bool:
    """Return a field that must be true or false. Raises BadControl."""
    value = body.get(key, default)
    if not isinstance(value, bool):
        raise BadControl(f"{key} must be true or false.")
    return value


def url_of(body: Mapping[str, JSONValue], key: str) -> str:
    """Return a field that must be an absolute http or https URL. Raises BadControl."""
    value = body.get(key)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.netloc:
        raise BadControl(f"{key} must be an absolute http or https URL.")
    return str(value)


def check_account(body: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
    """Return a body of POST accounts that can be used as it is. Raises BadControl or BadHandle."""
    platform = one_of(body, "platform", list(PLATFORMS))
    settings = PLATFORMS[platform].settings
    known_keys(body, [*ACCOUNT_KEYS, *settings])
    for key, kind in settings.items():
        _check_setting(body, key, kind)
    changes = {key: value for key, value in body.items() if key not in {"platform", "handle"}}
    if "tier" in changes:
        one_of(body, "tier", TIERS)
    if not isinstance(changes.get("displayName", ""), str):
        raise BadControl("displayName must be a string.")
    info = changes.get("creatorInfo", {})
    if not isinstance(info, Mapping):
        raise BadControl("creatorInfo must be an object with the names of TikTok's creator_info.")
    levels = info.get("privacy_level_options", [])
    if not isinstance(levels, list) or not PRIVACY_LEVELS.issuperset(map(str, levels)):
        raise BadControl(f"privacy_level_options must be a list of: {', '.join(sorted(PRIVACY_LEVELS))}.")
    if info and platform != "tiktok":
        raise BadControl("creatorInfo is for TikTok accounts only.")
    check_strings(body, "grantedScopes")
    check_strings(body, "verifiedPrefixes")
    _check_setting(body, "quotaTotal", SettingKind.COUNT)
    if body.get("followers") is not None:
        _check_setting(body, "followers", SettingKind.COUNT)
    for name in ("audited", "trialReels"):
        yes_or_no(changes, name, default=True)
    version = changes.get("appVersion")
    if version is not None and not (isinstance(version, str) and re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,3}", version)):
        raise BadControl('appVersion must be a version like "31.8", or null.')
    return changes


def _check_setting(body: Mapping[str, JSONValue], key: str, kind: SettingKind) -> None:
    match kind:
        case SettingKind.FLAG:
            yes_or_no(body, key, default=True)
        case SettingKind.COUNT:
            if not 0 <= whole_number(body, key, 0) <= MAX_COUNT:
                raise BadControl(f"{key} must be between 0 and {MAX_COUNT}.")
        case SettingKind.TEXT:
            if not isinstance(body.get(key), str | None):
                raise BadControl(f"{key} must be a string, or null.")
        case SettingKind.TEXTS:
            check_strings(body, key)


def check_value(kind: str, platform: str, value: JSONValue) -> Mapping[str, JSONValue]:
    """Return the `value` of a fault. Raises BadControl where it does not fit the fault."""
    if value is None:
        value = {}
    if not isinstance(value, Mapping):
        raise BadControl("value must be an object.")
    if kind == "latency":
        milliseconds = value.get("ms")
        if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
            raise BadControl('latency needs a value like {"ms": 250}.')
        if not 0 <= milliseconds <= MAX_LATENCY_MS:
            raise BadControl(f"ms must be between 0 and {MAX_LATENCY_MS}.")
    if kind == "platform_error":
        _check_named_error(platform, value)
    return value


def _check_named_error(platform: str, value: Mapping[str, JSONValue]) -> None:
    code, subcode = value.get("code"), value.get("subcode")
    if code is None or isinstance(code, bool | list | dict):
        raise BadControl('platform_error needs a value like {"code": 4, "subcode": 2207051} or {"code": "spam_risk"}.')
    has_numbers = PLATFORMS[platform].has_numeric_codes if platform in PLATFORMS else platform == "sms"
    if has_numbers and not _is_whole(code):
        raise BadControl("code must be a number: Graph's error codes are, and Twilio's.")
    if subcode is not None and not _is_whole(subcode):
        raise BadControl("subcode must be a number.")
    status = value.get("status")
    if status is not None and not (_is_whole(status) and 200 <= int(str(status)) <= 599):
        raise BadControl("status must be an HTTP status between 200 and 599.")
    if not isinstance(value.get("message", ""), str):
        raise BadControl("message must be a string.")
    minutes = value.get("regainMinutes")
    if minutes is not None and not _is_whole(minutes):
        raise BadControl("regainMinutes must be a number.")


def _is_whole(value: JSONValue) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    text = str(value).removeprefix("-")
    return text.isascii() and text.isdigit() and len(text) < 12
