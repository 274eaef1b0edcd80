"""oauth2.googleapis.com, and www.googleapis.com beside youtube.googleapis.com, as ASGI apps."""

from collections.abc import Callable, Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.app_rules import BLOCKED
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import (
    BadBody,
    JSONValue,
    Reply,
    bearer_of,
    decode_object,
    html_reply,
    json_reply,
    local_path,
    read_body,
    read_params,
    text_of,
)
from presswork_sandbox.youtube.analytics import Analytics
from presswork_sandbox.youtube.api import API, has_channel
from presswork_sandbox.youtube.captions import Captions
from presswork_sandbox.youtube.comments import Comments
from presswork_sandbox.youtube.errors import (
    Envelopes,
    YouTubeRefusal,
    bad_token,
    no_scope,
    no_token,
    oauth_error,
    suspended,
)
from presswork_sandbox.youtube.facts import ANALYTICS_HOST, FACTS
from presswork_sandbox.youtube.oauth import (
    ANALYTICS,
    FORCE_SSL,
    MONETARY_ANALYTICS,
    PROFILE_SCOPES,
    READONLY,
    UPLOAD,
    YOUTUBE,
    OAuth,
)
from presswork_sandbox.youtube.playlists import Playlists
from presswork_sandbox.youtube.quota import Projects, project_of
from presswork_sandbox.youtube.sessions import Session, Sessions
from presswork_sandbox.youtube.videos import Videos
from presswork_sandbox.youtube.whole_uploads import KINDS

OAUTH_HOST: Final = "oauth2.googleapis.com"
OAUTH_PATHS: Final[Mapping[str, str]] = {
    "token": "token",
    "revoke": "revoke",
    "tokeninfo": "tokeninfo",
    "oauth2/v4/token": "token",
    "oauth2/v1/tokeninfo": "tokeninfo",
    "oauth2/v3/tokeninfo": "tokeninfo",
}
USERINFO: Final = tuple(f"oauth2/{version}/userinfo" for version in ("v1", "v2", "v3"))
UPLOAD_PATHS: Final = tuple(f"{start}upload/youtube/v3/" for start in ("", "resumable/"))
OPERATIONS: Final[Mapping[tuple[str, str], str]] = {
    ("GET", "youtube/v3/channels"): "channels",
    ("GET", "youtube/v3/videos"): "videos_list",
    ("GET", "youtube/v3/videos:batchGetStats"): "videos_batch_get_stats",
    ("GET", "v2/reports"): "analytics_reports",
    ("POST", "youtube/v3/videos"): "videos_insert",
    ("PUT", "youtube/v3/videos"): "videos_update",
    ("DELETE", "youtube/v3/videos"): "videos_delete",
    ("GET", "youtube/v3/commentThreads"): "comment_threads_list",
    ("POST", "youtube/v3/commentThreads"): "comment_threads_insert",
    ("GET", "youtube/v3/comments"): "comments_list",
    ("POST", "youtube/v3/comments"): "comments_insert",
    ("PUT", "youtube/v3/comments"): "comments_update",
    ("DELETE", "youtube/v3/comments"): "comments_delete",
    ("POST", "youtube/v3/comments/setModerationStatus"): "comments_set_moderation_status",
    ("GET", "youtube/v3/playlistItems"): "playlist_items_list",
    ("POST", "youtube/v3/playlistItems"): "playlist_items_insert",
    ("DELETE", "youtube/v3/playlistItems"): "playlist_items_delete",
    ("GET", "youtube/v3/playlists"): "playlists_list",
    ("POST", "youtube/v3/playlists"): "playlists_insert",
    ("GET", "youtube/v3/captions"): "captions_list",
    ("DELETE", "youtube/v3/captions"): "captions_delete",
    **{("GET", path): "userinfo" for path in USERINFO},
    **{("POST", f"{path}videos"): "videos_insert" for path in UPLOAD_PATHS},
    **{("POST", f"{path}thumbnails/set"): "thumbnails_set" for path in UPLOAD_PATHS},
    **{("POST", f"{path}captions"): "captions_insert" for path in UPLOAD_PATHS},
}
# One of these scopes opens the call.
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    "channels": frozenset({YOUTUBE, READONLY, FORCE_SSL}),
    "videos_list": frozenset({YOUTUBE, READONLY, FORCE_SSL}),
    "videos_batch_get_stats": frozenset({YOUTUBE, READONLY, FORCE_SSL}),
    "analytics_reports": frozenset({YOUTUBE, READONLY, ANALYTICS, MONETARY_ANALYTICS}),
    "playlist_items_list": frozenset({YOUTUBE, READONLY, FORCE_SSL}),
    "playlist_items_insert": frozenset({YOUTUBE, FORCE_SSL}),
    "playlist_items_delete": frozenset({YOUTUBE, FORCE_SSL}),
    "playlists_list": frozenset({YOUTUBE, READONLY, FORCE_SSL}),
    "playlists_insert": frozenset({YOUTUBE, FORCE_SSL}),
    "captions_list": frozenset({FORCE_SSL}),
    "captions_insert": frozenset({FORCE_SSL}),
    "captions_delete": frozenset({FORCE_SSL}),
    "videos_insert": frozenset({YOUTUBE, UPLOAD, FORCE_SSL}),
    "thumbnails_set": frozenset({YOUTUBE, UPLOAD, FORCE_SSL}),
    "videos_update": frozenset({YOUTUBE, FORCE_SSL}),
    "videos_delete": frozenset({YOUTUBE, FORCE_SSL}),
    "comment_threads_list": frozenset({FORCE_SSL}),
    "comment_threads_insert": frozenset({FORCE_SSL}),
    "comments_list": frozenset({FORCE_SSL}),
    "comments_insert": frozenset({FORCE_SSL}),
    "comments_update": frozenset({FORCE_SSL}),
    "comments_delete": frozenset({FORCE_SSL}),
    "comments_set_moderation_status": frozenset({FORCE_SSL}),
    "userinfo": PROFILE_SCOPES,
}
WITH_BODY: Final = frozenset(
    {
        "videos_insert",
        "videos_update",
        "comment_threads_insert",
        "comments_insert",
        "comments_update",
        "playlist_items_insert",
        "playlists_insert",
    }
)
BodyHandler = Callable[[Account, Mapping[str, JSONValue], Mapping[str, str]], Reply]
"""A call with a channel, a body and a query."""
QueryHandler = Callable[[Account, Mapping[str, str]], Reply]
"""A call with a channel and a query."""
NO_CHANNEL_NEEDED: Final = frozenset({"channels", "userinfo"})


