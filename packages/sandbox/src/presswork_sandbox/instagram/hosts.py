"""The hosts of Instagram Login, as ASGI apps: graph.instagram.com and api.instagram.com.

Paths are taken with or without a version and with any number of slashes, and never answered with a redirect.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram import oauth
from presswork_sandbox.instagram.barred import barred
from presswork_sandbox.instagram.comments import ON_COMMENTS, find_comment
from presswork_sandbox.instagram.containers import Containers
from presswork_sandbox.instagram.errors import (
    INVALID_PARAMETER,
    MISSING_OBJECT,
    UNKNOWN_PATH,
    GraphErrorFormat,
    GraphRefusal,
    graph_error,
    missing,
)
from presswork_sandbox.instagram.graph import OF_ACCOUNT, Graph
from presswork_sandbox.instagram.login import INSTAGRAM_LOGIN
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    bearer_of,
    json_reply,
    local_path,
    read_params,
    text_of,
)

API: Final = "api.instagram.com"
VERSION: Final = re.compile(r"v\d+\.\d+")
VERSIONS: Final = frozenset(f"v{number}.0" for number in range(21, 28))  # source: Meta, Graph changelog, 2026-11-04
# (method, shape of the path) → operation. "ig" stands for an account's id or `me`, "id" for any other number.
OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "access_token"): "exchange",
    ("GET", "refresh_access_token"): "refresh",
    ("GET", "ig"): "me",
    ("POST", "ig/media"): "media",
    ("GET", "ig/media"): "media_list",
    ("GET", "ig/stories"): "stories",
    ("POST", "ig/media_publish"): "media_publish",
    ("GET", "ig/content_publishing_limit"): "content_publishing_limit",
    ("DELETE", "ig/permissions"): "revoke",
    **{(method, "ig/subscribed_apps"): "subscribed_apps" for method in ("GET", "POST", "DELETE")},
    ("GET", "id"): "permalink",
    ("POST", "id"): "media_update",
    ("DELETE", "id"): "media_delete",
    ("GET", "ig/insights"): "account_insights",
    ("GET", "id/insights"): "media_insights",
    ("GET", "id/comments"): "comments_list",
    ("POST", "id/comments"): "comments",
    ("GET", "id/replies"): "comment_replies_list",
    ("POST", "id/replies"): "comment_replies",
}


EDGES_OF_MEDIA: Final = frozenset({"comments", "replies", "insights"})


class GraphHost:
    """graph.instagram.com."""

    def __init__(self, sandbox: Sandbox, containers: Containers) -> None:
        self._sandbox = sandbox
        self._containers = containers
        self._graph = Graph(sandbox, containers, INSTAGRAM_LOGIN)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        broken: str | None = None
        try:
            params = await read_params(request)
        except BadBody as bad:
            params, broken = {}, str(bad)
        given = text_of(params.get("access_token")) or bearer_of(request)
        token = self._sandbox.tokens.find("instagram", given) if given else None
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        parts = [part for part in path.split("/") if part]
        version = parts.pop(0) if parts and VERSION.fullmatch(parts[0]) else None
        subject = parts[0] if parts else ""
        operation = OPERATIONS.get((request.method, self._shape(parts, account)), "unknown")
        if operation in ON_COMMENTS and find_comment(self._sandbox, subject) is not None:
            operation = ON_COMMENTS[operation]
        container = self._containers.find(subject) if operation == "permalink" else None
        asks_status = "status_code" in text_of(params.get("fields"))
        if container is not None or (operation == "permalink" and asks_status and self._graph.post(subject) is None):
            operation = "container_status"
        call = Call(
            platform="instagram",
            host=INSTAGRAM_LOGIN.host,
            path=path,
            operation=operation,
            request=request,
            shown=params,
            token=token,
            account=account,
            held_by=None if container is None else container.fault_id,
        )

        async def effect() -> Reply:
            if broken is not None:
                problem = INVALID_PARAMETER.about(f"(#100) {broken}")
                return graph_error(problem, self._sandbox.store.trace())
            if (refusal := barred(request, params)) is not None:
                return graph_error(refusal, self._sandbox.store.trace())
            if operation == "unknown" or (version is not None and version not in VERSIONS):
                problem = UNKNOWN_PATH.about(f"Unknown path components: {path}")
                return graph_error(problem, self._sandbox.store.trace())
            try:
                return await self._serve_call(call, subject, given, params)
            except GraphRefusal as refused:
                return graph_error(refused.problem, self._sandbox.store.trace())

        response = await perform(self._sandbox, call, effect, GraphErrorFormat(self._sandbox.store.trace()))
        await response(scope, receive, send)

    def _shape(self, parts: list[str], account: Account | None) -> str:
        if not parts or (len(parts) == 1 and parts[0] in {"access_token", "refresh_access_token"}):
            return "/".join(parts)
        own = account is not None and parts[0] in {account.user_id, account.app_scoped_id}
        if parts[0] == "me" or own:
            return "/".join(["ig", *parts[1:]])
        if not parts[0].isdigit():
            return "/".join(parts)
        # An id that is not the token's own account still names an account where only an account can stand.
        other = len(parts) == 2 and parts[1] not in EDGES_OF_MEDIA
        return "/".join(["ig" if other else "id", *parts[1:]])

    async def _serve_call(self, call: Call, subject: str, given: str, params: Mapping[str, JSONValue]) -> Reply:
        sandbox = self._sandbox
        if call.operation == "exchange":
            oauth.check_secret(sandbox, params)
        # Read again, since a token_expired fault may have been applied in between.
        fresh = sandbox.tokens.find("instagram", given) if given else None
        token = oauth.check_token(fresh, given, sandbox.clock.now(), is_refresh=call.operation == "refresh")
        account = sandbox.accounts.by_id(token.account_id)
        if account is None:
            raise GraphRefusal(MISSING_OBJECT)
        if call.operation == "exchange":
            return oauth.exchange_short(sandbox, token, params)
        if call.operation == "refresh":
            return oauth.refresh(sandbox, token, params)
        if call.operation == "revoke":
            sandbox.tokens.kill_grant(token, "revoked")
            return json_reply({"success": True})
        if call.operation in OF_ACCOUNT and subject not in {"me", account.user_id, account.app_scoped_id}:
            raise GraphRefusal(missing(call, subject))
        return await self._graph.answer(call, subject, token, account, params)


class ApiHost:
    """api.instagram.com: the code exchange, and the older URL of the consent page."""

    def __init__(self, sandbox: Sandbox, consent: ASGIApp) -> None:
        self._sandbox = sandbox
        self._consent = consent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        parts = [part for part in path.split("/") if part]
        if parts == ["oauth", "authorize"]:
            await self._consent(scope, receive, send)
            return
        known = parts == ["oauth", "access_token"] and request.method == "POST"
        try:
            params = await read_params(request)
        except BadBody:
            params = {}
        code = self._sandbox.tokens.find_code("instagram", text_of(params.get("code")))
        call = Call(
            platform="instagram",
            host=API,
            path=path,
            operation="token" if known else "unknown",
            request=request,
            shown=params,
            account=None if code is None else self._sandbox.accounts.by_id(code.account_id),
        )

        async def effect() -> Reply:
            if not known:
                return graph_error(UNKNOWN_PATH, self._sandbox.store.trace())
            return oauth.exchange_code(self._sandbox, params)

        response = await perform(self._sandbox, call, effect, GraphErrorFormat(self._sandbox.store.trace()))
        await response(scope, receive, send)
