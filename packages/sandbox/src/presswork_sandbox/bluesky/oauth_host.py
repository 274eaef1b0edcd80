"""The endpoints of Bluesky's OAuth server, as an ASGI app."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.dpop import Proofs
from presswork_sandbox.bluesky.errors import Errors, OAuthError
from presswork_sandbox.bluesky.facts import ENTRYWAY, FACTS
from presswork_sandbox.bluesky.oauth import OAuth, PushedRequests
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    base_url,
    html_reply,
    json_reply,
    local_path,
    read_params,
    text_of,
)

OPERATIONS: Final = {"par": "par", "token": "token", "revoke": "revoke"}


class OAuthHost:
    """The paths of bsky.social that begin with oauth, except for the authorize page."""

    def __init__(self, sandbox: Sandbox, requests: PushedRequests) -> None:
        self._sandbox = sandbox
        self._requests = requests
        self._proofs = Proofs(sandbox, ENTRYWAY)
        self._oauth = OAuth(sandbox, requests, self._proofs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, name = Request(scope, receive), local_path(scope).strip("/")
        operation = OPERATIONS.get(name, "server_metadata" if name == "jwks" else "unknown")
        params: Mapping[str, JSONValue] = {}
        problem: OAuthError | None = None
        try:
            params = await read_params(request)
        except BadBody as wrong:
            problem = OAuthError("invalid_request", str(wrong))
        if operation == "token" and params.get("grant_type") == "refresh_token":
            operation = "refresh"
        token, account = self._owner(params)
        call = Call(
            platform=FACTS.name,
            host=ENTRYWAY,
            path=f"/oauth/{name}",
            operation=operation,
            request=request,
            shown=params,
            token=token,
            account=account,
        )

        async def effect() -> Reply:
            if name == "jwks":
                return json_reply({"keys": []})  # its tokens are signed with a secret, for itself alone
            if request.method != "POST" or operation == "unknown":
                return html_reply(f"Cannot {request.method} {call.path}", 404)
            try:
                if problem is not None:
                    raise problem
                reply = await self._oauth.answer(operation, request, params, base_url(request, ENTRYWAY))
            except OAuthError as refused:
                reply = refused.reply()
            reply.headers = {**reply.headers, "DPoP-Nonce": self._proofs.nonce()}
            return reply

        errors = Errors(self._proofs.nonce(), self._sandbox.clock.now())
        response = await perform(self._sandbox, call, effect, errors)
        await response(scope, receive, send)

    def _owner(self, params: Mapping[str, JSONValue]) -> tuple[Token | None, Account | None]:
        given = text_of(params.get("refresh_token")) or text_of(params.get("token"))
        token = self._oauth.find_token(given) if given else None
        if token is not None:
            return token, self._sandbox.accounts.by_id(token.account_id)
        code = self._sandbox.tokens.find_code(FACTS.name, text_of(params.get("code")))
        return None, None if code is None else self._sandbox.accounts.by_id(code.account_id)