class OAuthEndpoints:
    """The endpoints for tokens, on whichever host they are called."""

    def __init__(self, sandbox: Sandbox, oauth: OAuth, host: str) -> None:
        self._sandbox = sandbox
        self._oauth = oauth
        self._host = host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        response = await self.answer(Request(scope, receive), local_path(scope))
        await response(scope, receive, send)

    async def answer(self, request: Request, path: str) -> Response:
        """Return the response to one request."""
        try:
            params = await read_params(request)
        except BadBody:
            params = {}
        operation = OAUTH_PATHS.get(_shape(path), "unknown")
        grant = text_of(params.get("grant_type"))
        if operation == "token" and grant == "refresh_token":
            operation = "refresh"
        if request.method != "POST" and operation in {"token", "refresh"}:
            operation = "unknown"
        account, token = self._owner(params)
        call = Call(
            platform=FACTS.name,
            host=self._host,
            path=path,
            operation=operation,
            request=request,
            shown=params,
            token=token,
            account=account,
        )

        async def effect() -> Reply:
            match operation:
                case "refresh":
                    return self._oauth.refresh(params)
                case "revoke":
                    return self._oauth.revoke(params)
                case "tokeninfo":
                    return self._oauth.tokeninfo(params)
                case "token" if grant == "authorization_code":
                    return self._oauth.token(params)
                case "token":
                    return oauth_error("unsupported_grant_type", f"Invalid grant_type: {grant}")
                case _:
                    return _not_found()

        return await perform(self._sandbox, call, effect, Envelopes())

    def _owner(self, params: Mapping[str, JSONValue]) -> tuple[Account | None, Token | None]:
        tokens, accounts = self._sandbox.tokens, self._sandbox.accounts
        given = next(
            (text_of(params[name]) for name in ("refresh_token", "token", "access_token") if name in params), ""
        )
        token = tokens.find(FACTS.name, given) if given else None
        if token is not None:
            return accounts.by_id(token.account_id), token
        code = self._oauth.find_code(text_of(params.get("code")))
        return (None if code is None else accounts.by_id(code.account_id)), None


