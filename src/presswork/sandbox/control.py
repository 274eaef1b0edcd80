"""The control surface: how a test or a person sets the scene and sees what came of it. JSON, camelCase."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
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
]
FAULT_KEYS: Final = ["platform", "operation", "handle", "fault", "times", "skip", "value"]
PRIVACY_LEVELS: Final = frozenset({"PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "FOLLOWER_OF_CREATOR", "SELF_ONLY"})


Answer = Callable[[Request], Awaitable[JSONValue]]


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
        _check_named_error(platform, value)
    return value


def _check_named_error(platform: str, value: Mapping[str, JSONValue]) -> None:
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

    def _guarded(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            self._sandbox.wake()
            try:
                return JSONResponse(await answer(request))
            except (BadControl, BadHandle, BadBody) as bad:
                return JSONResponse({"error": {"message": str(bad)}}, 400)

        return endpoint

    async def _body(self, request: Request) -> Mapping[str, JSONValue]:
        return decode_object(await read_body(request) or b"{}")

    def _filters(self, request: Request) -> tuple[str | None, str | None]:
        query = request.query_params
        platform = query.get("platform") or None
        if platform is not None and platform not in OPERATIONS:
            raise BadControl(f"platform must be one of: {', '.join(OPERATIONS)}.")
        handle = query.get("handle") or None
        return platform, None if handle is None else clean_handle(handle)

    async def _save_account(self, request: Request) -> JSONValue:
        body = await self._body(request)
        changes = check_account(body)
        platform, handle = str(body["platform"]), _handle(body.get("handle"))
        return self._sandbox.accounts.save(platform, handle, changes, self._sandbox.clock.now()).shown()

    async def _accounts(self, request: Request) -> JSONValue:
        platform, handle = self._filters(request)
        return {"items": [account.shown() for account in self._sandbox.accounts.listed(platform, handle)]}

    async def _posts(self, request: Request) -> JSONValue:
        platform, handle = self._filters(request)
        self._sandbox.settle()
        posts, library = self._sandbox.posts, self._sandbox.library
        return {
            "items": [
                posts.shown(post, [asset.shown() for asset in library.assets(post.asset_ids)])
                for post in posts.listed(platform, handle)
            ]
        }

    async def _drafts(self, request: Request) -> JSONValue:
        platform, handle = self._filters(request)
        self._sandbox.settle()
        return {"items": [] if platform not in {None, "tiktok"} else self._jobs.drafts(handle)}

    async def _post_draft(self, request: Request) -> JSONValue:
        self._sandbox.settle()
        posted = self._jobs.post_draft(request.path_params["publish_id"])
        if posted is None:
            raise BadControl("No draft of that id is waiting in an inbox; GET /sandbox/control/drafts lists them.")
        return {"externalId": posted}

    async def _nothing(self, request: Request) -> JSONValue:
        self._filters(request)
        return {"items": []}

    async def _requests(self, request: Request) -> JSONValue:
        platform, handle = self._filters(request)
        return {"items": self._sandbox.journal.listed(platform, handle, request.query_params.get("operation") or None)}

    async def _add_fault(self, request: Request) -> JSONValue:
        body = await self._body(request)
        _known_keys(body, FAULT_KEYS)
        platform = _one_of(body, "platform", list(OPERATIONS))
        operation = _one_of(body, "operation", OPERATIONS[platform])
        kind = _one_of(body, "fault", FAULTS)
        if kind in ON_JOBS and operation not in JOB_OPERATIONS:
            allowed = ", ".join(name for name in OPERATIONS[platform] if name in JOB_OPERATIONS) or "none here"
            raise BadControl(f"{kind} belongs to a container or publish job. Operations: {allowed}.")
        if kind == "token_expired" and operation in {"token", "upload", "messages", "dispatch"}:
            raise BadControl(f"token_expired needs a call that carries a token; {operation} carries none.")
        times, skip = _number(body, "times", 1), _number(body, "skip", 0)
        if times < 1 and times != -1:
            raise BadControl("times must be 1 or more, or -1 for until it is cleared.")
        if skip < 0:
            raise BadControl("skip must be 0 or more.")
        fault = self._sandbox.faults.add(
            platform=platform,
            operation=operation,
            handle=None if body.get("handle") is None else _handle(body["handle"]),
            kind=kind,
            times=times,
            skip=skip,
            value=check_value(kind, platform, body.get("value")),
            now=self._sandbox.clock.now(),
        )
        return fault.shown()

    async def _faults(self, request: Request) -> JSONValue:
        platform, handle = self._filters(request)
        return {"items": [fault.shown() for fault in self._sandbox.faults.listed(platform, handle)]}

    async def _clear_faults(self, request: Request) -> JSONValue:
        platform, handle = self._filters(request)
        operation = request.query_params.get("operation") or None
        number = request.path_params.get("number")
        return {"cleared": self._sandbox.faults.clear(platform, operation, handle, number)}

    def _time(self) -> JSONValue:
        clock = self._sandbox.clock
        return {"now": iso(clock.now()), "offsetSeconds": clock.offset_seconds}

    async def _clock(self, request: Request) -> JSONValue:
        self._filters(request)
        return self._time()

    async def _advance(self, request: Request) -> JSONValue:
        body = await self._body(request)
        _known_keys(body, ["advanceSeconds"])
        seconds = body.get("advanceSeconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise BadControl('The body must be like {"advanceSeconds": 3600}.')
        if not 0 <= seconds <= ADVANCE_MOST_SECONDS - self._sandbox.clock.offset_seconds:
            raise BadControl("advanceSeconds must be 0 or more (time goes forward only), and ten years at most in all.")
        self._sandbox.clock.advance(float(seconds))
        return self._time()

    async def _reset(self, request: Request) -> JSONValue:
        self._filters(request)
        await self._sandbox.reset()
        return self._time()
