"""What the Threads API answers about one profile: its scopes, containers, posts, replies and quotas."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.errors import NO_PERMISSION, GraphRefusal, missing
from presswork_sandbox.instagram.reads import read_fields
from presswork_sandbox.threads import oauth
from presswork_sandbox.threads.containers import FIELDS, Containers
from presswork_sandbox.threads.errors import PARAMETER
from presswork_sandbox.threads.insights import Insights
from presswork_sandbox.threads.options import is_sent
from presswork_sandbox.threads.publish import Publishing
from presswork_sandbox.threads.published import WAITING, Media, Published
from presswork_sandbox.threads.reads import Reads
from presswork_sandbox.tokens import Token
from presswork_sandbox.wire import JSONValue, Reply, flag_of, json_reply, text_of

# The scope that an operation needs beside threads_basic.
SCOPES: Final[Mapping[str, str]] = {
    "threads": oauth.PUBLISH,
    "threads_publish": oauth.PUBLISH,
    "replies_list": oauth.READ_REPLIES,
    "own_replies": oauth.READ_REPLIES,
    "conversation": oauth.READ_REPLIES,
    "pending_replies": oauth.READ_REPLIES,
    "manage_reply": oauth.MANAGE_REPLIES,
    "manage_pending_reply": oauth.MANAGE_REPLIES,
    "delete": oauth.DELETE,
    "insights": oauth.INSIGHTS,
    "user_insights": oauth.INSIGHTS,
}
# The scope that a parameter of a container needs.
PARAMETER_SCOPES: Final[Mapping[str, str]] = {
    "reply_to_id": oauth.MANAGE_REPLIES,
    "crossreshare_to_ig": oauth.SHARE,
    "location_id": oauth.LOCATION,
}
FINDERS: Final = frozenset({oauth.MENTIONS, oauth.SEARCH})
"""Scopes that find posts of others: only such a post can be replied to, besides those of one's own threads."""
# The scope that a field of the publishing limit needs, by how the field begins.
LIMIT_SCOPES: Final = {
    "reply_": oauth.MANAGE_REPLIES,
    "delete_": oauth.DELETE,
    "location_": oauth.LOCATION,
    "": oauth.PUBLISH,
}


