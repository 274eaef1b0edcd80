"""The control surface: how a test or a person sets the scene and sees what came of it. JSON, camelCase."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from presswork.sandbox.accounts import PLATFORMS, TIERS, BadHandle, clean_handle
from presswork.sandbox.clock import iso
from presswork.sandbox.core import Sandbox
from presswork.sandbox.faults import FAULTS, JOB_OPERATIONS, ON_JOBS, OPERATIONS
from presswork.sandbox.tiktok.jobs import Jobs
from presswork.sandbox.wire import BadBody, JSONValue, decode_object, read_body

LATENCY_MOST_MS: Final = 600_000
ADVANCE_MOST_SECONDS: Final = 10 * 366 * 86_400
ACCOUNT_KEYS: Final = (
    "platform handle tier displayName creatorInfo grantedScopes quotaTotal audited verifiedPrefixes".split()
)
FAULT_KEYS: Final = "platform operation handle fault times skip value".split()
PRIVACY_LEVELS: Final = frozenset(
    {"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"}
)


class BadControl(ValueError):
    """The control request says something that can't be done; its text says what is allowed."""


def _one_of(body: Mapping[str, JSONValue], key: str, allowed: Sequence[str], default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str) or value not in allowed:
        raise BadControl(f"{key} must be one of: {', '.join(allowed)}.")
    return value


def _known_keys(body: Mapping[str, JSONValue], allowed: Sequence[str]) -> None:
    unknown = sorted(set(body) - set(allowed))
    if unknown:
        raise BadControl(f"Unknown field {', '.join(unknown)}. Known are: {', '.join(allowed)}.")


def _number(body: Mapping[str, JSONValue], key: str, default: int) -> int:
    value = body.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadControl(f"{key} must be a whole number.")
    if abs(value) > 1_000_000_000:
        raise BadControl(f"{key} is too big.")
    return value


def _handle(value: JSONValue) -> str:
    if not isinstance(value, str):
        raise BadControl("handle must be a string.")
    return clean_handle(value)


def _strings(body: Mapping[str, JSONValue], key: str) -> None:
    value = body.get(key)
    if value is not None and not (isinstance(value, list) and all(isinstance(part, str) for part in value)):
        raise BadControl(f"{key} must be a list of strings, or null.")


def check_account(body: Mapping[str, JSONValue]) -> Mapping[str, JSONValue]:
    """Return a body of POST accounts that can be used as it is. Raises BadControl or BadHandle."""
    _known_keys(body, ACCOUNT_KEYS)
    platform = _one_of(body, "platform", PLATFORMS)
    changes = {key: value for key, value in body.items() if key not in {"platform", "handle"}}
    if "tier" in changes:
        _one_of(body, "tier", TIERS)
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
    _strings(body, "grantedScopes")
    _strings(body, "verifiedPrefixes")
    if "quotaTotal" in changes and not 0 <= _number(body, "quotaTotal", 0) <= 100_000:
        raise BadControl("quotaTotal must be between 0 and 100000.")
    if not isinstance(changes.get("audited", True), bool):
        raise BadControl("audited must be true or false.")
    return changes


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
        if not 0 <= milliseconds <= LATENCY_MOST_MS:
            raise BadControl(f"ms must be between 0 and {LATENCY_MOST_MS}.")
    if kind == "platform_error":
        code, subcode = value.get("code"), value.get("subcode")
        if code is None or isinstance(code, bool | list | dict):
            raise BadControl('platform_error needs a value like {"code": 4, "subcode": 2207051} or {"code": "spam_risk"}.')
        if platform == "instagram" and not _is_whole(code):
            raise BadControl("code must be a number: Graph's error codes are.")
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
    return value


def _is_whole(value: JSONValue) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    text = str(value).removeprefix("-")
    return text.isascii() and text.isdigit() and len(text) < 12


class Control:
    """Routes below /sandbox/control."""

    def __init__(self, sandbox: Sandbox, jobs: Jobs) -> None:
        self._sandbox = sandbox
        self._jobs = jobs
        self.routes: Final = [
            Route("/accounts", self._guarded(self._save_account), methods=["POST"]),
            Route("/accounts", self._guarded(self._accounts), methods=["GET"]),
            Route("/posts", self._guarded(self._posts), methods=["GET"]),
            Route("/drafts", self._guarded(self._drafts), methods=["GET"]),
            Route("/drafts/{publish_id}/publish", self._guarded(self._post_draft), methods=["POST"]),
            Route("/messages", self._guarded(self._nothing), methods=["GET"]),
            Route("/dispatches", self._guarded(self._nothing), methods=["GET"]),
            Route("/requests", self._guarded(self._requests), methods=["GET"]),
            Route("/faults", self._guarded(self._add_fault), methods=["POST"]),
            Route("/faults", self._guarded(self._faults), methods=["GET"]),
            Route("/faults", self._guarded(self._clear_faults), methods=["DELETE"]),
            Route("/faults/{number:int}", self._guarded(self._clear_faults), methods=["DELETE"]),
            Route("/clock", self._guarded(self._clock), methods=["GET"]),
            Route("/clock", self._guarded(self._advance), methods=["POST"]),
            Route("/reset", self._guarded(self._reset), methods=["POST"]),
        ]
