"""bsky.social and the account server: sessions, records, blobs and tokens for services.

bsky.social forwards what it is asked to the account's server, so both have the same methods here. Reads of the app
(app.bsky.…) are forwarded to the AppView.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.appview import AppView
from presswork_sandbox.bluesky.auth import Authenticator, Caller
from presswork_sandbox.bluesky.blobs import UPLOAD_BYTES, Blobs, receive
from presswork_sandbox.bluesky.dpop import Proofs
from presswork_sandbox.bluesky.errors import XRPCError, invalid
from presswork_sandbox.bluesky.facts import ENTRYWAY, PDS
from presswork_sandbox.bluesky.oauth import server_metadata
from presswork_sandbox.bluesky.rate_limits import UPLOADS, consume
from presswork_sandbox.bluesky.repo import Repo
from presswork_sandbox.bluesky.repo_methods import RepoMethods
from presswork_sandbox.bluesky.service_auth import ServiceTokens
from presswork_sandbox.bluesky.sessions import Sessions
from presswork_sandbox.bluesky.xrpc import Document, Exchange, Method, XRPCHost, check_input
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, base_url, json_reply

SERVER: Final = "com.atproto.server"
REPO: Final = "com.atproto.repo"


class AccountServer:
    """One of the two hosts, as an ASGI app (`host`)."""

    def __init__(self, sandbox: Sandbox, host: str, blobs: Blobs, repo: Repo, appview: AppView, proofs: Proofs) -> None:
        self._sandbox = sandbox
        self._blobs = blobs
        self._sessions = Sessions(sandbox)
        self._records = RepoMethods(sandbox, repo)
        self._service_tokens = ServiceTokens(sandbox)
        self._authenticator = Authenticator(sandbox, host, proofs)
        self._appview = appview
        documents: dict[str, Document] = {
            "/.well-known/oauth-protected-resource": lambda request: _resource(request, host)
        }
        if host == ENTRYWAY:
            documents["/.well-known/oauth-authorization-server"] = lambda request: server_metadata(
                base_url(request, ENTRYWAY)
            )
        methods = {
            f"{SERVER}.createSession": Method(operation="create_session", verb="POST", run=self._create_session),
            f"{SERVER}.refreshSession": Method(operation="refresh", verb="POST", run=self._refresh_session),
            f"{SERVER}.deleteSession": Method(operation="delete_session", verb="POST", run=self._delete_session),
            f"{SERVER}.getSession": Method(operation="get_session", verb="GET", run=self._get_session),
            f"{SERVER}.describeServer": Method(operation="describe_server", verb="GET", run=_describe),
            f"{SERVER}.getServiceAuth": Method(operation="get_service_auth", verb="GET", run=self._service_auth),
            f"{REPO}.uploadBlob": Method(operation="upload_blob", verb="POST", run=self._upload, takes_bytes=True),
            f"{REPO}.createRecord": Method(operation="create_record", verb="POST", run=self._write),
            f"{REPO}.putRecord": Method(operation="put_record", verb="POST", run=self._write),
            f"{REPO}.deleteRecord": Method(operation="delete_record", verb="POST", run=self._write),
            f"{REPO}.applyWrites": Method(operation="apply_writes", verb="POST", run=self._write),
            f"{REPO}.getRecord": Method(operation="get_record", verb="GET", run=self._read),
            f"{REPO}.listRecords": Method(operation="list_records", verb="GET", run=self._read),
            **{
                name: Method(operation=method.operation, verb=method.verb, run=self._forward_to(method))
                for name, method in appview.methods.items()
            },
        }
        self.host: Final = XRPCHost(sandbox, host, methods, owner=self._owner, proofs=proofs, documents=documents)

    def _owner(self, request: Request) -> tuple[Token | None, Account | None]:
        return self._authenticator.owner(request)

    def _caller(self, exchange: Exchange) -> Caller:
        return self._authenticator.caller(exchange.request)

    def _create_session(self, exchange: Exchange) -> Reply:
        check_input(exchange)
        return self._sessions.create(exchange.params, base_url(exchange.request, PDS))

    def _refresh_session(self, exchange: Exchange) -> Reply:
        caller = self._authenticator.caller(exchange.request, with_refresh_token=True)
        return self._sessions.refresh(caller.token, caller.account, base_url(exchange.request, PDS))

    def _delete_session(self, exchange: Exchange) -> Reply:
        return self._sessions.delete(self._authenticator.caller(exchange.request, with_refresh_token=True).token)

    def _get_session(self, exchange: Exchange) -> Reply:
        caller = self._caller(exchange)
        has_email = caller.permissions is None or caller.permissions.has_email
        return json_reply(self._sessions.to_json(caller.account, base_url(exchange.request, PDS), has_email=has_email))

    def _service_auth(self, exchange: Exchange) -> Reply:
        caller = self._caller(exchange)
        check_input(exchange)
        return self._service_tokens.make(caller, exchange.params)

    async def _upload(self, exchange: Exchange) -> Reply:
        caller = self._caller(exchange)
        media_type = exchange.request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not media_type:
            raise invalid("Request encoding (Content-Type) required but not provided")
        if caller.permissions is not None:
            caller.permissions.require_blob(media_type)
        limits = consume(self._sandbox, UPLOADS, caller.account.user_id)
        try:
            upload = await receive(self._sandbox, exchange.request, UPLOAD_BYTES)
            reply = json_reply({"blob": self._blobs.add(caller.account, upload, media_type)})
        except XRPCError as refused:
            reply = refused.reply()
        reply.headers = {**reply.headers, **limits}
        return reply

    def _write(self, exchange: Exchange) -> Reply:
        caller = self._caller(exchange)
        check_input(exchange)
        records = self._records
        run = {
            "create_record": records.create_record,
            "put_record": records.put_record,
            "delete_record": records.delete_record,
            "apply_writes": records.apply_writes,
        }[exchange.call.operation]
        return run(caller, exchange.params)

    def _read(self, exchange: Exchange) -> Reply:
        check_input(exchange)
        is_one = exchange.call.operation == "get_record"
        return self._records.get_record(exchange.params) if is_one else self._records.list_records(exchange.params)

    def _forward_to(self, method: Method) -> "Forwarded":
        return Forwarded(self._authenticator, method)


class Forwarded:
    """A method of the AppView that the account server forwards, for callers that it knows; names resolve for all."""

    def __init__(self, authenticator: Authenticator, method: Method) -> None:
        self._authenticator = authenticator
        self._method = method

    async def __call__(self, exchange: Exchange) -> Reply:
        """Answer one call."""
        if self._method.operation != "resolve_handle":
            self._authenticator.caller(exchange.request)
        reply = self._method.run(exchange)
        return reply if isinstance(reply, Reply) else await reply


def _describe(exchange: Exchange) -> Reply:
    _ = exchange
    return json_reply(
        {
            "did": f"did:web:{PDS}",
            "availableUserDomains": [f".{ENTRYWAY}"],
            "inviteCodeRequired": False,
            "links": {},
            "contact": {},
        }
    )


def _resource(request: Request, host: str) -> Mapping[str, JSONValue]:
    """Return the metadata of a protected resource (RFC 9728)."""
    return {
        "resource": base_url(request, host),
        "authorization_servers": [base_url(request, ENTRYWAY)],
        "scopes_supported": [],
        "bearer_methods_supported": ["header"],
        "resource_documentation": "https://atproto.com",
    }
