"""open.tiktokapis.com, as an ASGI app."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tiktok.errors import Envelopes, TikTokRefusal
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.tiktok.oauth import LIST, PUBLISH, UPLOAD, OAuth
from presswork_sandbox.tiktok.publish import Publishing
from presswork_sandbox.tiktok.rate_limits import count_call
from presswork_sandbox.tiktok.webhooks import Webhooks
from presswork_sandbox.tokens import Token, split_scopes
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    bearer_of,
    decode_object,
    html_reply,
    local_path,
    read_body,
    read_params,
    text_of,
)

OPEN: Final = "open.tiktokapis.com"
OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("POST", "v2/oauth/token"): "token",
    ("POST", "v2/oauth/revoke"): "revoke",
    ("GET", "v2/user/info"): "user_info",
    ("POST", "v2/post/publish/creator_info/query"): "creator_info",
    ("POST", "v2/post/publish/video/init"): "video_init",
    ("POST", "v2/post/publish/inbox/video/init"): "inbox_init",
    ("POST", "v2/post/publish/content/init"): "content_init",
    ("POST", "v2/post/publish/status/fetch"): "status_fetch",
    ("POST", "v2/post/publish/cancel"): "cancel",
    ("POST", "v2/video/list"): "video_list",
    ("POST", "v2/video/query"): "video_query",
}
# What the token endpoint is asked for, by grant_type, where it is not the exchange of a code.
GRANTS: Final = {"refresh_token": "refresh", "client_credentials": "client_token"}
# One of these scopes opens the call. content_init needs the one of its post_mode.
SCOPES: Final[Mapping[str, tuple[str, ...]]] = {
    "user_info": (),
    "creator_info": (PUBLISH,),
    "video_init": (PUBLISH,),
    "inbox_init": (UPLOAD,),
    "content_init": (PUBLISH, UPLOAD),
    "status_fetch": (PUBLISH, UPLOAD),
    "cancel": (PUBLISH, UPLOAD),
    "video_list": (LIST,),
    "video_query": (LIST,),
}


class OpenHost:
    """open.tiktokapis.com."""

    def __init__(self, sandbox: Sandbox, jobs: Jobs, webhooks: Webhooks) -> None:
        self._sandbox = sandbox
        self._jobs = jobs
        self._oauth = OAuth(sandbox, webhooks)
        self._publishing = Publishing(sandbox, jobs)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request = Request(scope, receive)
        path = local_path(scope)
        shape = "/".join(part for part in path.split("/") if part)
        operation = OPERATIONS.get((request.method, shape), "unknown")
        answer = self._answer_oauth if shape.startswith("v2/oauth/") else self._answer_api
        response = await answer(request, path, operation)
        await response(scope, receive, send)

    async def _answer_oauth(self, request: Request, path: str, operation: str) -> Response:
        sandbox = self._sandbox
        try:
            params = await read_params(request)
        except BadBody:
            params = {}
        if request.headers.get("content-type", "").lower().startswith("application/json"):
            params = {}  # these endpoints read forms and nothing else
        grant = text_of(params.get("grant_type"))
        if operation == "token":
            operation = GRANTS.get(grant, operation)
        account, token = self._oauth_owner(params)
        call = Call(
            platform="tiktok",
            host=OPEN,
            path=path,
            operation=operation,
            request=request,
            shown=params,
            token=token,
            account=account,
        )
        out = Envelopes(sandbox.store.trace(), sandbox.clock.now())

        async def effect() -> Reply:
            if operation == "refresh":
                return self._oauth.refresh(params, out)
            if operation == "client_token":
                return self._oauth.client_token(params, out)
            if operation == "revoke":
                return self._oauth.revoke(params, out)
            if operation == "token" and grant == "authorization_code":
                return self._oauth.token(params, out)
            if operation == "token":
                return out.oauth(
                    "unsupported_grant_type", "grant_type is authorization_code, refresh_token or client_credentials."
                )
            return html_reply("Unsupported path(Janus)", 404)

        return await perform(sandbox, call, effect, out)

    def _oauth_owner(self, params: Mapping[str, JSONValue]) -> tuple[Account | None, Token | None]:
        tokens, accounts = self._sandbox.tokens, self._sandbox.accounts
        given = text_of(params.get("refresh_token")) or text_of(params.get("token"))
        token = tokens.find("tiktok", given) if given else None
        if token is not None:
            return accounts.by_id(token.account_id), token
        code = tokens.find_code("tiktok", text_of(params.get("code")))
        return (None if code is None else accounts.by_id(code.account_id)), None

    async def _answer_api(self, request: Request, path: str, operation: str) -> Response:
        sandbox = self._sandbox
        given = bearer_of(request)
        token = sandbox.tokens.find("tiktok", given) if given else None
        account = None if token is None else sandbox.accounts.by_id(token.account_id)
        body: dict[str, JSONValue] | None = None
        try:
            raw = await read_body(request)
            body = decode_object(raw) if raw.strip() else {}
        except BadBody:
            body = None
        held_by = None
        if operation == "status_fetch" and body is not None:
            job = self._jobs.find(text_of(body.get("publish_id")))
            held_by = None if job is None else job.fault_id
        query = dict(request.query_params)
        call = Call(
            platform="tiktok",
            host=OPEN,
            path=path,
            operation=operation,
            request=request,
            shown={**query, **(body or {})},
            token=token,
            account=account,
            held_by=held_by,
        )
        out = Envelopes(sandbox.store.trace(), sandbox.clock.now())

        async def effect() -> Reply:
            if operation == "unknown":
                return html_reply("Unsupported path(Janus)", 404)
            try:
                return self._api(call, given, body, query.get("fields", ""), out)
            except TikTokRefusal as refused:
                return out.refused(refused.code, refused.message)

        return await perform(sandbox, call, effect, out)

    def _api(self, call: Call, given: str, body: Mapping[str, JSONValue] | None, fields: str, out: Envelopes) -> Reply:
        sandbox, publishing = self._sandbox, self._publishing
        # Read again, since a token_expired fault may have been applied in between.
        token = sandbox.tokens.find("tiktok", given) if given else None
        account = None if token is None else sandbox.accounts.by_id(token.account_id)
        if token is None or account is None or token.kind != "access" or not token.is_alive(sandbox.clock.now()):
            raise TikTokRefusal("access_token_invalid", "The access token is invalid or not found in the request.")
        scopes = account.allows(token.scopes)
        needed = SCOPES[call.operation]
        if needed and not set(needed) & set(scopes):
            raise TikTokRefusal("scope_not_authorized", "The user did not authorize the scope required for this call.")
        count_call(sandbox, account, call.operation)
        if body is None:
            raise TikTokRefusal("invalid_params", "The body is not a JSON object.")
        match call.operation:
            case "user_info":
                return publishing.user_info(call, account, scopes, fields, out)
            case "creator_info":
                return publishing.creator_info(call, account, out)
            case "video_init":
                return publishing.video_init(call, account, body, out)
            case "inbox_init":
                return publishing.inbox_init(call, account, body, out)
            case "content_init":
                self._check_mode(body, split_scopes(",".join(scopes)))
                return publishing.content_init(call, account, body, out)
            case "status_fetch":
                return publishing.status_fetch(call, account, body, out)
            case "cancel":
                return publishing.cancel(account, body, out)
            case operation:
                return publishing.videos(account, body, fields, out, query=operation == "video_query")

    def _check_mode(self, body: Mapping[str, JSONValue], scopes: tuple[str, ...]) -> None:
        needed = {"DIRECT_POST": PUBLISH, "MEDIA_UPLOAD": UPLOAD}.get(text_of(body.get("post_mode")))
        if needed is None:
            raise TikTokRefusal("invalid_param", "post_mode must be DIRECT_POST or MEDIA_UPLOAD")
        if needed not in scopes:
            raise TikTokRefusal("scope_not_authorized", f"The user did not authorize {needed}.")
