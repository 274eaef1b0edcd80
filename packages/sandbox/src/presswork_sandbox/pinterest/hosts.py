"""api.pinterest.com and api-sandbox.pinterest.com, the same API in two worlds, and the storage server, as ASGI apps."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pinterest.analytics import read_analytics, read_pin_metrics
from presswork_sandbox.pinterest.boards import Board, Boards
from presswork_sandbox.pinterest.errors import (
    FORBIDDEN,
    TRIAL,
    Errors,
    PinterestError,
    Problem,
    invalid,
    refuse,
)
from presswork_sandbox.pinterest.facts import API, FACTS, UPLOAD
from presswork_sandbox.pinterest.media import Media
from presswork_sandbox.pinterest.oauth import OAuth
from presswork_sandbox.pinterest.pins import MAX_IMAGE_BYTES, MAX_ITEMS, Pins, without_bytes
from presswork_sandbox.pinterest.rules import Rules, count_call
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    base_url,
    bearer_of,
    decode_object,
    flag_of,
    json_reply,
    local_path,
    read_body,
    read_params,
    text_of,
)

DEFAULT_PAGE: Final = 25
MAX_PAGE: Final = 250
MAX_BODY_BYTES: Final = MAX_ITEMS * MAX_IMAGE_BYTES * 4 // 3 + 256 * 1024  # pictures in base64
FOLLOWING: Final = 80
_ID: Final = r"(?P<key>[^/]+)"
_PATHS: Final = [
    (method, re.compile(shape, re.ASCII), operation)
    for method, shape, operation in (
        ("POST", r"v5/oauth/token", "token"),
        ("GET", r"v5/user_account", "user_account"),
        ("GET", r"v5/boards", "boards_list"),
        ("POST", r"v5/boards", "boards"),
        ("GET", rf"v5/boards/{_ID}", "board"),
        ("GET", rf"v5/boards/{_ID}/pins", "board_pins"),
        ("GET", rf"v5/boards/{_ID}/sections", "sections_list"),
        ("POST", rf"v5/boards/{_ID}/sections", "sections"),
        ("POST", r"v5/media", "media"),
        ("GET", r"v5/media", "media_list"),
        ("GET", rf"v5/media/{_ID}", "media_status"),
        ("POST", r"v5/pins", "pins"),
        ("GET", r"v5/pins", "pins_list"),
        ("GET", rf"v5/pins/{_ID}", "pin"),
        ("PATCH", rf"v5/pins/{_ID}", "pin_update"),
        ("DELETE", rf"v5/pins/{_ID}", "pin_delete"),
        ("GET", rf"v5/pins/{_ID}/analytics", "pin_analytics"),
    )
]
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "user_account": frozenset({"user_accounts:read"}),
    "boards_list": frozenset({"boards:read"}),
    "board": frozenset({"boards:read"}),
    "boards": frozenset({"boards:read", "boards:write"}),
    "board_pins": frozenset({"boards:read", "pins:read"}),
    "sections_list": frozenset({"boards:read"}),
    "sections": frozenset({"boards:read", "boards:write"}),
    "media": frozenset({"pins:read", "pins:write"}),
    "media_list": frozenset({"pins:read"}),
    "media_status": frozenset({"pins:read"}),
    "pins": frozenset({"boards:read", "boards:write", "pins:read", "pins:write"}),
    "pins_list": frozenset({"boards:read", "pins:read"}),
    "pin": frozenset({"boards:read", "pins:read"}),
    "pin_update": frozenset({"boards:read", "boards:write", "pins:read", "pins:write"}),
    "pin_delete": frozenset({"boards:read", "boards:write", "pins:read", "pins:write"}),
    "pin_analytics": frozenset({"boards:read", "pins:read"}),
}
"""All of these scopes open the call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class APICall:
    """A call of the API by an account."""

    call: Call
    host: str
    key: str  # what its path names
    query: Mapping[str, str]
    body: Mapping[str, JSONValue]
    account: Account


