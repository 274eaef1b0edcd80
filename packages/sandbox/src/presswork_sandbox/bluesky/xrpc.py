"""A host that speaks XRPC: it finds the method of a call, reads its parameters, and answers in XRPC's words."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.dpop import Proofs
from presswork_sandbox.bluesky.errors import Errors, XRPCError, invalid
from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.lexicon import InvalidRecord
from presswork_sandbox.bluesky.lexicons import INPUTS, QUERIES
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import (
    BadBody,
    BodyTooLarge,
    JSONValue,
    Reply,
    decode_object,
    html_reply,
    json_reply,
    local_path,
    read_body,
)

PREFIX: Final = "/xrpc/"
MAX_INPUT_BYTES: Final = 1_000_000
"""Of the JSON that a procedure reads: applyWrites can carry many records."""
Owner = Callable[[Request], tuple[Token | None, Account | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One call whose parameters were read and checked."""

    call: Call
    request: Request
    params: Mapping[str, JSONValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of XRPC."""

    operation: str
    verb: str
    run: Callable[[Exchange], Awaitable[Reply] | Reply]
    takes_bytes: bool = False
    """Whether its body is a file, which it reads itself."""


Document = Callable[[Request], JSONValue]


class XRPCHost:
    """One host, as an ASGI app."""

    def __init__(
        self,
        sandbox: Sandbox,
        host: str,
        methods: Mapping[str, Method],
        *,
        owner: Owner | None = None,
        proofs: Proofs | None = None,
        documents: Mapping[str, Document] | None = None,
        held_by: Callable[[Request], int | None] | None = None,
    ) -> None:
        """`methods` by their names (NSIDs); `owner` finds whose token a request has; `documents` by their paths; `held_by`
        finds the fault that holds the job that a request asks about."""
        self._sandbox = sandbox
        self._host = host
        self._methods = methods
        self._owner = owner
        self._proofs = proofs
        self._documents = documents or {}
        self._held_by = held_by

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, path = Request(scope, receive), local_path(scope)
        method = self._methods.get(path.removeprefix(PREFIX).rstrip("/")) if path.startswith(PREFIX) else None
        document = self._documents.get(path) if request.method in {"GET", "HEAD"} else None
        params: Mapping[str, JSONValue] = dict(request.query_params)
        problem: XRPCError | None = None
        if method is not None and not method.takes_bytes and request.method == "POST":
            try:
                params = await _input(request)
            except XRPCError as wrong:
                problem = wrong
        token, account = (None, None) if self._owner is None else self._owner(request)
        call = Call(
            platform=FACTS.name,
            host=self._host,
            path=path,
            operation="server_metadata" if document else "unknown" if method is None else method.operation,
            request=request,
            shown=_file(request) if method is not None and method.takes_bytes else params,
            token=token,
            account=account,
            handle=str(params["identifier"]) if isinstance(params.get("identifier"), str) else None,
            held_by=None if self._held_by is None else self._held_by(request),
        )

        async def effect() -> Reply:
            if document is not None:
                return json_reply(document(request))
            if method is None and not path.startswith(PREFIX):
                return html_reply(f"Cannot {request.method} {path}", 404)
            try:
                reply = await self._run(method, Exchange(call=call, request=request, params=params), problem)
            except XRPCError as refused:
                reply = refused.reply()
            if self._proofs is not None and "dpop" in request.headers:
                reply.headers = {**reply.headers, "DPoP-Nonce": self._proofs.nonce()}
            return reply

        nonce = "" if self._proofs is None else self._proofs.nonce()
        response = await perform(self._sandbox, call, effect, Errors(nonce, self._sandbox.clock.now()))
        await response(scope, receive, send)

    async def _run(self, method: Method | None, exchange: Exchange, problem: XRPCError | None) -> Reply:
        if method is None:
            raise XRPCError("MethodNotImplemented", "Method Not Implemented")
        if exchange.request.method != method.verb:
            raise XRPCError(
                "InvalidRequest", f"Incorrect HTTP method ({exchange.request.method}) expected {method.verb}", 405
            )
        if problem is not None:
            raise problem
        reply = method.run(exchange)
        return reply if isinstance(reply, Reply) else await reply


def check_input(exchange: Exchange) -> None:
    """Raise XRPCError unless the parameters of a call have the shape that its lexicon wants.

    The real server authenticates first: so do the methods here, before they call this.
    """
    operation = exchange.call.operation
    try:
        if operation in INPUTS:
            INPUTS[operation]("Input", exchange.params)
        elif operation in QUERIES:
            QUERIES[operation]("Error: Params", exchange.params)
    except InvalidRecord as wrong:
        raise invalid(str(wrong)) from wrong


async def _input(request: Request) -> Mapping[str, JSONValue]:
    """Return the JSON body of a procedure, empty where there is none. Raises XRPCError."""
    try:
        body = await read_body(request, MAX_INPUT_BYTES)
        if not body:
            return {}
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise invalid(f"Wrong request encoding (Content-Type): {kind or 'none'}")
        return decode_object(body)
    except BodyTooLarge as wrong:
        raise XRPCError("PayloadTooLarge", "request entity too large") from wrong
    except BadBody as wrong:
        raise invalid(f"Unable to parse input: {wrong}") from wrong


def _file(request: Request) -> Mapping[str, JSONValue]:
    names = ("content-type", "content-length")
    return {**request.query_params, **{name.replace("-", "_"): request.headers.get(name) for name in names}}
