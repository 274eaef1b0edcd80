"""Run a tool through the public HTTP API, with the credentials of the caller: the API holds every rule."""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx2

from presswork.agents.explain import explain
from presswork.agents.tool_model import JSON, Tool, ToolRefused, ToolResult, argument_issues

_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)
_KEY: Final = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
_ALIASES: Final = {"postId": "scheduledPostId"}
"""Names that the API has for the same argument elsewhere."""
_PROJECT: Final = ("id", "name", "timezone", "status", "environment", "requiresApproval")
_ACCOUNT: Final = ("socialAccountId", "projectId", "platform", "handle", "displayName", "status", "readiness")
_POST: Final = (
    "id",
    "projectId",
    "containerId",
    "socialAccountId",
    "platform",
    "mode",
    "status",
    "gateStatus",
    "scheduledFor",
    "captionOverride",
    "firstCommentOverride",
    "revision",
    "publishedAt",
    "canceledAt",
    "externalUrl",
    "sandboxUrl",
    "threadStatus",
    "parts",
    "lastError",
    "extras",
    "liveStatus",
    "liveAdvice",
    "lastEdit",
)
_CONTENT: Final = (
    "id",
    "projectId",
    "status",
    "approvalStatus",
    "mediaType",
    "revision",
    "caption",
    "link",
    "parts",
    "warnings",
)
_COMMENT: Final = (
    "id",
    "scheduledPostId",
    "socialAccountId",
    "platform",
    "parentId",
    "author",
    "text",
    "own",
    "hidden",
    "status",
    "replyStatus",
    "error",
    "actions",
    "createdAt",
)