class PinterestHost:
    """One host of the API."""

    def __init__(
        self, sandbox: Sandbox, host: str, *, boards: Boards, media: Media, oauth: OAuth, pins: Pins, rules: Rules
    ) -> None:
        self._sandbox = sandbox
        self._host = host
        self._boards = boards
        self._media = media
        self._oauth = oauth
        self._pins = pins
        self._rules = rules
        self._operations: Final[Mapping[str, Callable[[APICall], Reply]]] = {
            "user_account": self._show_user,
            "boards_list": self._list_boards,
            "boards": self._create_board,
            "board": self._show_board,
            "board_pins": self._list_board_pins,
            "sections_list": self._list_sections,
            "sections": self._create_section,
            "media": self._register_media,
            "media_list": self._list_media,
            "media_status": self._show_media,
            "pins_list": self._list_pins,
            "pin": self._show_pin,
            "pin_update": self._update_pin,
            "pin_delete": self._delete_pin,
            "pin_analytics": self._show_analytics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        self._sandbox.run_due()
        request, path = Request(scope, receive), local_path(scope)
        operation, key = _place(request.method, "/".join(part for part in path.split("/") if part))
        query, body = dict(request.query_params), None
        try:
            body = await self._read(request, operation)
        except BadBody:
            body = None
        given = text_of((body or {}).get("refresh_token")) if operation == "token" else bearer_of(request)
        if operation == "token" and text_of((body or {}).get("grant_type")) == "refresh_token":
            operation = "refresh"
        token = self._oauth.find(self._host, given)
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if operation == "token":
            code = self._sandbox.tokens.find_code(FACTS.name, text_of((body or {}).get("code")))
            account = None if code is None else self._sandbox.accounts.by_id(code.account_id)
        video = self._media.find(key) if operation == "media_status" else None
        call = Call(
            platform=FACTS.name,
            host=self._host,
            path=path,
            operation=operation,
            request=request,
            shown=without_bytes({**query, **(body or {})}),
            token=token,
            account=account,
            held_by=None if video is None else video.fault_id,
        )

        async def effect() -> Reply:
            try:
                if operation == "unknown":
                    return json_reply({"code": 404, "message": "Not Found"}, 404)
                if operation in {"token", "refresh"}:
                    return self._oauth.token(self._host, body or {}, request.headers.get("authorization", ""))
                return await self._serve_call(call, key, given, query, body)
            except PinterestError as refused:
                return refused.problem.reply()

        response = await perform(self._sandbox, call, effect, Errors())
        await response(scope, receive, send)

    async def _read(self, request: Request, operation: str) -> dict[str, JSONValue]:
        """Return the body of a request: a form at the token endpoint, otherwise JSON. Raises BadBody."""
        if operation == "token":
            return await read_params(request)
        raw = await read_body(request, MAX_BODY_BYTES)
        return decode_object(raw) if raw.strip() else {}

    async def _serve_call(
        self, call: Call, key: str, given: str, query: Mapping[str, str], body: Mapping[str, JSONValue] | None
    ) -> Reply:
        # Read again, since a token_expired fault may have been applied in between.
        token, account = self._oauth.caller(self._host, given)
        if not SCOPES[call.operation] <= set(account.allows(token.scopes)):
            raise refuse(FORBIDDEN)
        is_write = call.request.method != "GET"
        headers = count_call(self._sandbox, self._rules, account, token.client_id, is_write=is_write)
        try:
            if body is None:
                raise invalid("The body is not JSON that can be read")
            api_call = APICall(call=call, host=self._host, key=key, query=query, body=body, account=account)
            if call.operation == "pins":
                reply = await self._create_pin(api_call)
            else:
                reply = self._operations[call.operation](api_call)
        except PinterestError as refused:
            reply = refused.problem.reply()
        reply.headers = {**headers, **reply.headers}
        return reply

    # People

    def _show_user(self, call: APICall) -> Reply:
        account, sandbox = call.account, self._sandbox
        boards = self._boards.listed(self._host, account)
        return json_reply(
            {
                "account_type": "BUSINESS" if account.tier == "business" else "PINNER",
                "id": account.user_id,
                "profile_image": base_url(call.call.request, f"media/avatar/{account.handle}.svg"),
                "website_url": "",
                "username": account.handle,
                "about": "",
                "business_name": account.display_name if account.tier == "business" else None,
                "board_count": len(boards),
                "pin_count": sum(self._boards.count_pins(board) for board in boards),
                "follower_count": sandbox.numbers.followers(account),
                "following_count": FOLLOWING,
                "monthly_views": 0,
            }
        )

    # Boards

    def _list_boards(self, call: APICall) -> Reply:
        boards = self._boards.listed(self._host, call.account)
        privacy = call.query.get("privacy")
        size, before = _read_page(call.query)
        found = [board for board in reversed(boards) if privacy in {None, "ALL", board.privacy}]
        page = [board for board in found if before is None or board.number < before][: size + 1]
        items = [self._boards.describe(board, call.account) for board in page[:size]]
        return _page(items, page[size - 1].number if len(page) > size else None)

    def _create_board(self, call: APICall) -> Reply:
        board = self._boards.create_from(self._host, call.account, call.body)
        return json_reply(self._boards.describe(board, call.account), 201)

    def _find_board(self, call: APICall) -> Board:
        return self._boards.find_own(self._host, call.account, call.key)

    def _show_board(self, call: APICall) -> Reply:
        return json_reply(self._boards.describe(self._find_board(call), call.account))

    def _list_sections(self, call: APICall) -> Reply:
        sections = self._boards.sections(self._find_board(call))
        return _page([{"id": one.section_id, "name": one.name} for one in sections], None)

    def _create_section(self, call: APICall) -> Reply:
        section = self._boards.create_section(self._find_board(call), call.body)
        return json_reply({"id": section.section_id, "name": section.name}, 201)

    # Videos

    def _register_media(self, call: APICall) -> Reply:
        if call.body.get("media_type") != "video":
            raise invalid(f"{call.body.get('media_type')!r} is not one of ['video']")
        video = self._media.register(call.call, self._host, call.account)
        shown: dict[str, JSONValue] = {
            "media_id": video.media_id,
            "media_type": "video",
            "upload_url": base_url(call.call.request, UPLOAD) + "/",
        }
        reply = json_reply({**shown, "upload_parameters": self._media.parameters(video)}, 201)
        reply.shown = shown  # the parameters are secrets
        return reply

    def _list_media(self, call: APICall) -> Reply:
        return _page([self._media.describe(one) for one in self._media.listed(self._host, call.account)], None)

    def _show_media(self, call: APICall) -> Reply:
        video = self._media.require_own(self._host, call.account, call.key)
        return json_reply(self._media.describe(self._media.poll(call.call, video)))

    # Pins

    async def _create_pin(self, call: APICall) -> Reply:
        if self._rules.is_trial and self._host == API:
            raise PinterestError(Problem(code=FORBIDDEN, message=TRIAL))
        pin = await self._pins.create(self._host, call.account, call.body)
        return json_reply(self._pins.describe(pin, call.account, self._pictures(call)), 201)

    def _pictures(self, call: APICall) -> str:
        return base_url(call.call.request, "media/poster")

    def _list_pins(self, call: APICall) -> Reply:
        return self._list_pins_of(call, None)

    def _list_board_pins(self, call: APICall) -> Reply:
        return self._list_pins_of(call, self._find_board(call).board_id)

    def _list_pins_of(self, call: APICall, board_id: str | None) -> Reply:
        size, before = _read_page(call.query)
        found = self._pins.listed(self._host, call.account, board_id, before, size + 1)
        items = [self._pins.describe(pin, call.account, self._pictures(call)) for pin in found[:size]]
        return _page(items, found[size - 1].number if len(found) > size else None)

    def _show_pin(self, call: APICall) -> Reply:
        pin = self._pins.find_own(self._host, call.account, call.key)
        shown = self._pins.describe(pin, call.account, self._pictures(call))
        if flag_of(call.query.get("pin_metrics")):
            shown["pin_metrics"] = read_pin_metrics(self._sandbox, pin.post)
        return json_reply(shown)

    def _update_pin(self, call: APICall) -> Reply:
        pin = self._pins.update(self._pins.find_own(self._host, call.account, call.key), call.account, call.body)
        return json_reply(self._pins.describe(pin, call.account, self._pictures(call)))

    def _delete_pin(self, call: APICall) -> Reply:
        pin = self._pins.find_own(self._host, call.account, call.key)
        with self._sandbox.store.transaction():
            self._sandbox.posts.remove(pin.post, self._sandbox.clock.now())
        return Reply(status=204)

    def _show_analytics(self, call: APICall) -> Reply:
        pin = self._pins.find_own(self._host, call.account, call.key)
        return json_reply(read_analytics(self._sandbox, pin.post, call.query))


class StorageHost:
    """The storage server that videos are sent to."""

    def __init__(self, sandbox: Sandbox, media: Media) -> None:
        self._sandbox = sandbox
        self._media = media

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request. Whose upload it is stands in its body, so faults and the journal know no handle."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        call = Call(
            platform=FACTS.name,
            host=UPLOAD,
            path=local_path(scope),
            operation="upload",
            request=request,
            shown={"content_length": request.headers.get("content-length")},
        )

        async def effect() -> Reply:
            return await self._media.receive(request)

        response = await perform(self._sandbox, call, effect, Errors())
        await response(scope, receive, send)


def _place(method: str, path: str) -> tuple[str, str]:
    """Return the operation of a call, and the id that its path names."""
    for verb, shape, operation in _PATHS:
        match = shape.fullmatch(path)
        if match is not None and verb == method:
            return operation, match.groupdict().get("key") or ""
    return "unknown", ""


def _page(items: Sequence[JSONValue], last: int | None) -> Reply:
    """Return a page of a list; `last` is the number of its last item if there are more."""
    bookmark = None if last is None else base64.urlsafe_b64encode(f"{last:012d}".encode()).decode()
    return json_reply({"items": items, "bookmark": bookmark})


def _read_page(query: Mapping[str, str]) -> tuple[int, int | None]:
    """Return the size of a page, and the number that its items are below. Raises PinterestError."""
    text = query.get("page_size", str(DEFAULT_PAGE))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= MAX_PAGE):
        raise invalid(f"'{text}' page_size constraint: minimum=1, maximum={MAX_PAGE}")
    if not query.get("bookmark"):
        return int(text), None
    try:
        return int(text), int(base64.urlsafe_b64decode(query["bookmark"]))
    except (ValueError, binascii.Error) as bad:
        raise invalid("The bookmark is invalid.") from bad
