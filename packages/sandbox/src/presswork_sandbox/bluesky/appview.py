"""public.api.bsky.app, the AppView, and plc.directory: who an account is, and posts as the app shows them.

The AppView learns of records from a stream, so it knows some seconds after the account's server that a post was written or
deleted.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.bluesky.errors import Errors, XRPCError, invalid
from presswork_sandbox.bluesky.facts import APPVIEW, DIRECTORY, FACTS, PDS
from presswork_sandbox.bluesky.identifiers import AT_URI
from presswork_sandbox.bluesky.identity import did_document, find_account, require_visible
from presswork_sandbox.bluesky.insights import FOLLOWS
from presswork_sandbox.bluesky.repo import Repo
from presswork_sandbox.bluesky.views import Views, author_of
from presswork_sandbox.bluesky.xrpc import Exchange, Method, XRPCHost, check_input
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply, local_path, text_of

MAX_URIS: Final = 25
MAX_NOTIFICATIONS: Final = 100
FIRST_PAGE: Final = "first"
"""The cursor of an empty page that comes before the first one, by the account setting `emptyCommentPage`."""


class AppView:
    """The reads of the app."""

    def __init__(self, sandbox: Sandbox, repo: Repo) -> None:
        self._sandbox = sandbox
        self._views = Views(sandbox, repo)
        self.methods: Final[Mapping[str, Method]] = {
            "com.atproto.identity.resolveHandle": Method(operation="resolve_handle", verb="GET", run=self._resolve),
            "app.bsky.feed.getPosts": Method(operation="get_posts", verb="GET", run=self._posts),
            "app.bsky.feed.getPostThread": Method(operation="get_post_thread", verb="GET", run=self._thread),
            "app.bsky.notification.listNotifications": Method(
                operation="list_notifications", verb="GET", run=self._notifications
            ),
            "app.bsky.actor.getProfile": Method(operation="get_profile", verb="GET", run=self._profile),
        }
        self.host: Final = XRPCHost(sandbox, APPVIEW, self.methods)

    def _resolve(self, exchange: Exchange) -> Reply:
        check_input(exchange)
        account = find_account(self._sandbox, text_of(exchange.params["handle"]))
        if account is None:
            raise invalid("Unable to resolve handle")
        return json_reply({"did": account.user_id})

    def _profile(self, exchange: Exchange) -> Reply:
        check_input(exchange)
        account = find_account(self._sandbox, text_of(exchange.params["actor"]))
        if account is None:
            raise invalid("Profile not found")
        require_visible(account)
        return json_reply(
            {
                **author_of(account),
                "followersCount": self._sandbox.numbers.followers(account),
                "followsCount": FOLLOWS,
                "postsCount": self._sandbox.posts.count(account.id),
                "indexedAt": iso(account.created_at),
                "createdAt": iso(account.created_at),
            }
        )

    def _posts(self, exchange: Exchange) -> Reply:
        uris = exchange.request.query_params.getlist("uris")
        if not uris:
            raise invalid('Error: Params must have the property "uris"')
        if len(uris) > MAX_URIS:
            raise invalid(f"Error: uris must not have more than {MAX_URIS} elements")
        if any(AT_URI.fullmatch(uri) is None for uri in uris):
            raise invalid("Error: uris must be valid at-uris")
        viewer = exchange.call.account
        found = [self._views.find(uri) for uri in uris]
        return json_reply({"posts": [self._views.show(*one, viewer) for one in found if one is not None]})

    def _thread(self, exchange: Exchange) -> Reply:
        check_input(exchange)
        depth, height = (
            _number(exchange, name, default, 1000) for name, default in (("depth", 6), ("parentHeight", 80))
        )
        uri, viewer = text_of(exchange.params["uri"]), exchange.call.account
        found = self._views.find(uri)
        if found is None:
            raise XRPCError("NotFound", f"Post not found: {uri}")
        return json_reply({"thread": self._views.thread(found, viewer, depth=depth, height=height)})

    def _notifications(self, exchange: Exchange) -> Reply:
        """app.bsky.notification.listNotifications, which needs a login: the account server forwards it with one."""
        viewer = exchange.call.account
        if viewer is None:
            raise XRPCError("AuthMissing", "Authentication Required")
        limit = _number(exchange, "limit", 50, MAX_NOTIFICATIONS, least=1)
        reasons = exchange.request.query_params.getlist("reasons")
        cursor = text_of(exchange.params.get("cursor"))
        if viewer.settings.get("emptyCommentPage") is True:
            if not cursor:
                return json_reply({"notifications": [], "priority": False, "cursor": FIRST_PAGE})
            cursor = "" if cursor == FIRST_PAGE else cursor
        if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
            raise invalid("Malformed cursor")
        listed = (
            self._views.notifications(viewer, int(cursor) if cursor else None, limit) if _wants_replies(reasons) else []
        )
        body: dict[str, JSONValue] = {"notifications": [shown for _, shown in listed], "priority": False}
        if len(listed) == limit:
            body["cursor"] = str(listed[-1][0])
        return json_reply(body)


def _wants_replies(reasons: Sequence[str]) -> bool:
    return not reasons or "reply" in reasons


def _number(exchange: Exchange, name: str, default: int, most: int, least: int = 0) -> int:
    """Return a whole number of a query. Raises XRPCError."""
    text = text_of(exchange.params.get(name, str(default)))
    if not (text.isascii() and text.isdigit() and least <= int(text[:9]) <= most):
        raise invalid(f"Error: {name} can not be less than {least} or greater than {most}")
    return int(text)


class Directory:
    """plc.directory, as an ASGI app: the DID documents of all accounts."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, path = Request(scope, receive), local_path(scope)
        did = path.strip("/")
        account = find_account(self._sandbox, did) if did.startswith("did:") else None
        call = Call(
            platform=FACTS.name,
            host=DIRECTORY,
            path=path,
            operation="did_document",
            request=request,
            shown={},
            account=account,
        )

        async def effect() -> Reply:
            if account is None:
                return json_reply({"message": f"DID not registered: {did[:200]}"}, 404)
            reply = json_reply(did_document(self._sandbox.store, account, base_url(request, PDS)))
            reply.media_type = "application/did+ld+json"
            return reply

        response = await perform(self._sandbox, call, effect, Errors("", self._sandbox.clock.now()))
        await response(scope, receive, send)
