"""public.api.bsky.app, the AppView, and plc.directory: who an account is, and posts as the app shows them.

The AppView learns of records from a stream, so it knows some seconds after the account's server that a post was written or
deleted.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.errors import Errors, invalid
from presswork_sandbox.bluesky.facts import APPVIEW, DIRECTORY, FACTS, PDS
from presswork_sandbox.bluesky.identifiers import AT_URI
from presswork_sandbox.bluesky.identity import did_document, find_account, full_handle, require_visible, status_of
from presswork_sandbox.bluesky.insights import FOLLOWS, Counters
from presswork_sandbox.bluesky.lexicons import POST
from presswork_sandbox.bluesky.repo import Repo
from presswork_sandbox.bluesky.xrpc import Exchange, Method, XRPCHost, check_input
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.clock import iso
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply, local_path, text_of

LAG_SECONDS: Final = 2.0
MAX_URIS: Final = 25


class AppView:
    """The reads of the app."""

    def __init__(self, sandbox: Sandbox, repo: Repo) -> None:
        self._sandbox = sandbox
        self._repo = repo
        self._counters = Counters(sandbox)
        self.methods: Final[Mapping[str, Method]] = {
            "com.atproto.identity.resolveHandle": Method(operation="resolve_handle", verb="GET", run=self._resolve),
            "app.bsky.feed.getPosts": Method(operation="get_posts", verb="GET", run=self._posts),
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
                **_author(account),
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
        found = [self._post(uri) for uri in uris]
        return json_reply({"posts": [post for post in found if post is not None]})

    def _post(self, uri: str) -> Mapping[str, JSONValue] | None:
        match = AT_URI.fullmatch(uri)
        if match is None:
            raise invalid("Error: uris must be valid at-uris")
        account = find_account(self._sandbox, match[1])
        if account is None or match[2] != POST or status_of(account) is not None:
            return None
        # Of a post that was deleted and written again it knows the earlier one first.
        record = self._repo.deleted_post(account, match[3], LAG_SECONDS) or self._repo.find(account, POST, match[3])
        if record is None or self._sandbox.clock.now() < record.indexed_at + LAG_SECONDS:
            return None
        return {
            "uri": record.uri,
            "cid": record.cid,
            "author": _author(account),
            "record": record.value,
            **self._counters.of(record.uri),
            "indexedAt": iso(record.indexed_at),
            "labels": [],
        }


def _author(account: Account) -> Mapping[str, JSONValue]:
    return {
        "did": account.user_id,
        "handle": full_handle(account),
        "displayName": account.display_name,
        "labels": [],
    }


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
