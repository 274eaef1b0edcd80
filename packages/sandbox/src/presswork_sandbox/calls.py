"""One call to a fake platform: faults before it, its effect, faults after it, and its line in the journal."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from starlette.requests import Request
from starlette.responses import Response

from presswork_sandbox.accounts import Account
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import LATE_EFFECT, NOTHING, ON_JOBS, Fault
from presswork_sandbox.late_effects import is_late, recording_of
from presswork_sandbox.tokens import LAPSED, Token
from presswork_sandbox.wire import CutConnection, JSONValue, Reply, flag_of, html_reply

BAD_GATEWAY_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center></body></html>"
)


@dataclass(slots=True, kw_only=True)
class Call:
    """One API call, before it has any effect."""

    platform: str
    host: str
    path: str
    operation: str
    request: Request
    shown: JSONValue  # its parameters, for the journal
    token: Token | None = None
    account: Account | None = None
    handle: str | None = None  # of a call that belongs to no account: a phone number, a provider's handle
    held_by: int | None = None  # the stuck_processing fault that already holds the job in question
    job_fault: Fault | None = None  # stuck_processing or media_error, for the effect to act on


Effect = Callable[[], Awaitable[Reply]]


class ErrorFormat(Protocol):
    """The error responses of one host for injected faults."""

    def server_error(self, call: Call) -> Reply:
        """Return the platform's HTTP 500."""
        ...

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error that a platform_error fault names, in the platform's envelope."""
        ...


async def perform(sandbox: Sandbox, call: Call, effect: Effect, error_format: ErrorFormat) -> Response:
    """Answer a call, or drop it where a fault says so. Every fault but drop_after_effect, malformed_json and those with
    `value.afterEffect` strikes before the effect, and instead of it; after late_effect, the call comes here once more, and
    then meets no fault."""
    handle = call.handle if call.account is None else call.account.handle
    scope = call.request.scope
    recording = recording_of(scope)
    triggered = NOTHING
    if not is_late(scope):
        triggered = sandbox.faults.trigger(
            call.platform, call.operation, handle, call.held_by, can_be_late=recording is not None
        )
    if triggered.latency_ms:
        await asyncio.sleep(triggered.latency_ms / 1000)
    if recording is not None and triggered.fault is not None and triggered.fault.kind == LATE_EFFECT:
        await recording.postpone(triggered.fault.value)
        reply = None
    else:
        reply = await _reply(sandbox, call, triggered.fault, effect, error_format)
    sandbox.journal.write(
        at=sandbox.clock.now(),
        platform=call.platform,
        host=call.host,
        method=call.request.method,
        path=call.path,
        operation=call.operation,
        handle=handle,
        status=None if reply is None else reply.status,
        fault=LATE_EFFECT if is_late(scope) else triggered.name,
        request=call.shown,
        response=None if reply is None else reply.shown,
    )
    return CutConnection() if reply is None else reply.response()


async def _reply(
    sandbox: Sandbox, call: Call, fault: Fault | None, effect: Effect, error_format: ErrorFormat
) -> Reply | None:
    if fault is None:
        return await effect()
    if fault.kind in ON_JOBS:
        call.job_fault = fault
        return await effect()
    if fault.kind == "token_expired":
        # The effect then finds the token dead and answers as for any dead token.
        if call.token is not None:
            sandbox.tokens.kill(call.token, "expired" if call.operation == "refresh" else LAPSED)
        return await effect()
    if fault.kind == "drop_before_effect":
        return None
    if fault.kind == "drop_after_effect":
        await effect()
        return None
    if fault.kind == "malformed_json":
        whole = await effect()
        if whole.status == 204:  # it has no body, and no server sends one with it
            return whole
        return Reply(
            status=whole.status,
            body=whole.body[: max(1, len(whole.body) * 2 // 3)] or b"{",
            media_type="application/json",
            headers=whole.headers,
            shown=whole.shown,
        )
    if flag_of(fault.value.get("afterEffect")):
        await effect()
    if fault.kind == "html_502":
        return html_reply(BAD_GATEWAY_PAGE, 502)
    return error_format.server_error(call) if fault.kind == "http_500" else error_format.named_error(call, fault)
