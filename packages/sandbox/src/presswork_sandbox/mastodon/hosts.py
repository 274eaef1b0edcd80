"""The API and the token endpoints of every server, as one ASGI app; the host is a part of the path."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.mastodon.api import API, APICall
from presswork_sandbox.mastodon.errors import OUTSIDE_SCOPES, Errors, MastodonError
from presswork_sandbox.mastodon.facts import FACTS
from presswork_sandbox.mastodon.oauth import Apps, OAuth, allows
from presswork_sandbox.mastodon.rules import Rules, ServerRules, count_call
from presswork_sandbox.platform_facts import SERVER
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import (
    FORM,
    BadBody,
    JSONValue,
    Reply,
    base_url,
    bearer_of,
    json_reply,
    local_path,
    read_form_lists,
    read_params,
    text_of,
)


class _ServerConvertor(StringConvertor):
    """The host of a server in a path."""

    regex = SERVER


register_url_convertor("server", _ServerConvertor())

_ID: Final = r"(?P<key>[0-9]{1,18})"
_PATHS: Final = [
    (method, re.compile(shape, re.ASCII), operation)
    for method, shape, operation in (
        ("POST", r"api/v1/apps", "apps"),
        ("POST", r"oauth/token", "token"),
        ("POST", r"oauth/revoke", "revoke"),
        ("GET", r"\.well-known/oauth-authorization-server", "server_metadata"),
        ("GET", r"api/v[12]/instance", "instance"),
        ("GET", r"api/v1/accounts/verify_credentials", "verify_credentials"),
        ("GET", rf"api/v1/accounts/{_ID}", "account"),
        ("GET", rf"api/v1/accounts/{_ID}/statuses", "account_statuses"),
        ("POST", r"api/v[12]/media", "media"),
        ("GET", rf"api/v1/media/{_ID}", "media_status"),
        ("PUT", rf"api/v1/media/{_ID}", "media_update"),
        ("POST", r"api/v1/statuses", "statuses"),
        ("GET", rf"api/v1/statuses/{_ID}", "status"),
        ("PUT", rf"api/v1/statuses/{_ID}", "status_update"),
        ("DELETE", rf"api/v1/statuses/{_ID}", "status_delete"),
        ("GET", rf"api/v1/statuses/{_ID}/source", "status_source"),
        ("GET", rf"api/v1/statuses/{_ID}/context", "context"),
        ("POST", rf"api/v1/statuses/{_ID}/favourite", "favourite"),
        ("POST", rf"api/v1/statuses/{_ID}/unfavourite", "unfavourite"),
        ("GET", r"api/v1/notifications", "notifications"),
    )
]
SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "verify_credentials": ("profile", "read:accounts"),
    "account": ("read:accounts",),
    "account_statuses": ("read:statuses",),
    "media": ("write:media",),
    "media_status": ("write:media",),
    "media_update": ("write:media",),
    "statuses": ("write:statuses",),
    "status": ("read:statuses",),
    "status_source": ("read:statuses",),
    "context": ("read:statuses",),
    "status_update": ("write:statuses",),
    "status_delete": ("write:statuses",),
    "favourite": ("write:favourites",),
    "unfavourite": ("write:favourites",),
    "notifications": ("read:notifications",),
}
"""One of these scopes opens the call."""
FOR_EVERYONE: Final = frozenset({"account", "account_statuses", "status", "context"})
"""Calls that need no token, and then show what is public."""
DISABLED: Final[Mapping[JSONValue, str]] = {
    "disabled": "Your login is currently disabled",
    "unconfirmed": "Your login is missing a confirmed e-mail address",
}
"""What an account that can't be used gets, by its `accountStatus`."""


