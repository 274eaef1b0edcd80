"""graph.threads.net and graph.threads.com, one app: paths are taken with or without the version, and never redirected."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import MISSING_OBJECT, UNKNOWN_PATH, GraphRefusal, graph_error, missing
from presswork_sandbox.instagram.hosts import VERSION
from presswork_sandbox.instagram.oauth import check_secret, check_token, exchange_short, refresh
from presswork_sandbox.threads import oauth
from presswork_sandbox.threads.containers import Containers
from presswork_sandbox.threads.errors import PARAMETER, ThreadsErrorFormat
from presswork_sandbox.threads.graph import ThreadsGraph
from presswork_sandbox.threads.published import Published
from presswork_sandbox.wire import BadBody, JSONValue, Reply, bearer_of, local_path, read_params, text_of

HOSTS: Final = ("graph.threads.net", "graph.threads.com")
VERSIONS: Final = frozenset({"v1.0"})
# (method, shape of the path) → operation. "user" stands for an account's id or `me`, "id" for any other number.
OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("POST", "oauth/access_token"): "token",
    ("GET", "access_token"): "exchange",
    ("GET", "refresh_access_token"): "refresh",
    ("GET", "debug_token"): "debug_token",
    ("GET", "user"): "me",
    ("POST", "user/threads"): "threads",
    ("GET", "user/threads"): "threads_list",
    ("GET", "user/replies"): "own_replies",
    ("POST", "user/threads_publish"): "threads_publish",
    ("GET", "user/threads_publishing_limit"): "threads_publishing_limit",
    ("GET", "user/threads_insights"): "user_insights",
    ("GET", "id/insights"): "insights",
    ("GET", "id"): "permalink",
    ("DELETE", "id"): "delete",
    ("GET", "id/replies"): "replies_list",
    ("GET", "id/conversation"): "conversation",
    ("GET", "id/pending_replies"): "pending_replies",
    ("POST", "id/manage_reply"): "manage_reply",
    ("POST", "id/manage_pending_reply"): "manage_pending_reply",
}
ID_EDGES: Final = frozenset(shape.partition("/")[2] for _, shape in OPERATIONS if shape.startswith("id/"))
OF_USER: Final = frozenset({"threads", "threads_list", "threads_publish", "threads_publishing_limit", "user_insights"})


class ThreadsHost:
    """The Threads API."""

    def __init__(self, sandbox: Sandbox, containers: Containers, published: Published, host: str) -> None:
        self._sandbox = sandbox
        self._containers = containers
        self._published = published
        self._graph = ThreadsGraph(sandbox, containers, published)
        self._host = host

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
        parts = [part for part in path.split("/") if part]
        version = parts.pop(0) if parts and VERSION.fullmatch(parts[0]) else None
        call = self._call(request, path, parts, params, given)
        trace = self._sandbox.store.trace()

        async def effect() -> Reply:
            if broken is not None:
                return graph_error(PARAMETER.about(f"(#100) {broken}"), trace)
            if call.operation == "unknown" or (version is not None and version not in VERSIONS):
                return graph_error(UNKNOWN_PATH.about(f"Unknown path components: {path}"), trace)
            try:
                return await self._serve_call(call, parts[0], given, params)
            except GraphRefusal as refused:
                problem = refused.problem
                if problem.kind == "IGApiException":  # what is shared with Instagram refuses in its name
                    problem = replace(problem, kind=PARAMETER.kind)
                return graph_error(problem, trace)

        response = await perform(self._sandbox, call, effect, ThreadsErrorFormat(trace))
        await response(scope, receive, send)

    def _call(
        self, request: Request, path: str, parts: Sequence[str], params: Mapping[str, JSONValue], given: str
    ) -> Call:
        """Return the call with its operation, token and account."""
        sandbox = self._sandbox
        token = sandbox.tokens.find("threads", given) if given else None
        account = None if token is None else sandbox.accounts.by_id(token.account_id)
        operation = OPERATIONS.get((request.method, _shape(parts, account)), "unknown")
        if operation == "token":
            code = sandbox.tokens.find_code("threads", text_of(params.get("code")))
            account = None if code is None else sandbox.accounts.by_id(code.account_id)
        container = self._containers.find(parts[0]) if operation == "permalink" else None
        asks_status = "status" in text_of(params.get("fields")).split(",")
        if container is not None or (operation == "permalink" and asks_status and not self._published.find(parts[0])):
            operation = "container_status"
        return Call(
            platform="threads",
            host=self._host,
            path=path,
            operation=operation,
            request=request,
            shown=params,
            token=token,
            account=account,
            held_by=None if container is None else container.fault_id,
        )

    async def _serve_call(self, call: Call, subject: str, given: str, params: Mapping[str, JSONValue]) -> Reply:
        sandbox = self._sandbox
        if call.operation == "token":
            return oauth.exchange_code(sandbox, params)
        if call.operation == "exchange":
            check_secret(sandbox, params)
        # Read again, since a token_expired fault may have been applied in between.
        fresh = sandbox.tokens.find("threads", given) if given else None
        token = check_token(fresh, given, sandbox.clock.now(), is_refresh=call.operation == "refresh")
        account = sandbox.accounts.by_id(token.account_id)
        if account is None:
            raise GraphRefusal(MISSING_OBJECT)
        oauth.check_grant(sandbox, token, account)
        if call.operation == "exchange":
            return exchange_short(sandbox, token, params, oauth.TOKENS)
        if call.operation == "refresh":
            return refresh(sandbox, token, params, oauth.TOKENS)
        if call.operation == "debug_token":
            return oauth.debug(sandbox, token, params)
        if call.operation in OF_USER and subject not in {"me", account.user_id}:
            raise GraphRefusal(missing(call, subject))
        return await self._graph.answer(call, subject, token, account, params)


def _shape(parts: Sequence[str], account: Account | None) -> str:
    first = parts[0] if parts else ""
    if first == "me" or (account is not None and first == account.user_id):
        return "/".join(["user", *parts[1:]])
    if not first.isdigit():
        return "/".join(parts)
    # An id that is not the token's own account still names an account where only an account can stand.
    other = len(parts) == 2 and parts[1] not in ID_EDGES
    return "/".join(["user" if other else "id", *parts[1:]])
