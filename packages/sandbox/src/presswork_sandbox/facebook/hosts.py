"""graph.facebook.com, as an ASGI app: people, Pages, and the professional accounts behind them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.oauth import PAGES, FacebookOAuth
from presswork_sandbox.facebook.people import People, page_id, person_id
from presswork_sandbox.instagram.containers import Container, Containers
from presswork_sandbox.instagram.errors import (
    INVALID_PARAMETER,
    NO_PERMISSION,
    UNKNOWN_PATH,
    GraphErrorFormat,
    GraphRefusal,
    graph_error,
)
from presswork_sandbox.instagram.fields import Fields, parse_fields
from presswork_sandbox.instagram.graph import Graph, missing
from presswork_sandbox.instagram.hosts import VERSION, VERSIONS
from presswork_sandbox.instagram.login import FACEBOOK_LOGIN
from presswork_sandbox.instagram.oauth import check_token
from presswork_sandbox.instagram.reads import (
    LIST_DEFAULT,
    LIST_LIMIT,
    Reader,
    Reads,
    paged,
    pick,
    read_fields,
    read_page,
)
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    base_address,
    bearer_of,
    json_reply,
    local_path,
    read_params,
    text_of,
)

ACCOUNT_EDGES: Final = frozenset({"media", "media_publish", "stories", "content_publishing_limit"})
# (method, shape of the path) → operation. "me" stands for the token's own person or Page, "page" for a Page's id, "ig"
# for a professional account's, "id" for any other number.
OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "debug_token"): "debug_token",
    ("GET", "me"): "person",
    ("GET", "me/accounts"): "accounts",
    ("GET", "me/businesses"): "businesses",
    ("GET", "me/permissions"): "permissions",
    ("DELETE", "me/permissions"): "revoke",
    ("GET", "page"): "page",
    ("GET", "ig"): "me",
    ("POST", "ig/media"): "media",
    ("GET", "ig/media"): "media_list",
    ("GET", "ig/stories"): "stories",
    ("POST", "ig/media_publish"): "media_publish",
    ("GET", "ig/content_publishing_limit"): "content_publishing_limit",
    ("GET", "id"): "permalink",
    ("POST", "id"): "media_update",
    ("GET", "id/comments"): "comments_list",
    ("POST", "id/comments"): "comments",
}
PAGE_DEFAULT: Final = "access_token,category,category_list,name,id,tasks"
TASKS: Final = ("ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathTarget:
    """The operation and the object that a path stands for."""

    operation: str
    subject: str
    account: Account | None = None
    container: Container | None = None


class FacebookHost:
    """graph.facebook.com. Paths are taken with or without a version, and never answered with a redirect."""

    def __init__(self, sandbox: Sandbox, containers: Containers, people: People) -> None:
        self._sandbox = sandbox
        self._containers = containers
        self._people = people
        self._oauth = FacebookOAuth(sandbox, people)
        self._graph = Graph(sandbox, containers, FACEBOOK_LOGIN)
        self._reads = Reads(sandbox)

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
        parts = [part for part in path.split("/") if part]
        version = parts.pop(0) if parts and VERSION.fullmatch(parts[0]) else None
        given = text_of(params.get("access_token")) or bearer_of(request)
        if parts == ["oauth", "access_token"]:
            given = text_of(params.get("fb_exchange_token"))
        token = self._sandbox.tokens.find("facebook", given) if given else None
        place = self._place(request.method, parts, token, params)
        account = place.account
        if account is None and token is not None:
            account = self._sandbox.accounts.by_id(token.account_id)
        if account is None and place.operation == "token":
            code = self._sandbox.tokens.find_code("facebook", text_of(params.get("code")))
            account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
        call = Call(
            platform="instagram",
            host=FACEBOOK_LOGIN.host,
            path=path,
            operation=place.operation,
            request=request,
            shown=params,
            token=token,
            account=account,
            held_by=None if place.container is None else place.container.fault_id,
        )
        trace = self._sandbox.store.trace()

        async def effect() -> Reply:
            if broken is not None:
                return graph_error(INVALID_PARAMETER.about(f"(#100) {broken}"), trace)
            if place.operation == "unknown" or (version is not None and version not in VERSIONS):
                return graph_error(UNKNOWN_PATH.about(f"Unknown path components: {path}"), trace)
            try:
                return await self._answer(call, place, given, params)
            except GraphRefusal as refused:
                return graph_error(refused.problem, trace)

        response = await perform(self._sandbox, call, effect, GraphErrorFormat(trace, own_envelope=False))
        await response(scope, receive, send)

    # Where a path leads

    def _place(
        self, method: str, parts: Sequence[str], token: Token | None, params: Mapping[str, JSONValue]
    ) -> PathTarget:
        subject = parts[0] if parts else ""
        if list(parts) == ["oauth", "access_token"] and method in {"GET", "POST"}:
            return PathTarget(operation=_token_operation(params, token), subject="")
        chosen = [] if token is None else self._people.chosen(token)
        account = next((one for one in chosen if subject in {one.user_id, page_id(one)}), None)
        if account is not None and account.tier == "personal" and subject == account.user_id:
            account = None  # no professional account, so nothing that Facebook would know
        name = subject
        if account is not None:
            name = "ig" if subject == account.user_id else "page"
        elif chosen and subject in map(person_id, chosen):
            name = "me"
        elif subject.isdigit():
            name = "ig" if len(parts) == 2 and parts[1] in ACCOUNT_EDGES else "id"
        operation = OPERATIONS.get((method, "/".join([name, *parts[1:]])), "unknown")
        if name != "id":
            return PathTarget(operation=operation, subject=subject, account=account)
        container, post = self._containers.find(subject), self._graph.post(subject)
        if operation == "permalink" and post is None and (container or "status_code" in text_of(params.get("fields"))):
            operation = "container_status"
        owner = container.account_id if container is not None else None if post is None else post.account_id
        return PathTarget(
            operation=operation,
            subject=subject,
            account=next((one for one in chosen if one.id == owner), None),
            container=container,
        )

    # Answers

    async def _answer(self, call: Call, place: PathTarget, given: str, params: Mapping[str, JSONValue]) -> Reply:
        match place.operation:
            case "token" | "app_token" | "exchange" | "refresh":
                return self._oauth.tokens(place.operation, params)
            case "debug_token":
                return self._oauth.debug(params, given)
            case _:
                pass
        # Asked for again, since a token_expired fault may have struck in between.
        fresh = self._sandbox.tokens.find("facebook", given) if given else None
        token = check_token(fresh, given, self._sandbox.clock.now())
        own = self._sandbox.accounts.by_id(token.account_id)
        if own is None:
            raise GraphRefusal(missing(call, place.subject))
        match place.operation:
            case "person":
                return self._person(call, token, own, params)
            case "accounts":
                return self._accounts(call, token, own, params)
            case "businesses":
                return json_reply({"data": []})
            case "permissions":
                return self._oauth.permissions(token, own)
            case "revoke":
                self._sandbox.tokens.kill_grant(token, "revoked")
                return json_reply({"success": True})
            case _:
                pass
        if place.account is None:
            raise GraphRefusal(missing(call, place.subject))
        if place.operation == "page":
            return json_reply(self._page(call, token, place.account, read_fields(params, "name,id")))
        return await self._graph.answer(call, place.subject, token, place.account, params)

    def _person(self, call: Call, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        fields = read_fields(params, "name,id")
        if token.kind == "page":
            return json_reply(self._page(call, token, account, fields))
        readers: dict[str, Reader] = {
            "id": lambda _: person_id(account),
            "name": lambda _: account.display_name,
            "first_name": lambda _: account.display_name.partition(" ")[0],
            "last_name": lambda _: account.display_name.partition(" ")[2],
            "email": lambda _: None,
            "picture": lambda _: None,
        }
        return json_reply(pick(fields, readers, "User"))

    def _accounts(self, call: Call, token: Token, own: Account, params: Mapping[str, JSONValue]) -> Reply:
        """GET /me/accounts: the Pages that were chosen. Without pages_show_list there are none to see."""
        fields = read_fields(params, PAGE_DEFAULT)
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        visible = token.kind != "page" and PAGES in own.allows(token.scopes)
        rows = [
            account
            for account in (self._people.chosen(token) if visible else [])
            if (page.after is None or account.id < page.after) and (page.before is None or account.id > page.before)
        ]
        address = base_address(call.request, FACEBOOK_LOGIN.host) + call.path
        return paged(
            rows,
            lambda account: account.id,
            lambda account: self._page(call, token, account, fields),
            page,
            address,
            params,
        )

    def _page(self, call: Call, token: Token, account: Account, fields: Fields) -> dict[str, JSONValue]:
        category = {"id": "2700", "name": "Brand"}

        def linked(inner: Fields) -> JSONValue:
            if account.tier == "personal":
                return None
            if FACEBOOK_LOGIN.basic not in account.allows(token.scopes):
                raise GraphRefusal(NO_PERMISSION)
            return self._reads.person(call.request, account, inner or parse_fields("id"), FACEBOOK_LOGIN)

        readers: dict[str, Reader] = {
            "id": lambda _: page_id(account),
            "name": lambda _: account.display_name,
            "username": lambda _: re.sub(r"[^A-Za-z0-9.]", "", account.handle),
            "access_token": lambda _: self._people.page_token(token, account).token,
            "category": lambda _: category["name"],
            "category_list": lambda _: [category],
            "tasks": lambda _: TASKS,
            "link": lambda _: f"https://www.facebook.com/{page_id(account)}",
            "picture": lambda _: None,
            "fan_count": lambda _: 0,
            "instagram_business_account": linked,
            "connected_instagram_account": linked,
        }
        return pick(fields, readers, "Page")


def _token_operation(params: Mapping[str, JSONValue], token: Token | None) -> str:
    """A short token is exchanged, a long one refreshed; the same call, distinguished for faults and the journal."""
    grant = text_of(params.get("grant_type"))
    if grant != "fb_exchange_token":
        return "app_token" if grant == "client_credentials" else "token"
    return "refresh" if token is not None and token.kind == "long_user" else "exchange"
