"""api.linkedin.com and the calls of programs to www.linkedin.com, as ASGI apps.

Source: LinkedIn, "Protocol Versions" (Rest.li 2.0.0), read 2026-11: a URN in a path or a query is percent-encoded, and a colon as
it is gets 400 ("Syntax exception in path variables", quoted by developers in 2026).
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call, perform
from presswork_sandbox.core import Sandbox
from presswork_sandbox.linkedin.api import API, WWW, APICall
from presswork_sandbox.linkedin.comments import COMMENT_URN, POST_URN
from presswork_sandbox.linkedin.errors import (
    BAD_PATH,
    BAD_QUERY,
    UNKNOWN_RESOURCE,
    Envelopes,
    LinkedInRefusal,
    Problem,
)
from presswork_sandbox.linkedin.facts import FACTS
from presswork_sandbox.linkedin.oauth import OAuth
from presswork_sandbox.linkedin.people import People
from presswork_sandbox.linkedin.rules import Rules, count_call
from presswork_sandbox.linkedin.uploads import URL_LIFETIME, Upload, Uploads, etag_of
from presswork_sandbox.tokens import Token
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

API_HOST: Final = "api.linkedin.com"
PROTOCOLS: Final = ("1.0.0", "2.0.0")
_POST: Final = r"urn:li:(?:share|ugcPost):\d{1,19}"
_SUBJECT: Final = f"{POST_URN}|{COMMENT_URN}"
_COMMENT: Final = rf"(?P<key>{_SUBJECT})/comments/(?P<number>\d{{1,19}})"
# (method, what the query must have, shape of the path) → operation.
_PATHS: Final = [
    (method, parameter, re.compile(shape, re.ASCII), operation)
    for method, parameter, shape, operation in (
        ("GET", "", r"v2/userinfo", "userinfo"),
        ("GET", "", r"rest/organizationAcls", "organization_acls"),
        ("GET", "", r"rest/organizations(?:/(?P<key>\d{1,18}))?", "organizations"),
        ("POST", "action=initializeUpload", r"rest/images", "images_initialize"),
        ("POST", "action=initializeUpload", r"rest/videos", "videos_initialize"),
        ("POST", "action=initializeUpload", r"rest/documents", "documents_initialize"),
        ("POST", "action=finalizeUpload", r"rest/videos", "videos_finalize"),
        ("GET", "", r"rest/images/(?P<key>urn:li:image:[\w-]+)", "media_status"),
        ("GET", "", r"rest/videos/(?P<key>urn:li:video:[\w-]+)", "media_status"),
        ("GET", "", r"rest/documents/(?P<key>urn:li:document:[\w-]+)", "media_status"),
        ("POST", "", r"rest/posts", "posts"),
        ("GET", "", r"rest/posts", "posts_by_author"),
        ("GET", "", rf"rest/posts/(?P<key>{_POST})", "post"),
        ("POST", "", rf"rest/posts/(?P<key>{_POST})", "post_update"),
        ("DELETE", "", rf"rest/posts/(?P<key>{_POST})", "delete"),
        ("POST", "", rf"rest/socialActions/(?P<key>{_SUBJECT})/comments", "comments"),
        ("GET", "", rf"rest/socialActions/(?P<key>{_SUBJECT})/comments", "comments_list"),
        ("GET", "", rf"rest/socialActions/{_COMMENT}", "comment"),
        ("POST", "", rf"rest/socialActions/{_COMMENT}", "comment_update"),
        ("DELETE", "", rf"rest/socialActions/{_COMMENT}", "comment_delete"),
        ("POST", "", r"rest/reactions", "reactions"),
        *(
            (method, "", r"rest/eventSubscriptions/(?P<key>\(.{1,600}\))", "event_subscriptions")
            for method in ("GET", "PUT", "DELETE")
        ),
        ("GET", "q=criteria", r"rest/organizationalEntityNotifications", "notifications"),
        ("DELETE", "", r"rest/reactions/(?P<key>\(actor:.{1,200},entity:.{1,200}\))", "reactions_delete"),
    )
]
_UPLOAD: Final = re.compile(r"dms-uploads/([\w-]+)/uploaded-(image|video|document)/(\d{1,5})", re.ASCII)


def _place(request: Request, path: str) -> tuple[str, str]:
    """Return the operation of a call, and the thing that its path names; of a comment behind a slash its number."""
    query = {f"{name}={value}" for name, value in request.query_params.items()}
    for method, parameter, shape, operation in _PATHS:
        match = shape.fullmatch(path)
        if match is not None and method == request.method and (not parameter or parameter in query):
            named = match.groupdict()
            number = named.get("number")
            return operation, (named.get("key") or "") + (f"/{number}" if number else "")
    return "unknown", ""


class APIHost:
    """api.linkedin.com."""

    def __init__(
        self, sandbox: Sandbox, oauth: OAuth, people: People, rules: Rules, uploads: Uploads, api: API
    ) -> None:
        self._sandbox = sandbox
        self._oauth = oauth
        self._people = people
        self._rules = rules
        self._uploads = uploads
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, path = Request(scope, receive), local_path(scope)
        operation, key = _place(request, path.strip("/"))
        given, query = bearer_of(request), dict(request.query_params)
        token = self._sandbox.tokens.find(FACTS.name, given) if given else None
        body: dict[str, JSONValue] | None
        try:
            raw = await read_body(request)
            body = decode_object(raw) if raw.strip() else {}
        except BadBody:
            body = None
        upload = self._upload_of(operation, key, body or {})
        call = Call(
            platform=FACTS.name,
            host=API_HOST,
            path=path,
            operation=operation,
            request=request,
            shown={**query, **(body or {})},
            token=token,
            account=self._account(token, operation, key, {**query, **(body or {})}),
            held_by=None if upload is None else upload.fault_id,
        )
        errors = Envelopes()

        async def effect() -> Reply:
            try:
                return self._serve_call(call, given, key, query, body)
            except LinkedInRefusal as refused:
                return errors.refused(refused.problem)

        response = await perform(self._sandbox, call, effect, errors)
        await response(scope, receive, send)

    def _upload_of(self, operation: str, key: str, body: Mapping[str, JSONValue]) -> Upload | None:
        inner = body.get("finalizeUploadRequest")
        if operation == "videos_finalize" and isinstance(inner, Mapping):
            return self._uploads.find(text_of(inner.get("video")))
        return self._uploads.find(key) if operation == "media_status" else None

    def _account(
        self, token: Token | None, operation: str, key: str, parameters: Mapping[str, JSONValue]
    ) -> Account | None:
        caller = None if token is None else self._people.caller(token)
        return None if caller is None else self._api.account_of(caller, operation, key, parameters)

    def _serve_call(
        self, call: Call, given: str, key: str, query: Mapping[str, str], body: Mapping[str, JSONValue] | None
    ) -> Reply:
        headers = call.request.headers
        # Read again, since a token_expired fault may have been applied in between.
        caller = self._oauth.caller(given)
        version = "NO_VERSION"
        if call.path.strip("/").startswith("rest/"):
            version = self._rules.check_version(headers.get("linkedin-version"), self._sandbox.clock.now())
        protocol = headers.get("x-restli-protocol-version", PROTOCOLS[0])
        if protocol not in PROTOCOLS:
            raise LinkedInRefusal(Problem(status=400, message=f"Rest.li protocol version {protocol} is not supported"))
        if protocol == PROTOCOLS[1]:
            _check_encoding(call.request)
        if call.operation == "unknown":
            raise LinkedInRefusal(UNKNOWN_RESOURCE)
        count_call(self._sandbox, self._rules, caller)
        if call.request.method in {"POST", "PUT"}:
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise LinkedInRefusal(
                    Problem(status=415, message=f"The content type {kind or 'none'} is not supported")
                )
            if body is None:
                raise LinkedInRefusal(Problem(status=400, message="Cannot parse request entity"))
        api_call = APICall(call=call, caller=caller, key=key, query=query, body=body or {}, version=version)
        return self._api.operations[call.operation](api_call)


def _check_encoding(request: Request) -> None:
    """Raise LinkedInRefusal for a URN whose colons are not percent-encoded."""
    raw_path = request.scope.get("raw_path")
    if isinstance(raw_path, bytes) and b"urn:li:" in raw_path:
        raise LinkedInRefusal(BAD_PATH)
    if b"=urn:li:" in request.scope.get("query_string", b""):
        raise LinkedInRefusal(BAD_QUERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """The part of a file that an upload URL stands for."""

    upload: Upload
    number: int
    length: int | None  # in bytes; None: any, up to the limit


class WWWHost:
    """www.linkedin.com, as far as programs call it: the token endpoints, and the URLs for the bytes of files."""

    def __init__(self, sandbox: Sandbox, oauth: OAuth, uploads: Uploads) -> None:
        self._sandbox = sandbox
        self._oauth = oauth
        self._uploads = uploads
        self._locks: dict[int, asyncio.Lock] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        self._sandbox.resume_work()
        request, path = Request(scope, receive), local_path(scope)
        match = _UPLOAD.fullmatch(path.strip("/"))
        response = self._upload(request, path, match) if match is not None else self._token(request, path)
        await (await response)(scope, receive, send)

    # Tokens

    async def _token(self, request: Request, path: str) -> Response:
        params = await self._form(request)
        shape = path.strip("/") if request.method == "POST" else ""
        operation = {"oauth/v2/accessToken": "token", "oauth/v2/revoke": "revoke"}.get(shape, "unknown")
        if operation == "token" and text_of(params.get("grant_type")) == "refresh_token":
            operation = "refresh"
        account, token = self._owner(params)
        call = Call(
            platform=FACTS.name,
            host=WWW,
            path=path,
            operation=operation,
            request=request,
            shown=params,
            token=token,
            account=account,
        )

        async def effect() -> Reply:
            match operation:
                case "token":
                    return self._oauth.token(params)
                case "refresh":
                    return self._oauth.refresh(params)
                case "revoke":
                    return self._oauth.revoke(params)
                case _:
                    return html_reply("<!DOCTYPE html><title>Page not found | LinkedIn</title>", 404)

        return await perform(self._sandbox, call, effect, Envelopes())

    async def _form(self, request: Request) -> dict[str, JSONValue]:
        """Return the parameters of a form; these endpoints read nothing else."""
        if request.headers.get("content-type", "").lower().startswith("application/json"):
            return {}
        try:
            return await read_params(request)
        except BadBody:
            return {}

    def _owner(self, params: Mapping[str, JSONValue]) -> tuple[Account | None, Token | None]:
        tokens, accounts = self._sandbox.tokens, self._sandbox.accounts
        given = text_of(params.get("refresh_token")) or text_of(params.get("token"))
        token = tokens.find(FACTS.name, given) if given else None
        if token is not None:
            return accounts.by_id(token.account_id), token
        code = tokens.find_code(FACTS.name, text_of(params.get("code")))
        return (None if code is None else accounts.by_id(code.account_id)), None

    # Bytes

    async def _upload(self, request: Request, path: str, match: re.Match[str]) -> Response:
        upload = self._uploads.by_url(match[1], request.query_params.get("ut", ""))
        if upload is not None and upload.kind != match[2]:
            upload = None
        shown: JSONValue = {"part": int(match[3]), "content_length": request.headers.get("content-length")}
        call = Call(
            platform=FACTS.name,
            host=WWW,
            path=path,
            operation="upload",
            request=request,
            shown=shown,
            account=None if upload is None else self._sandbox.accounts.by_id(upload.account_id),
            held_by=None if upload is None else upload.fault_id,
        )

        async def effect() -> Reply:
            if upload is None:
                return Reply(status=404)
            if upload.kind != "video" and not self._is_authorized(request):
                return Reply(status=401)
            async with self._locks.setdefault(upload.number, asyncio.Lock()):
                return await self._take_part(call, self._uploads.find(upload.urn) or upload, int(match[3]))

        response = await perform(self._sandbox, call, effect, Envelopes())
        if upload is not None and upload.state != "waiting":
            self._locks.pop(upload.number, None)
        return response

    def _is_authorized(self, request: Request) -> bool:
        """Return whether a request has a valid token, which the URLs of images and documents need beside their secret."""
        try:
            self._oauth.caller(bearer_of(request))
        except LinkedInRefusal:
            return False
        return True

    async def _take_part(self, call: Call, upload: Upload, number: int) -> Reply:
        if call.request.method not in {"PUT", "POST"}:
            return Reply(status=405)
        if self._sandbox.clock.now() >= upload.created_at + URL_LIFETIME:
            return Reply(status=403)
        if number >= len(upload.etags):
            return Reply(status=404)
        if upload.state != "waiting":
            # The bytes are there: a client that lost the response may send them again, and nothing changes.
            return Reply(status=409 if upload.kind == "video" else 201)
        span = upload.part_of(number) if upload.kind == "video" else None
        part = _Part(upload=upload, number=number, length=None if span is None else span[1] - span[0] + 1)
        digest = await self._receive(call.request, part)
        if digest is None:
            return Reply(status=400)
        if upload.kind == "video":
            etag = etag_of(f"{upload.number}:{number}:{digest}")
            self._uploads.store_part(upload, number, etag)
            self._uploads.apply_fault(call, upload.urn)
            return Reply(status=200, headers={"ETag": f'"{etag}"'}, shown={"etag": etag})
        await self._uploads.take_whole(upload)
        self._uploads.apply_fault(call, upload.urn)
        return Reply(status=201)

    async def _receive(self, request: Request, part: _Part) -> str | None:
        """Write a part to its file and return its digest; None where it is too long, too short or breaks off."""
        max_bytes = part.upload.max_bytes if part.length is None else part.length
        size, digest = 0, hashlib.sha256()
        with self._uploads.path(part.upload, part.number).open("wb") as file:
            try:
                async for data in request.stream():
                    size += len(data)
                    if size > max_bytes:
                        return None
                    digest.update(data)
                    file.write(data)
            except ClientDisconnect:
                return None
        return digest.hexdigest() if size and part.length in {None, size} else None