class LocalFiles(Protocol):
    """Uploads files of the machine on which the agent runs."""

    async def __call__(self, arguments: Mapping[str, Any], *, idempotency_key: str) -> JSON:
        """Return the new content, as the API does. Raises ToolRefused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A successful answer of the API."""

    body: JSON
    is_replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRunner:
    """Runs the tools of one caller. `http` sends the caller's credentials with each request."""

    http: httpx2.AsyncClient
    tools: Mapping[str, Tool]
    local_files: LocalFiles | None = None

    async def run(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        """Run a tool. Raises ToolRefused for wrong arguments, and where the API refuses or can't be reached."""
        tool = self.tools.get(name)
        if tool is None:
            raise ToolRefused(f"There is no tool {name[:80]}. The tools are {', '.join(self.tools)}.")
        given = {_ALIASES.get(key, key): value for key, value in arguments.items() if value is not None}
        if issues := argument_issues(tool, given):
            raise ToolRefused("The arguments are wrong; nothing was done.", issues)
        return await _RUNS[name](self, given)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> Reply:
        """Call the API. Raises ToolRefused with its sentence and its issues."""
        headers = {} if key is None else {"Idempotency-Key": key}
        try:
            response = await self.http.request(method, path, params=query, json=body, headers=headers)
        except httpx2.HTTPError as error:
            raise ToolRefused(
                f"The API did not answer ({type(error).__name__}). Check that the server is running, then make the same call "
                "again: it does nothing twice."
            ) from error
        try:
            body = response.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise ToolRefused(f"The server answered {response.status_code}, but not as Presswork does. Check its URL.")
        if response.status_code >= 400:
            raise _refusal(body, is_unsure=response.status_code >= 500)
        return Reply(body=body, is_replayed=response.headers.get("idempotent-replayed") == "true")


def _refusal(body: JSON, *, is_unsure: bool) -> ToolRefused:
    """Return an error of the API as a refusal. `is_unsure`: it is not known whether the call had its effect."""
    error = body.get("error")
    facts: JSON = error if isinstance(error, dict) else {}
    details: JSON = dict(facts.get("details") or {})
    found: list[JSON] = details.pop("issues", None) or []
    issues = [f"{one['path'] or 'arguments'}: {one['message']}" for one in found] if len(found) > 1 else []
    if details:
        issues.append(f"details: {json.dumps(details, ensure_ascii=False)}")
    code, message = facts.get("code", "ERROR"), facts.get("message", "The call was refused.")
    end = "Make the same call again: it does nothing twice." if is_unsure else "Nothing was done."
    return ToolRefused(f"{code}: {message} {end}", issues)


def _id(arguments: Mapping[str, Any], name: str) -> str:
    """Return an id that is safe in a path. Raises ToolRefused."""
    text = str(arguments[name])
    if not _ID.fullmatch(text):
        raise ToolRefused(f"{name} is not an id. Copy it from the result of another tool, as in the example.")
    return text


def _pick_fields(row: Mapping[str, Any], names: tuple[str, ...]) -> JSON:
    return {name: row[name] for name in names if row.get(name) is not None}


def key_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return the idempotency key: the given one, or one that is the same for the same arguments.

    The API keeps keys per caller, so those of two callers never meet. Raises ToolRefused for a malformed one.
    """
    given = arguments.get("idempotencyKey")
    if given is None:
        text = json.dumps([tool, arguments], sort_keys=True, separators=(",", ":"))
        return f"mcp-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"
    if not _KEY.fullmatch(given):
        raise ToolRefused("idempotencyKey must have 1-255 visible ASCII characters. Leave it out, or correct it.")
    return str(given)


def _body(arguments: Mapping[str, Any], *names: str) -> JSON:
    return {name: arguments[name] for name in names if name in arguments}


async def _whoami(runner: ToolRunner, _: Mapping[str, Any]) -> ToolResult:
    data = (await runner.call("GET", "/v1/whoami")).body
    where = (
        "sandbox accounts: nothing is public" if data["environment"] == "test" else "REAL accounts: posts are public"
    )
    text = (
        f"You act for {data.get('organizationName') or data['organizationId']} in the {data['environment']} environment "
        f"({where}), with the scopes {', '.join(data['scopes'])}."
    )
    return ToolResult(text=text, data=data)


def _lists(
    path: str, names: tuple[str, ...], what: str
) -> Callable[[ToolRunner, Mapping[str, Any]], Awaitable[ToolResult]]:
    async def run(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
        page = (await runner.call("GET", path, query=arguments)).body
        items = [_pick_fields(row, names) for row in page["items"]]
        more = " There are more: pass nextCursor as cursor." if page.get("nextCursor") else ""
        data = {"items": items, "nextCursor": page.get("nextCursor")}
        text = f"{len(items)} {what}.{more}\n{json.dumps(items, ensure_ascii=False)}"
        return ToolResult(text=text, data=data)

    return run


async def _upload(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    key = key_of("upload_content", arguments)
    media = arguments.get("media", [])
    is_local = [isinstance(one, dict) and "path" in one for one in media]
    if any(is_local):
        if runner.local_files is None:
            raise ToolRefused(
                "Files of a machine can be uploaded with `presswork mcp` only. Send the url of each medium."
            )
        if not all(is_local):
            raise ToolRefused("Some media have a path and some a url. Send all by path, or all by url.")
        if "link" in arguments or "parts" in arguments:
            raise ToolRefused("A link, or parts, go without media. Omit one of them.")
        content, is_replayed = await runner.local_files(arguments, idempotency_key=key), False
    else:
        path = f"/v1/projects/{_id(arguments, 'projectId')}/content"
        body = {"text": arguments["caption"], **_body(arguments, "link", "media", "parts", "firstComment", "labels")}
        reply = await runner.call("POST", path, body=body, key=key)
        content, is_replayed = reply.body, reply.is_replayed
    data = _pick_fields(content, _CONTENT)
    waits = (
        " It waits for approval: schedule it, or ask for approval." if data.get("approvalStatus") == "pending" else ""
    )
    done = "This repeats an earlier call: the content exists already as" if is_replayed else "Stored, and not posted:"
    text = f"{done} {data['id']} ({data.get('mediaType')}, {data['status']}).{waits}"
    lines = [f"Warning, {one['code']}: {one['message']}" for one in data.get("warnings", [])]
    return ToolResult(text="\n".join([text, *lines]), data=data)


async def _preflight(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/content/{_id(arguments, 'containerId')}/preflight"
    data = (await runner.call("POST", path, body=_body(arguments, "targets"))).body
    lines = [f"content: {one['code']}: {one['message']}" for one in data["errors"]]
    lines += [f"warning {one['code']}: {one['message']}" for one in data["warnings"]]
    for target in data["targets"]:
        name = target["socialAccountId"]
        lines += [f"{name}: {one['code']}: {one['message']}" for one in target["errors"]]
        lines += [f"{name}: warning {one['code']}: {one['message']}" for one in target["warnings"]]
        if texts := target.get("texts"):
            lines.append(f"{name}: goes out as {json.dumps(texts, ensure_ascii=False)}")
        if cost := target.get("quotaCost"):
            lines.append(
                f"{name}: uses {cost['units']} of the {cost['unitsPerDay']} quota units a day of all accounts."
            )
    verdict = "Every target can be published." if data["ok"] else "Not ready to publish: fix these errors first."
    return ToolResult(text="\n".join([f"{verdict} Nothing was posted.", *lines]), data=data)


async def _publish(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/content/{_id(arguments, 'containerId')}/publish"
    reply = await runner.call(
        "POST", path, body=_body(arguments, "targets", "strict"), key=key_of("publish", arguments)
    )
    ids = reply.body["scheduledPostIds"]
    text = f"Queued to be posted now: {', '.join(ids)}. Call explain_post for each until it has ended."
    return _build_post_result(reply, text)


async def _schedule(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/content/{_id(arguments, 'containerId')}/schedule"
    body = _body(arguments, "scheduledFor", "queue", "targets", "strict")
    reply = await runner.call("POST", path, body=body, key=key_of("schedule", arguments))
    ids, at = reply.body["scheduledPostIds"], reply.body["scheduledFor"]
    if reply.body["gateStatus"] == "blocked_on_approval":
        text = f"The content waits for approval. Once it is approved, its posts are scheduled for {at}."
    else:
        text = f"Scheduled for {at}: {', '.join(ids)}. Each goes out then unless you call cancel_post."
    return _build_post_result(reply, text)


def _build_post_result(reply: Reply, text: str) -> ToolResult:
    warnings = reply.body.get("warnings") or []
    if reply.is_replayed:
        text = (
            f"This repeats an earlier call, and nothing new was queued. Its result: {text} To post once more on purpose, pass "
            "a new idempotencyKey."
        )
    lines = [f"Warning, {one['socialAccountId']}: {one['code']}: {one['message']}" for one in warnings]
    data = {**reply.body, "replayed": reply.is_replayed, "warnings": warnings}
    return ToolResult(text="\n".join([text, *lines]), data=data)


async def _explain(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}"
    post = (await runner.call("GET", path)).body
    timeline = (await runner.call("GET", f"{path}/timeline")).body
    return explain(_pick_fields(post, _POST), timeline)


async def _results(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}/insights"
    body = (await runner.call("GET", path)).body
    data = {name: body[name] for name in ("takenAt", "metrics", "unavailable", "nextAt")}
    known = {name: value for name, value in data["metrics"].items() if value is not None}
    found = ", ".join(f"{name} {value}" for name, value in known.items()) or "no number is known yet"
    text = (
        f"{found}. Taken at {data['takenAt']}." if data["takenAt"] else "The numbers of this post were not taken yet."
    )
    return ToolResult(text=text, data=data)


async def _cancel(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}"
    data = (await runner.call("DELETE", path, body=_body(arguments, "reason"))).body
    return ToolResult(text=f"{data['id']} is canceled for good and will not be posted.", data=data)


async def _move(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}/reschedule"
    body = _body(arguments, "scheduledFor", "queue", "together")
    data = (await runner.call("POST", path, body=body)).body
    return ToolResult(text=f"Due at {data['scheduledFor']} now: {', '.join(data['scheduledPostIds'])}.", data=data)


async def _take_down(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}/take-down"
    data = (await runner.call("POST", path, body=_body(arguments, "reason"))).body
    text = _TAKE_DOWN_TEXTS.get(data["liveStatus"], "It is not live any more.")
    return ToolResult(text=f"{data['id']}: {text}", data=data)


_TAKE_DOWN_TEXTS: Final = {
    "taking_down": "A worker deletes it on its platform. Call explain_post for the outcome.",
    "take_down_failed": "It is still live. Call explain_post: liveAdvice says what a person must do.",
    "not_supported": "It is still live: no call can delete it. Call explain_post: liveAdvice says what a person must do.",
}


async def _edit_live(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}/live"
    data = (await runner.call("PATCH", path, body=_body(arguments, "caption", "title", "privacyLevel"))).body
    text = f"A worker changes {data['id']} on its platform. Call explain_post: lastEdit says when it is done."
    return ToolResult(text=text, data=data)


async def _edit(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/scheduled-posts/{_id(arguments, 'scheduledPostId')}"
    body = {
        **arguments.get("options", {}),
        **_body(arguments, "captionOverride", "firstCommentOverride", "revision"),
        **dict.fromkeys(arguments.get("reset", [])),
    }
    # Without a key: the same edit again changes nothing, and after another one it is meant.
    post = (await runner.call("PATCH", path, body=body)).body
    data = _pick_fields(post, (*_POST, "warnings"))
    waits = " It waits for approval with this text." if post.get("gateStatus") is not None else ""
    lines = [f"Warning, {one['code']}: {one['message']}" for one in post.get("warnings") or []]
    text = f"{post['id']} is edited: revision {post['revision']}. It goes out at {post['scheduledFor']}.{waits}"
    return ToolResult(text="\n".join([text, *lines]), data=data)


async def _reply(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/comments/{_id(arguments, 'commentId')}/reply"
    reply = await runner.call("POST", path, body=_body(arguments, "text"), key=key_of("reply", arguments))
    text = (
        f"The reply {reply.body['id']} is {reply.body['replyStatus']}: a worker writes it once. list_comments shows it."
    )
    if reply.is_replayed:
        text = f"This repeats an earlier call, and nothing new was queued. Its result: {text}"
    return ToolResult(text=text, data=reply.body)


async def _approve(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/content/{_id(arguments, 'containerId')}/approve"
    data = (await runner.call("POST", path, body=_body(arguments, "note", "revision"))).body
    promoted: JSON = data.get("pendingSchedulePromotion") or {}
    lines = [f"{data['id']} is approved and may be published."]
    if ids := promoted.get("scheduledPostIds"):
        lines.append(f"Its waiting schedule calls are queued: {', '.join(ids)}.")
    if error := promoted.get("error"):
        lines.append(f"Its waiting schedule calls were not queued: {error['code']}: {error['message']}")
    return ToolResult(text=" ".join(lines), data=data)


async def _reject(runner: ToolRunner, arguments: Mapping[str, Any]) -> ToolResult:
    path = f"/v1/content/{_id(arguments, 'containerId')}/reject"
    data = (await runner.call("POST", path, body=_body(arguments, "reason", "revision"))).body
    dropped = data.get("droppedScheduleCalls", 0)
    text = f"{data['id']} is rejected and can't be published; {dropped} waiting schedule calls were dropped."
    return ToolResult(text=text, data=data)


_RUNS: Final[Mapping[str, Callable[[ToolRunner, Mapping[str, Any]], Awaitable[ToolResult]]]] = {
    "whoami": _whoami,
    "list_projects": _lists("/v1/projects", _PROJECT, "projects"),
    "list_accounts": _lists("/v1/social-accounts", _ACCOUNT, "accounts"),
    "upload_content": _upload,
    "preflight": _preflight,
    "publish": _publish,
    "schedule": _schedule,
    "list_posts": _lists("/v1/scheduled-posts", _POST, "posts"),
    "explain_post": _explain,
    "post_results": _results,
    "cancel_post": _cancel,
    "take_down_post": _take_down,
    "edit_live_post": _edit_live,
    "edit_post": _edit,
    "move_post": _move,
    "list_comments": _lists("/v1/comments", _COMMENT, "comments"),
    "reply": _reply,
    "approve": _approve,
    "reject": _reject,
}