class MastodonHost:
    """Every server."""

    def __init__(self, sandbox: Sandbox, apps: Apps, oauth: OAuth, rules: Rules, api: API) -> None:
        self._sandbox = sandbox
        self._apps = apps
        self._oauth = oauth
        self._rules = rules
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, host = Request(scope, receive), str(scope["path_params"]["host"]).lower()
        path = local_path(scope).lstrip("/")[len(host) :]
        operation, key = _place(request.method, "/".join(part for part in path.split("/") if part))
        params: dict[str, JSONValue] = {}
        is_broken = False
        try:
            params = {"content_length": request.headers.get("content-length")}
            if operation != "media":
                params = await _read_fields(request)
        except BadBody:
            is_broken = True
        given = bearer_of(request) or text_of(params.get("access_token"))
        token = self._oauth.find(host, text_of(params.get("token")) if operation == "revoke" else given)
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if operation == "token":
            code = self._sandbox.tokens.find_code(FACTS.name, text_of(params.get("code")))
            account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
        call = Call(
            platform=FACTS.name,
            host=host,
            path=path,
            operation=operation,
            request=request,
            shown={**params, "idempotency_key": request.headers.get("idempotency-key")}
            if operation == "statuses"
            else params,
            token=token,
            account=account,
            held_by=self._holding_fault(host, account, key) if operation == "media_status" else None,
        )

        async def effect() -> Reply:
            if is_broken:
                return MastodonError(400, "There was a problem parsing the request").reply()
            try:
                return await self._serve_call(call, host, key, given, params)
            except MastodonError as refused:
                return refused.reply()

        response = await perform(self._sandbox, call, effect, Errors(self._sandbox.clock.now()))
        await response(scope, receive, send)

    def _holding_fault(self, host: str, account: Account | None, media_id: str) -> int | None:
        """Return the stuck_processing fault that holds a file."""
        found = None if account is None else self._api.find_media(host, account, media_id)
        return None if found is None else found.fault_id

    async def _serve_call(self, call: Call, host: str, key: str, given: str, params: Mapping[str, JSONValue]) -> Reply:
        rules, authorization = self._rules.of(host), call.request.headers.get("authorization", "")
        match call.operation:
            case "unknown":
                raise MastodonError(404, "Not Found")
            case "apps":
                return self._apps.register(rules, host, params)
            case "token":
                return self._oauth.token(host, params, authorization)
            case "revoke":
                return self._oauth.revoke(host, params, authorization)
            case "server_metadata":
                return self._oauth.metadata(host, base_url(call.request, host))
            case "instance":
                return json_reply(rules.instance(host, is_first="/v1/" in call.path))
            case _:
                return await self._serve_api(call, rules, host, key, given, params)

    async def _serve_api(
        self, call: Call, rules: ServerRules, host: str, key: str, given: str, params: Mapping[str, JSONValue]
    ) -> Reply:
        token, viewer = self._authorize_call(call, host, given)
        headers: Mapping[str, str] = {}
        if viewer is not None:
            headers = count_call(self._sandbox, rules, host, viewer, call.operation)
        api_call = APICall(
            call=call,
            host=host,
            rules=rules,
            key=key,
            params=params,
            viewer=viewer,
            client_id="" if token is None else token.client_id,
        )
        try:
            if call.operation == "media":
                reply = await self._api.upload(api_call)
            else:
                reply = self._api.operations[call.operation](api_call)
        except MastodonError as refused:
            return refused.reply(headers)
        reply.headers = {**reply.headers, **headers}
        return reply

    def _authorize_call(self, call: Call, host: str, given: str) -> tuple[Token | None, Account | None]:
        """Return the token of a call and its account, none where it needs none. Raises MastodonError."""
        if not given and call.operation in FOR_EVERYONE:
            return None, None
        # Read again, since a token_expired fault may have been applied in between.
        token, account = self._oauth.caller(host, given)
        granted = account.allows(token.scopes)
        if not any(allows(granted, scope) for scope in SCOPES[call.operation]):
            raise MastodonError(403, OUTSIDE_SCOPES)
        disabled = DISABLED.get(account.settings.get("accountStatus"))
        if disabled is not None:
            raise MastodonError(403, disabled)
        return token, account


def _place(method: str, path: str) -> tuple[str, str]:
    """Return the operation of a call, and the id that its path names."""
    for verb, shape, operation in _PATHS:
        match = shape.fullmatch(path)
        if match is not None and verb == method:
            return operation, match.groupdict().get("key") or ""
    return "unknown", ""


async def _read_fields(request: Request) -> dict[str, JSONValue]:
    """Return query and body; names that end with [] are lists. Raises BadBody."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    query = request.query_params
    fields: dict[str, JSONValue] = {name: query.getlist(name) if name.endswith("[]") else query[name] for name in query}
    if kind in {FORM, "multipart/form-data"}:
        for name, values in (await read_form_lists(request)).items():
            fields[name] = values if name.endswith("[]") else values[-1]
        return fields
    return {**await read_params(request), **fields}
