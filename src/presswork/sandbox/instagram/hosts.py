"""The hosts of Instagram Login, as ASGI apps: graph.instagram.com and api.instagram.com.

Paths are taken with or without a version and with any number of slashes, and never answered with a redirect.
"""

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from presswork.sandbox.accounts import Account
from presswork.sandbox.calls import Call, perform
from presswork.sandbox.clock import DAY
from presswork.sandbox.core import Sandbox
from presswork.sandbox.instagram import oauth
from presswork.sandbox.instagram.containers import CONTAINER_FIELDS, Container, Containers
from presswork.sandbox.instagram.errors import (
    INVALID_PARAMETER,
    MISSING_OBJECT,
    NO_PERMISSION,
    NOT_BUSINESS,
    UNKNOWN_PATH,
    GraphDialect,
    GraphRefusal,
    Problem,
    graph_error,
)
from presswork.sandbox.instagram.publish import comment, publish, publishing_limit
from presswork.sandbox.instagram.reads import (
    COMMENTS_LIMIT,
    LIST_DEFAULT,
    LIST_LIMIT,
    Reads,
    paged,
    read_fields,
    read_page,
)
from presswork.sandbox.posts import Post
from presswork.sandbox.tokens import Token
from presswork.sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    base_address,
    bearer_of,
    flag_of,
    json_reply,
    local_path,
    read_params,
    text_of,
)

GRAPH: Final = "graph.instagram.com"
API: Final = "api.instagram.com"
VERSION: Final = re.compile(r"v\d+\.\d+")
VERSIONS: Final = frozenset(f"v{number}.0" for number in range(21, 27))  # source: Meta, Graph changelog, 2026-10-29
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
    ("GET", "id"): "permalink",
    ("POST", "id"): "media_update",
    ("GET", "id/comments"): "comments_list",
    ("POST", "id/comments"): "comments",
}