class ThreadsGraph:
    """Answers about accounts, containers, posts and replies. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, containers: Containers, published: Published) -> None:
        self._containers = containers
        self._published = published
        self._publishing = Publishing(sandbox, containers, published)
        self._insights = Insights(sandbox, published)
        self._reads = Reads(sandbox, published)

    async def answer(
        self, call: Call, subject: str, token: Token, account: Account, params: Mapping[str, JSONValue]
    ) -> Reply:
        """Answer a call about an account, or about what `subject` names."""
        granted = frozenset(account.allows(token.scopes))
        if not {oauth.BASIC, SCOPES.get(call.operation, oauth.BASIC)} <= granted:
            raise GraphRefusal(NO_PERMISSION)
        sent = {name: value for name, value in params.items() if name not in {"access_token", "appsecret_proof"}}
        match call.operation:
            case "me":
                return json_reply(self._reads.profile(call.request, account, params))
            case "threads":
                return await self._create(call, account, granted, sent)
            case "threads_publish":
                return self._publishing.publish(account, sent)
            case "threads_publishing_limit":
                return self._limits(account, granted, params)
            case "threads_list":
                return self._reads.posts(call.request, account, params)
            case "container_status":
                return self._container(call, subject, account, params)
            case "replies_list" | "own_replies" | "conversation" | "pending_replies":
                return self._replies(call, subject, account, params)
            case "user_insights":
                return self._insights.of_user(call, account, sent)
            case "insights":
                return self._insights.of_media(self._find_own_media(call, subject, account), sent)
            case "manage_reply" | "manage_pending_reply":
                return self._manage(call, subject, account, params)
            case _:
                return self._media(call, subject, account, params)

    async def _create(
        self, call: Call, account: Account, granted: frozenset[str], params: Mapping[str, JSONValue]
    ) -> Reply:
        for name, scope in PARAMETER_SCOPES.items():
            if is_sent(params.get(name)) and scope not in granted:
                raise GraphRefusal(NO_PERMISSION)
        target = self._published.find(text_of(params.get("reply_to_id")))
        if target is not None and not self._published.is_in_own_thread(account, target) and not FINDERS & granted:
            raise GraphRefusal(NO_PERMISSION)
        container = await self._containers.create(call, account, params)
        if flag_of(params.get("auto_publish_text")):
            return self._publishing.go_live(account, container)  # live without a second call, and the id is the post's
        return json_reply({"id": str(container.id)})

    def _limits(self, account: Account, granted: frozenset[str], params: Mapping[str, JSONValue]) -> Reply:
        known = self._publishing.limits(account)
        item: dict[str, JSONValue] = {}
        for name in read_fields(params, "quota_usage"):
            if name not in known:
                raise GraphRefusal(PARAMETER.about(f"(#100) Tried accessing nonexisting field ({name})"))
            scope = next(scope for start, scope in LIMIT_SCOPES.items() if name.startswith(start))
            if scope not in granted:
                raise GraphRefusal(NO_PERMISSION)
            item[name] = known[name]
        return json_reply({"data": [item]})

    def _container(self, call: Call, subject: str, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        container = self._containers.of_account(account, subject)
        if container is None:
            raise GraphRefusal(missing(call, subject))
        fields = read_fields(params, "id,status")
        for name in fields:
            if name not in FIELDS:
                raise GraphRefusal(PARAMETER.about(f"(#100) Tried accessing nonexisting field ({name})"))
        state = self._containers.poll(call, container)
        return json_reply({name: value for name, value in state.items() if name in {"id", *fields}})

    def _find_own_media(self, call: Call, subject: str, account: Account) -> Media:
        media = self._published.find(subject)
        if media is None or media.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        return media

    def _find_readable(self, call: Call, subject: str, account: Account) -> Media:
        """Return an own post or reply, or a reply of another in an own thread."""
        media = self._published.find(subject)
        if media is None or not self._published.is_in_own_thread(account, media):
            raise GraphRefusal(missing(call, subject))
        return media

    def _replies(self, call: Call, subject: str, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        match call.operation:
            case "own_replies":
                found = self._published.replies_of(account)
            case "replies_list":
                found = self._published.replies_to(self._find_readable(call, subject, account).id)
            case "conversation":
                found = self._published.conversation(self._find_own_media(call, subject, account).id)
            case _:
                status = text_of(params.get("approval_status")) or "pending"
                if status not in WAITING:
                    raise GraphRefusal(
                        PARAMETER.about("(#100) Param approval_status must be one of {pending, ignored}")
                    )
                found = self._published.waiting(self._find_own_media(call, subject, account).id, status)
        return self._reads.replies(call.request, account, found, params)

    def _manage(self, call: Call, subject: str, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        """POST /{reply}/manage_reply or manage_pending_reply, for the author of the root: hide or show, approve or ignore."""
        media = self._published.find(subject)
        root = None if media is None else self._published.find(media.root_id or "")
        if media is None or root is None or root.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        name = "hide" if call.operation == "manage_reply" else "approve"
        if name not in params:
            raise GraphRefusal(PARAMETER.about(f"(#100) The parameter {name} is required"))
        flag = flag_of(params[name])
        if call.operation == "manage_reply":
            if media.replied_to_id != media.root_id:
                raise GraphRefusal(PARAMETER.about("(#100) Only replies at the top level can be hidden"))
            self._published.hide(media, is_hidden=flag)
        elif not self._published.approve(media, is_approved=flag):
            raise GraphRefusal(PARAMETER.about("(#100) The reply does not wait for approval"))
        return json_reply({"success": True})

    def _media(self, call: Call, subject: str, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        if call.operation == "delete":
            return self._publishing.delete(account, self._find_own_media(call, subject, account))
        media = self._find_readable(call, subject, account)
        return json_reply(self._reads.media(call.request, account, media, read_fields(params, "id")))