class APIHost:
    """www.googleapis.com and youtube.googleapis.com, which answer the same paths, and the host of the Analytics API."""

    def __init__(
        self,
        sandbox: Sandbox,
        host: str,
        *,
        analytics: Analytics,
        api: API,
        captions: Captions,
        comments: Comments,
        oauth: OAuth,
        playlists: Playlists,
        projects: Projects,
        sessions: Sessions,
        videos: Videos,
    ) -> None:
        self._sandbox = sandbox
        self._host = host
        self._api = api
        self._captions = captions
        self._with_body: Final[Mapping[str, BodyHandler]] = {
            "videos_update": api.update_video,
            "comment_threads_insert": comments.insert,
            "comments_insert": comments.insert_comment,
            "comments_update": comments.update_comment,
            "playlist_items_insert": playlists.insert_item,
            "playlists_insert": playlists.insert,
        }
        self._without_body: Final[Mapping[str, QueryHandler]] = {
            "analytics_reports": analytics.query,
            "channels": api.channels,
            "videos_batch_get_stats": api.batch_get_stats,
            "videos_delete": api.delete_video,
            "comment_threads_list": comments.list,
            "comments_list": comments.list_comments,
            "comments_delete": comments.delete_comment,
            "comments_set_moderation_status": comments.moderate,
            "playlist_items_list": playlists.list_items,
            "playlist_items_delete": playlists.delete_item,
            "playlists_list": playlists.list,
            "captions_list": captions.list,
            "captions_delete": captions.delete,
        }
        self._oauth = OAuthEndpoints(sandbox, oauth, host)
        self._projects = projects
        self._sessions = sessions
        self._videos = videos

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        self._sandbox.run_due()
        request, path = Request(scope, receive), local_path(scope)
        if _shape(path) in OAUTH_PATHS:
            response = await self._oauth.answer(request, path)
        elif _shape(path).startswith(UPLOAD_PATHS) and "upload_id" in request.query_params:
            response = await self._answer_upload(request, path)
        else:
            response = await self._answer_api(request, path)
        await response(scope, receive, send)

    # Uploads

    async def _answer_upload(self, request: Request, path: str) -> Response:
        """Answer a request to the URL of a session. The URL is the permission; a token that comes along must be valid."""
        upload_id = request.query_params["upload_id"]
        session = self._sessions.find(upload_id)
        shown: dict[str, JSONValue] = {"session": None if session is None else session.number}
        shown |= {name.replace("-", "_"): request.headers.get(name) for name in ("content-range", "content-length")}
        given = bearer_of(request)
        call = Call(
            platform=FACTS.name,
            host=self._host,
            path=path,
            operation="upload",
            request=request,
            shown=shown,
            token=self._sandbox.tokens.find(FACTS.name, given) if given else None,
            account=None if session is None else self._sandbox.accounts.by_id(session.account_id),
            held_by=None if session is None else session.fault_id,
        )

        async def effect() -> Reply:
            if given and (refusal := self._find_refusal(given)) is not None:
                return refusal.reply()
            return await self._sessions.receive(call, upload_id)

        return await perform(self._sandbox, call, effect, Envelopes(_count_stored_bytes(session)))

    def _find_refusal(self, text: str) -> YouTubeRefusal | None:
        """Return why an access token opens nothing, or None."""
        token = self._sandbox.tokens.find(FACTS.name, text)
        if token is None or token.kind != "google_access":
            return bad_token()
        if token.dead_reason == BLOCKED:
            return suspended(project_of(token.client_id))
        return None if token.is_alive(self._sandbox.clock.now()) else bad_token()

    # All other calls

    async def _answer_api(self, request: Request, path: str) -> Response:
        sandbox, operation = self._sandbox, OPERATIONS.get((request.method, _shape(path)), "unknown")
        if (operation == "analytics_reports") != (self._host == ANALYTICS_HOST):
            operation = "unknown"
        query = dict(request.query_params)
        given = bearer_of(request) or query.get("access_token", "")
        token = sandbox.tokens.find(FACTS.name, given) if given else None
        body: dict[str, JSONValue] | None = {}
        is_whole = operation == "videos_insert" and query.get("uploadType") in KINDS
        if operation in WITH_BODY and not is_whole:
            try:
                raw = await read_body(request)
                body = decode_object(raw) if raw.strip() else {}
            except BadBody:
                body = None
        call = Call(
            platform=FACTS.name,
            host=self._host,
            path=path,
            operation=operation,
            request=request,
            shown={**query, **(body or {})},
            token=token,
            account=None if token is None else sandbox.accounts.by_id(token.account_id),
            held_by=self._holding_fault(query) if operation == "videos_list" else None,
        )

        async def effect() -> Reply:
            if operation == "unknown":
                return _not_found()
            try:
                return await self._api_reply(call, given, body, query)
            except YouTubeRefusal as refused:
                return refused.reply()

        return await perform(sandbox, call, effect, Envelopes())

    def _holding_fault(self, query: Mapping[str, str]) -> int | None:
        """Return the stuck_processing fault that holds the first video of a list."""
        video = self._videos.find(query.get("id", "").partition(",")[0])
        return None if video is None else video.fault_id

    async def _api_reply(
        self, call: Call, given: str, body: Mapping[str, JSONValue] | None, query: Mapping[str, str]
    ) -> Reply:
        account = self._authorize_call(call, given)
        if body is None:
            raise YouTubeRefusal("parseError", "Parse Error")
        api = self._api
        match call.operation:
            case "videos_insert" if query.get("uploadType") in KINDS:
                return await api.upload_whole(call, account, query)
            case "videos_insert":
                return api.start_upload(call, self._host, account, body, query)
            case "videos_list":
                return api.list_videos(call, account, query)
            case "thumbnails_set":
                return await api.set_thumbnail(call, account, query)
            case "captions_insert":
                return await self._captions.insert(call, account, query)
            case "userinfo":
                return _userinfo(account, _shape(call.path))
            case operation if operation in self._with_body:
                return self._with_body[operation](account, body, query)
            case operation:
                return self._without_body[operation](account, query)

    def _authorize_call(self, call: Call, given: str) -> Account:
        """Return the channel that a token is for, after counting the call for its project. Raises YouTubeRefusal."""
        if not given:
            raise no_token()
        # Read again, since a token_expired fault may have been applied in between.
        token = self._sandbox.tokens.find(FACTS.name, given)
        account = None if token is None else self._sandbox.accounts.by_id(token.account_id)
        if (refusal := self._find_refusal(given)) is not None:
            raise refusal
        if token is None or account is None:
            raise bad_token()
        if not SCOPES[call.operation] & set(account.allows(token.scopes)):
            raise no_scope()
        self._projects.charge(token.client_id, call.operation)
        if not has_channel(account) and call.operation not in NO_CHANNEL_NEEDED:
            raise YouTubeRefusal("youtubeSignupRequired", location="Authorization", location_type="header")
        return account


def _shape(path: str) -> str:
    return "/".join(part for part in path.split("/") if part)


def _count_stored_bytes(session: Session | None) -> int:
    return 0 if session is None else session.stored_bytes


def _not_found() -> Reply:
    return html_reply("<!DOCTYPE html><title>Error 404 (Not Found)!!1</title><p>The requested URL was not found.", 404)


def _userinfo(account: Account, shape: str) -> Reply:
    name = "sub" if shape.endswith("v3/userinfo") else "id"
    picture = f"https://lh3.googleusercontent.com/a/{account.app_scoped_id}=s96-c"
    return json_reply({name: account.app_scoped_id, "name": account.display_name, "picture": picture})
