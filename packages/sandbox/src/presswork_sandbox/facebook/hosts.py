"""graph.facebook.com and graph-video.facebook.com, as ASGI apps: people, Pages, and the professional accounts behind them."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.facebook.errors import KNOWN_TO_PAGES, METADATA_NOT_ALLOWED, PAGE_TOKEN_NEEDED
from presswork_sandbox.facebook.oauth import PAGES, FacebookOAuth, check_proof
from presswork_sandbox.facebook.page_api import PageApi, tasks_of
from presswork_sandbox.facebook.people import People, business_id, is_page, page_id, person_id
from presswork_sandbox.facebook.places import PathTarget, Places
from presswork_sandbox.facebook.webhooks import FIELDS, MANAGE_METADATA
from presswork_sandbox.forms import Sent, read_call
from presswork_sandbox.instagram.barred import barred
from presswork_sandbox.instagram.containers import Containers
from presswork_sandbox.instagram.errors import (
    INVALID_PARAMETER,
    NO_PERMISSION,
    UNKNOWN_PATH,
    GraphErrorFormat,
    GraphRefusal,
    graph_error,
    missing,
)
from presswork_sandbox.instagram.fields import Fields, parse_fields
from presswork_sandbox.instagram.graph import Graph
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
from presswork_sandbox.instagram.webhooks import answer_subscribed_apps
from presswork_sandbox.tokens import Token
from presswork_sandbox.webhooks import AppSubscriptions
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    base_url,
    bearer_of,
    json_reply,
    local_path,
    text_of,
)

VIDEO_HOST: Final = "graph-video.facebook.com"
FILE_EDGES: Final = frozenset({"photos", "videos"})
PAGE_DEFAULT: Final = "access_token,category,category_list,name,id,tasks"
BUSINESS: Final = "business_management"


class FacebookHost:
    """A host of the Graph API. Paths are taken with or without a version, and never answered with a redirect."""

    def __init__(
        self,
        sandbox: Sandbox,
        containers: Containers,
        people: People,
        places: Places,
        page_api: PageApi,
        host: str = FACEBOOK_LOGIN.host,
    ) -> None:
        self._sandbox = sandbox
        self._people = people
        self._places = places
        self._page_api = page_api
        self._host = host
        self._oauth = FacebookOAuth(sandbox, people)
        self._graph = Graph(sandbox, containers, FACEBOOK_LOGIN)
        self._reads = Reads(sandbox, FACEBOOK_LOGIN)
        self._subscriptions = AppSubscriptions(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        broken: str | None = None
        async with AsyncExitStack() as files:
            takes_files = path.rstrip("/").rpartition("/")[2] in FILE_EDGES
            reading = read_call(request, self._sandbox.store.folder, takes_files=takes_files)
            try:
                sent = await files.enter_async_context(reading)
            except BadBody as bad:
                sent, broken = Sent(params={}), str(bad)
            call, place, given = self._call(request, path, sent)
            trace = self._sandbox.store.trace()

            async def effect() -> Reply:
                if broken is not None:
                    return graph_error(INVALID_PARAMETER.about(f"(#100) {broken}"), trace)
                if (refusal := barred(request, sent.params)) is not None:
                    return graph_error(refusal, trace)
                if place.operation == "unknown" or not _is_known_version(path):
                    return graph_error(UNKNOWN_PATH.about(f"Unknown path components: {path}"), trace)
                try:
                    return await self._serve_call(call, place, given, sent)
                except GraphRefusal as refused:
                    return graph_error(refused.problem, trace)

            known = GraphErrorFormat(trace, own_envelope=False, known=KNOWN_TO_PAGES)
            response = await perform(self._sandbox, call, effect, known)
        await response(scope, receive, send)

    def _call(self, request: Request, path: str, sent: Sent) -> tuple[Call, PathTarget, str]:
        """Return the call, where it leads, and the token that it carries."""
        params = sent.params
        parts = [part for part in path.split("/") if part]
        if parts and VERSION.fullmatch(parts[0]):
            parts.pop(0)
        given = text_of(params.get("access_token")) or bearer_of(request)
        if parts == ["oauth", "access_token"]:
            given = text_of(params.get("fb_exchange_token"))
        token = self._sandbox.tokens.find("facebook", given) if given else None
        place = self._places.find(request.method, parts, token, params)
        account, platform = place.account, place.platform
        if account is None and token is not None:
            account = self._sandbox.accounts.by_id(token.account_id)
        if account is None and place.operation == "token":
            code = self._sandbox.tokens.find_code("facebook", text_of(params.get("code")))
            account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
            platform = platform if account is None else account.platform
        call = Call(
            platform=platform,
            host=self._host,
            path=path,
            operation=place.operation,
            request=request,
            shown={**params, **sent.shown},
            token=token,
            account=account,
            held_by=place.fault_id,
        )
        return call, place, given

    # Answers

    async def _serve_call(self, call: Call, place: PathTarget, given: str, sent: Sent) -> Reply:
        params = sent.params
        match place.operation:
            case "token" | "app_token" | "exchange" | "refresh":
                return self._oauth.tokens(place.operation, params)
            case "debug_token":
                return self._oauth.debug(params, given)
            case _:
                pass
        # Read again, since a token_expired fault may have been applied in between.
        fresh = self._sandbox.tokens.find("facebook", given) if given else None
        token = check_token(fresh, given, self._sandbox.clock.now())
        check_proof(self._sandbox, token, params)
        own = self._sandbox.accounts.by_id(token.account_id)
        if own is None:
            raise GraphRefusal(missing(call, place.subject))
        match place.operation:
            case "person":
                return self._person(call, token, own, params)
            case "accounts":
                return self._accounts(call, token, own, params)
            case "businesses":
                return self._businesses(call, token, own, params)
            case "permissions":
                return self._oauth.permissions(token, own)
            case "revoke":
                scope = call.path.rstrip("/").partition("/permissions/")[2]
                return self._oauth.revoke(token, scope)
            case _:
                pass
        if place.account is None:
            raise GraphRefusal(missing(call, place.subject))
        return await self._serve_account(call, place.subject, token, place.account, sent)

    async def _serve_account(self, call: Call, subject: str, token: Token, account: Account, sent: Sent) -> Reply:
        """Answer a call about a Page or a professional account, or about what is on one."""
        params = sent.params
        if call.operation == "subscribed_apps":
            return self._subscribed_apps(call, token, account, params)
        if call.operation == "page":
            return json_reply(self._page(call, token, account, read_fields(params, "name,id")))
        if is_page(account):
            return await self._page_api.answer(call, subject, token, account, sent)
        return await self._graph.answer(call, subject, token, account, params)

    def _subscribed_apps(self, call: Call, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """/{page}/subscribed_apps, which stands for the Instagram account behind the Page, too."""
        if token.kind != "page":
            raise GraphRefusal(PAGE_TOKEN_NEEDED)
        if MANAGE_METADATA not in account.allows(token.scopes):
            raise GraphRefusal(METADATA_NOT_ALLOWED)
        with self._sandbox.store.transaction():
            linked = self._people.linked(token, account)
            if linked is not None and linked.id != account.id:
                answer_subscribed_apps(self._subscriptions, call, linked, token.client_id, params, FIELDS)
            return answer_subscribed_apps(self._subscriptions, call, account, token.client_id, params, FIELDS)

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
        visible = token.kind != "page" and PAGES in own.allows(token.scopes)
        return self._page_list(call, token, self._people.pages(token) if visible else [], fields, params)

    def _businesses(self, call: Call, token: Token, own: Account, params: Mapping[str, JSONValue]) -> Reply:
        """GET /me/businesses and what one owns: Pages that the person sees through their business only."""
        if not self._people.pages(token, business_only=True):
            return json_reply({"data": []})
        if token.kind == "page" or BUSINESS not in own.allows(token.scopes):
            raise GraphRefusal(NO_PERMISSION)
        if call.path.rstrip("/").endswith("/businesses"):
            return json_reply({"data": [{"id": business_id(own), "name": f"Business of {own.display_name}"}]})
        is_owner = call.path.rstrip("/").endswith("/owned_pages")
        pages = self._people.pages(token, business_only=True) if is_owner else []
        return self._page_list(call, token, pages, read_fields(params, "name,id"), params)

    def _page_list(
        self, call: Call, token: Token, pages: Sequence[Account], fields: Fields, params: Mapping[str, JSONValue]
    ) -> Reply:
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        rows = [
            account
            for account in pages
            if (page.after is None or account.id < page.after) and (page.before is None or account.id > page.before)
        ]
        url = base_url(call.request, call.host) + call.path
        return paged(
            rows,
            lambda account: account.id,
            lambda account: self._page(call, token, account, fields),
            page,
            url,
            params,
        )

    def _page(self, call: Call, token: Token, account: Account, fields: Fields) -> dict[str, JSONValue]:
        category = {"id": "2700", "name": "Brand"}

        def linked(inner: Fields) -> JSONValue:
            behind = self._people.linked(token, account)
            if behind is None or behind.tier == "personal":
                return None
            if FACEBOOK_LOGIN.basic not in behind.allows(token.scopes):
                raise GraphRefusal(NO_PERMISSION)
            return self._reads.person(call.request, behind, inner or parse_fields("id"), FACEBOOK_LOGIN)

        readers: dict[str, Reader] = {
            "id": lambda _: page_id(account),
            "name": lambda _: account.display_name,
            "username": lambda _: re.sub(r"[^A-Za-z0-9.]", "", account.handle),
            "access_token": lambda _: self._people.page_token(token, account).token,
            "category": lambda _: category["name"],
            "category_list": lambda _: [category],
            "tasks": lambda _: tasks_of(account),
            "link": lambda _: f"https://www.facebook.com/{page_id(account)}",
            "picture": lambda _: None,
            **dict.fromkeys(("fan_count", "followers_count"), lambda _: self._sandbox.numbers.followers(account)),
            "instagram_business_account": linked,
            "connected_instagram_account": linked,
        }
        return pick(fields, readers, "Page")


def _is_known_version(path: str) -> bool:
    first = path.strip("/").partition("/")[0]
    return VERSION.fullmatch(first) is None or first in VERSIONS
