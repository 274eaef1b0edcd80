"""The provider's own host, as an ASGI app. Source: docs/provider-protocol.md."""

import time
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import BadHandle
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.faults import Fault
from presswork_sandbox.provider.dispatches import DifferentContent, Dispatch, Dispatches
from presswork_sandbox.provider.payload import BadPayload, read_payload
from presswork_sandbox.provider.signature import BadSignature, verify
from presswork_sandbox.registry import PLATFORMS
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    decode_object,
    json_reply,
    local_path,
    read_body,
    text_of,
    without_query,
)

HOST: Final = "provider"
STATUSES: Final = {
    "invalid_body": 400,
    "invalid_signature": 401,
    "not_found": 404,
    "unknown_post": 404,
    "different_content": 409,
    "too_late": 409,
    "rate_limited": 429,
    "internal": 500,
}


class ProviderRefusal(Exception):
    """Ends a call with an error of the protocol."""

    def __init__(self, code: str, message: str, dispatch: Dispatch | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.dispatch = dispatch


def refused(code: str, message: str, status: int | None = None, dispatch: Dispatch | None = None) -> Reply:
    """Return the protocol's error; a code of a dispatch's own has status 422."""
    body: dict[str, JSONValue] = {"error": {"code": code, "message": message}}
    if dispatch is not None:
        body["dispatch"] = dispatch.wire()
    http_status = status or STATUSES.get(code, 422)
    return json_reply(body, http_status, {"Retry-After": "1"} if http_status == 429 else {})


class ProviderErrorFormat:
    """The provider's error responses for injected faults."""

    def server_error(self, call: Call) -> Reply:
        """Return HTTP 500."""
        _ = call
        return refused("internal", "Something went wrong.")

    def named_error(self, call: Call, fault: Fault) -> Reply:
        """Return the error of a platform_error fault; `value.status` overrides the HTTP status of the code."""
        _ = call
        status = fault.value.get("status")
        message = str(fault.value.get("message") or "The sandbox is set to return this error.")
        return refused(str(fault.value["code"]), message, status if isinstance(status, int) else None)


class ProviderHost:
    """The sandbox's provider."""

    def __init__(self, sandbox: Sandbox, dispatches: Dispatches) -> None:
        self._sandbox = sandbox
        self._dispatches = dispatches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        operation, post_id = _operation(request.method, [part for part in path.split("/") if part])
        try:
            raw = await read_body(request)
        except BadBody:
            raw = b"{"  # no object, so refused as any other body that can't be read
        try:
            body = decode_object(raw) if raw.strip() else {}
        except BadBody:
            body = None
        dispatch = self._dispatches.find(post_id or text_of((body or {}).get("postId")))
        call = Call(
            platform="provider",
            host=HOST,
            path=path,
            operation=operation,
            request=request,
            shown=_hide_signatures(body),
            handle=_handle(body) if dispatch is None else dispatch.handle,
            held_by=None if dispatch is None else dispatch.fault_id,
        )

        async def effect() -> Reply:
            try:
                return self._serve_call(call, post_id, raw, body)
            except ProviderRefusal as refusal:
                return refused(refusal.code, str(refusal), dispatch=refusal.dispatch)

        response = await perform(self._sandbox, call, effect, ProviderErrorFormat())
        await response(scope, receive, send)

    def _serve_call(self, call: Call, post_id: str, raw: bytes, body: Mapping[str, JSONValue] | None) -> Reply:
        if call.operation == "identity":
            return self._identity(call, raw)
        signed_id = self._verify_signature(call, raw)
        if call.operation == "unknown":
            raise ProviderRefusal("not_found", "There is nothing here. The protocol is in docs/provider-protocol.md.")
        if body is None:
            raise ProviderRefusal("invalid_body", "The body is not a JSON object.")
        if call.operation == "dispatch":
            return self._dispatch(call, signed_id, body)
        if signed_id != post_id or (call.operation == "dispatch_cancel" and body.get("postId") != post_id):
            raise ProviderRefusal("invalid_signature", "webhook-id, the path and the body must name the same post.")
        dispatch = self._dispatches.find(post_id)
        if dispatch is None:
            raise ProviderRefusal("unknown_post", "No such post was handed over.")
        if call.operation == "dispatch_status":
            return json_reply(self._dispatches.poll(call, dispatch).wire())
        canceled = self._dispatches.cancel(dispatch)
        if canceled is None:
            raise ProviderRefusal("too_late", "It can't be taken back any more.", self._dispatches.find(post_id))
        return json_reply(canceled.wire())

    def _verify_signature(self, call: Call, raw: bytes) -> str:
        clocks = (time.time(), self._sandbox.clock.now())
        try:
            return verify(call.request.headers, raw, self._dispatches.secret, clocks, self._dispatches.tolerance)
        except BadSignature as bad:
            raise ProviderRefusal("invalid_signature", str(bad)) from bad

    def _identity(self, call: Call, raw: bytes) -> Reply:
        signed = "webhook-signature" in call.request.headers
        if signed:
            self._verify_signature(call, raw)
        return json_reply(
            {
                "name": "Presswork sandbox provider",
                "protocol": 1,
                "platforms": list(PLATFORMS),
                "signature": "verified" if signed else "none",
            }
        )

    def _dispatch(self, call: Call, signed_id: str, body: Mapping[str, JSONValue]) -> Reply:
        try:
            payload = read_payload(body)
        except BadPayload as bad:
            raise ProviderRefusal("invalid_body", str(bad)) from bad
        if payload.post_id != signed_id:
            raise ProviderRefusal("invalid_signature", "webhook-id must be the postId of the body.")
        if payload.platform not in PLATFORMS:
            raise ProviderRefusal("account_unknown", f"This provider knows {', '.join(PLATFORMS)} only.")
        try:
            dispatch, is_new = self._dispatches.accept(call, payload)
        except BadHandle as bad:
            raise ProviderRefusal("invalid_body", f"account.handle: {bad}") from bad
        except DifferentContent as different:
            message = "This post was handed over before, with other content."
            raise ProviderRefusal("different_content", message) from different
        return json_reply(dispatch.wire(), 201 if is_new else 200)


def _operation(method: str, parts: list[str]) -> tuple[str, str]:
    """Return the operation, and the post's id of the path."""
    match method, parts:
        case "GET", []:
            return "identity", ""
        case "POST", ["dispatches"]:
            return "dispatch", ""
        case "GET", ["dispatches", post_id]:
            return "dispatch_status", post_id
        case "POST", ["dispatches", post_id, "cancel"]:
            return "dispatch_cancel", post_id
        case _:
            return "unknown", ""


def _handle(body: Mapping[str, JSONValue] | None) -> str | None:
    account = None if body is None else body.get("account")
    return text_of(account.get("handle")).strip().removeprefix("@") or None if isinstance(account, Mapping) else None


def _hide_signatures(body: JSONValue) -> JSONValue:
    """Return a body for the journal, without the signatures in its URLs."""
    if isinstance(body, Mapping):
        return {
            name: without_query(value)
            if name in {"url", "callbackUrl"} and isinstance(value, str)
            else _hide_signatures(value)
            for name, value in body.items()
        }
    if isinstance(body, list):
        return [_hide_signatures(part) for part in body]
    return body