class GraphHost:
    """graph.instagram.com."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._containers = Containers(sandbox)
        self._reads = Reads(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.wake()
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
        container = self._containers.find(subject) if operation == "permalink" else None
        asks_status = "status_code" in text_of(params.get("fields"))
        if container is not None or (operation == "permalink" and asks_status and self._post(subject) is None):
            operation = "container_status"
        call = Call(
            platform="instagram",
            host=GRAPH,
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
            if operation == "unknown" or (version is not None and version not in VERSIONS):
                problem = UNKNOWN_PATH.about(f"Unknown path components: {path}")
                return graph_error(problem, self._sandbox.store.trace())
            try:
                return await self._answer(call, subject, given, params)
            except GraphRefusal as refused:
                return graph_error(refused.problem, self._sandbox.store.trace())

        response = await perform(self._sandbox, call, effect, GraphDialect(self._sandbox.store.trace()))
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
        other = len(parts) == 2 and parts[1] != "comments"
        return "/".join(["ig" if other else "id", *parts[1:]])

    def _post(self, subject: str) -> Post | None:
        return self._sandbox.posts.by_external_id("instagram", subject)

    async def _answer(self, call: Call, subject: str, given: str, params: Mapping[str, JSONValue]) -> Reply:
        sandbox = self._sandbox
        # Asked for again, since a token_expired fault may have struck in between.
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
        self._check_scope(token, account, oauth.BASIC)
        shape = call.path.rstrip("/").rpartition("/")[2]
        if shape in {"media", "media_publish", "content_publishing_limit", "stories"} and subject not in {
            "me",
            account.user_id,
            account.app_scoped_id,
        }:
            raise GraphRefusal(_missing(call, subject))
        if call.operation in {"media", "media_publish", "content_publishing_limit"}:
            return await self._publishing(call, token, account, params)
        return self._read(call, subject, token, account, params)

    async def _publishing(self, call: Call, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        self._check_scope(token, account, oauth.PUBLISH)
        if account.tier == "personal":
            raise GraphRefusal(NOT_BUSINESS)
        sent = {name: value for name, value in params.items() if name not in {"access_token", "appsecret_proof"}}
        if call.operation == "media":
            return await self._containers.create(call, account, sent)
        if call.operation == "media_publish":
            return publish(self._sandbox, self._containers, account, sent)
        return publishing_limit(self._sandbox, account, sent)

    def _read(self, call: Call, subject: str, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        request, reads = call.request, self._reads
        if call.operation == "me":
            return json_reply(reads.person(request, account, read_fields(params, "id")))
        if call.operation in {"media_list", "stories"}:
            return self._media_list(call, account, params)
        if call.operation == "container_status":
            container = self._containers.of_account(account, subject)
            if container is None:
                raise GraphRefusal(_missing(call, subject))
            return self._container(call, container, params)
        post = self._post(subject)
        if post is None or post.account_id != account.id:
            raise GraphRefusal(_missing(call, subject))
        if call.operation == "permalink":
            return json_reply(reads.media(request, post, read_fields(params, "id")))
        self._check_scope(token, account, oauth.COMMENTS)
        if call.operation == "comments":
            return comment(self._sandbox, account, post, params)
        if call.operation == "media_update":
            if "comment_enabled" not in params:
                raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter comment_enabled is required"))
            enabled = flag_of(params["comment_enabled"])
            self._sandbox.store.run("UPDATE posts SET comments_on = ? WHERE id = ?", enabled, post.id)
            return json_reply({"success": True})
        fields = read_fields(params, "id,text,timestamp")
        page = read_page(params, COMMENTS_LIMIT, COMMENTS_LIMIT)
        rows = [
            one
            for one in self._sandbox.posts.comments(post.external_id)[::-1]
            if (page.after is None or int(one.id) < page.after) and (page.before is None or int(one.id) > page.before)
        ]
        address = base_address(request, GRAPH) + call.path
        return paged(rows, lambda one: int(one.id), lambda one: reads.comment(one, fields), page, address, params)

    def _container(self, call: Call, container: Container, params: Mapping[str, JSONValue]) -> Reply:
        fields = read_fields(params, "id")
        for name in fields:
            if name not in CONTAINER_FIELDS:
                message = f"(#100) Tried accessing nonexisting field ({name})"
                raise GraphRefusal(INVALID_PARAMETER.about(message))
        state = self._containers.poll(call, container)
        return json_reply({"id": state["id"]} | {name: state[name] for name in fields})

    def _media_list(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        fields = read_fields(params, "id")
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        stories = call.operation == "stories"
        since, until = (text_of(params.get(name))[:12] for name in ("since", "until"))
        oldest = float(since) if since.isdecimal() else None
        rows = self._sandbox.posts.of_account(
            account.id,
            stories=stories,
            before=page.after,
            after=page.before,
            since=self._sandbox.clock.now() - DAY if stories else oldest,
            until=float(until) if until.isdecimal() else None,
            most=page.limit + 1,
        )
        address = base_address(call.request, GRAPH) + call.path
        return paged(
            rows,
            lambda post: post.id,
            lambda post: self._reads.media(call.request, post, fields),
            page,
            address,
            params,
        )

    def _check_scope(self, token: Token, account: Account, scope: str) -> None:
        if scope not in account.allows(token.scopes):
            raise GraphRefusal(NO_PERMISSION)


def _missing(call: Call, subject: str) -> Problem:
    method = call.request.method.lower()
    return MISSING_OBJECT.about(
        f"Unsupported {method} request. Object with ID '{subject[:40]}' does not exist, cannot be loaded due to missing"
        " permissions, or does not support this operation."
    )


class ApiHost:
    """api.instagram.com: the code exchange, and the older address of the consent page."""

    def __init__(self, sandbox: Sandbox, consent: ASGIApp) -> None:
        self._sandbox = sandbox
        self._consent = consent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.wake()
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

        response = await perform(self._sandbox, call, effect, GraphDialect(self._sandbox.store.trace()))
        await response(scope, receive, send)
