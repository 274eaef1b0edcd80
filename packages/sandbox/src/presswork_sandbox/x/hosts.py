"""api.x.com, as an ASGI app. Source: xdevplatform/docs (2026-08), read 2026-11."""

import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.forms import Sent, read_call
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import BadBody, JSONValue, Reply, bearer_of, local_path, text_of
from presswork_sandbox.x.api import API, NEEDED, APICall
from presswork_sandbox.x.errors import NOT_PERMITTED, OAUTH_OPERATIONS, UNKNOWN_PATH, Envelopes, XRefusal, invalid
from presswork_sandbox.x.facts import FACTS
from presswork_sandbox.x.limits import Limits
from presswork_sandbox.x.oauth import OAuth
from presswork_sandbox.x.uploads import Uploads

HOST: Final = "api.x.com"
MAX_JSON_BYTES: Final = 8 * 1024 * 1024  # an image in base64
_ID: Final = r"(?P<key>\d{1,19})"
# (method, shape of the path) → operation.
_PATHS: Final = [
    (method, re.compile(shape, re.ASCII), operation)
    for method, shape, operation in (
        ("POST", r"2/oauth2/token", "token"),
        ("POST", r"2/oauth2/revoke", "revoke"),
        ("GET", r"2/users/me", "me"),
        ("GET", rf"2/users/{_ID}/tweets", "user_tweets"),
        ("POST", r"2/media/upload/initialize", "media_initialize"),
        ("POST", rf"2/media/upload/{_ID}/append", "media_append"),
        ("POST", rf"2/media/upload/{_ID}/finalize", "media_finalize"),
        ("GET", r"2/media/upload", "media_status"),
        ("POST", r"2/media/upload", "media_upload"),
        ("POST", r"2/media/metadata", "media_metadata"),
        ("POST", r"2/tweets", "tweets"),
        ("GET", r"2/tweets", "tweets_lookup"),
        ("GET", r"2/tweets/search/recent", "search_recent"),
        ("GET", rf"2/tweets/{_ID}", "tweet"),
        ("PUT", rf"2/tweets/{_ID}/hidden", "hide_reply"),
        ("DELETE", rf"2/tweets/{_ID}", "delete"),
    )
]
_COMMANDS: Final = {"INIT": "media_initialize", "APPEND": "media_append", "FINALIZE": "media_finalize"}
"""The form of the upload before 2025-04, which still works."""


def _place(request: Request, path: str, params: Mapping[str, JSONValue]) -> tuple[str, str]:
    """Return the operation of a call, and the id that its path or its parameters name."""
    for method, shape, operation in _PATHS:
        match = shape.fullmatch(path)
        if match is None or method != request.method:
            continue
        key = match.groupdict().get("key") or text_of(params.get("media_id"))
        if operation == "media_upload":
            return _COMMANDS.get(text_of(params.get("command")), operation), key
        if operation == "token" and text_of(params.get("grant_type")) == "refresh_token":
            return "refresh", ""
        return operation, key
    return "unknown", ""


class APIHost:
    """api.x.com."""

    def __init__(self, sandbox: Sandbox, oauth: OAuth, limits: Limits, uploads: Uploads, api: API) -> None:
        self._sandbox = sandbox
        self._oauth = oauth
        self._limits = limits
        self._uploads = uploads
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, path = Request(scope, receive), local_path(scope)
        broken: str | None = None
        async with AsyncExitStack() as files:
            is_upload = path.startswith("/2/media/upload")
            reading = read_call(
                request,
                self._sandbox.store.folder,
                takes_files=is_upload,
                **({"max_bytes": MAX_JSON_BYTES} if is_upload else {}),
            )
            try:
                sent = await files.enter_async_context(reading)
            except BadBody as bad:
                sent, broken = Sent(params={}), str(bad)
            call, key, given = self._call(request, path, sent)
            errors = Envelopes(self._sandbox.clock.now())

            async def effect() -> Reply:
                try:
                    if broken is not None:
                        return errors.refused(invalid(broken))
                    if call.operation == "unknown":
                        return errors.refused(XRefusal(UNKNOWN_PATH))
                    return await self._serve_call(call, key, given, sent)
                except XRefusal as refused:
                    return errors.refused(refused)

            response = await perform(self._sandbox, call, effect, errors)
        await response(scope, receive, send)

    def _call(self, request: Request, path: str, sent: Sent) -> tuple[Call, str, str]:
        operation, key = _place(request, path.strip("/"), sent.params)
        given = bearer_of(request)
        account, token = self._owner(operation, given, sent.params)
        media = self._uploads.find(key) if operation in FACTS.job_operations and key else None
        shown = dict(sent.shown)
        if operation.startswith("media_") and "media" in shown and "media" not in sent.files:
            shown["media"] = f"{len(text_of(shown['media']))} characters"
        call = Call(
            platform=FACTS.name,
            host=HOST,
            path=path,
            operation=operation,
            request=request,
            shown=shown,
            token=token,
            account=account,
            held_by=None if media is None else media.fault_id,
        )
        return call, key, given

    def _owner(
        self, operation: str, given: str, params: Mapping[str, JSONValue]
    ) -> tuple[Account | None, Token | None]:
        tokens, accounts = self._sandbox.tokens, self._sandbox.accounts
        if operation == "token":
            code = tokens.find_code(FACTS.name, text_of(params.get("code")))
            return (None if code is None else accounts.by_id(code.account_id)), None
        if operation in OAUTH_OPERATIONS:
            given = text_of(params.get("refresh_token")) or text_of(params.get("token"))
        token = tokens.find(FACTS.name, given) if given else None
        return (None if token is None else accounts.by_id(token.account_id)), token

    async def _serve_call(self, call: Call, key: str, given: str, sent: Sent) -> Reply:
        authorization = call.request.headers.get("authorization", "")
        match call.operation:
            case "token":
                return self._oauth.token(sent.params, authorization)
            case "refresh":
                return self._oauth.refresh(sent.params, authorization)
            case "revoke":
                return self._oauth.revoke(sent.params, authorization)
            case _:
                return await self._serve_api(call, key, given, sent)

    async def _serve_api(self, call: Call, key: str, given: str, sent: Sent) -> Reply:
        # Read again, since a token_expired fault may have been applied in between.
        token, account = self._oauth.holder(given)
        headers = self._limits.count_call(call.operation, token, account)
        if not NEEDED[call.operation] <= set(account.allows(token.scopes)):
            raise XRefusal(NOT_PERMITTED, headers)
        api_call = APICall(call=call, token=token, account=account, key=key, sent=sent, headers=headers)
        try:
            reply = await self._api.operations[call.operation](api_call)
        except XRefusal as refused:
            raise XRefusal(refused.problem, headers | dict(refused.headers)) from refused
        reply.headers = {**headers, **reply.headers}
        return reply
