"""What the Graph API answers about one professional account, the same behind both logins."""

from collections.abc import Mapping
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.calls import Call
from presswork_sandbox.clock import DAY
from presswork_sandbox.core import Sandbox
from presswork_sandbox.instagram.comments import OPERATIONS as COMMENT_OPERATIONS
from presswork_sandbox.instagram.comments import MediaComments
from presswork_sandbox.instagram.containers import CONTAINER_FIELDS, Container, Containers
from presswork_sandbox.instagram.errors import (
    INVALID_PARAMETER,
    NO_PERMISSION,
    NOT_BUSINESS,
    GraphRefusal,
    missing,
)
from presswork_sandbox.instagram.login import Login
from presswork_sandbox.instagram.publish import publish, publishing_limit
from presswork_sandbox.instagram.reads import (
    LIST_DEFAULT,
    LIST_LIMIT,
    Reads,
    paged,
    read_fields,
    read_page,
)
from presswork_sandbox.instagram.webhooks import answer_subscribed_apps
from presswork_sandbox.posts import Post
from presswork_sandbox.tokens import Token
from presswork_sandbox.webhooks import AppSubscriptions
from presswork_sandbox.wire import JSONValue, Reply, base_url, flag_of, json_reply, text_of

# Operations on an account: its id is in the path, or `me`.
OF_ACCOUNT: Final = frozenset(
    {"media", "media_list", "stories", "media_publish", "content_publishing_limit", "likes", "subscribed_apps"}
)


class Graph:
    """Answers about accounts, containers, posts and comments. Every method raises GraphRefusal."""

    def __init__(self, sandbox: Sandbox, containers: Containers, login: Login) -> None:
        self._sandbox = sandbox
        self._containers = containers
        self._reads = Reads(sandbox)
        self._login = login
        self._subscriptions = AppSubscriptions(sandbox)
        self._comments = MediaComments(sandbox, self._reads, login)

    def post(self, subject: str) -> Post | None:
        """Find a post by the id that stands in a path."""
        return self._sandbox.posts.by_external_id("instagram", subject)

    async def answer(
        self, call: Call, subject: str, token: Token, account: Account, params: Mapping[str, JSONValue]
    ) -> Reply:
        """Answer a call about an account, or about what `subject` names of it."""
        self._check_scope(token, account, self._login.basic)
        if call.operation in {"media", "media_publish", "content_publishing_limit"}:
            return await self._publishing_limit(call, token, account, params)
        if call.operation == "media_delete":
            return self._delete(call, subject, token, account)
        if call.operation == "likes":
            self._check_scope(token, account, self._login.like or "")
            return self._comments.like(call, account, params)
        if call.operation == "subscribed_apps":
            self._check_scope(token, account, self._login.comments)
            return answer_subscribed_apps(self._subscriptions, call, account, token.client_id, params)
        if call.operation in COMMENT_OPERATIONS:
            self._check_scope(token, account, self._login.comments)
            return self._comments.answer(call, subject, account, params)
        return self._read(call, subject, token, account, params)

    async def _publishing_limit(
        self, call: Call, token: Token, account: Account, params: Mapping[str, JSONValue]
    ) -> Reply:
        self._check_scope(token, account, self._login.publish)
        with_one_of = self._login.publish_with
        if with_one_of and not set(with_one_of) & set(account.allows(token.scopes)):
            raise GraphRefusal(NO_PERMISSION)
        if account.tier == "personal":
            raise GraphRefusal(NOT_BUSINESS)
        sent = {name: value for name, value in params.items() if name not in {"access_token", "appsecret_proof"}}
        if call.operation == "media":
            return await self._containers.create(call, account, sent, self._login)
        if call.operation == "media_publish":
            return publish(self._sandbox, self._containers, account, sent)
        return publishing_limit(self._sandbox, account, sent)

    def _read(self, call: Call, subject: str, token: Token, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        request, reads = call.request, self._reads
        if call.operation == "me":
            return json_reply(reads.person(request, account, read_fields(params, "id"), self._login))
        if call.operation in {"media_list", "stories"}:
            return self._media_list(call, account, params)
        if call.operation == "container_status":
            container = self._containers.of_account(account, subject)
            if container is None:
                raise GraphRefusal(missing(call, subject))
            return self._container(call, container, params)
        post = self.post(subject)
        if post is None or post.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        if call.operation == "permalink":
            return json_reply(reads.media(request, post, read_fields(params, "id")))
        self._check_scope(token, account, self._login.comments)
        if "comment_enabled" not in params:
            raise GraphRefusal(INVALID_PARAMETER.about("(#100) The parameter comment_enabled is required"))
        enabled = flag_of(params["comment_enabled"])
        self._sandbox.store.run("UPDATE posts SET comments_on = ? WHERE id = ?", enabled, post.id)
        return json_reply({"success": True})

    def _delete(self, call: Call, subject: str, token: Token, account: Account) -> Reply:
        """DELETE /{media-id}: a post or story as a whole, for good, not an item of a carousel. It still counts for the quota.

        Where the login can't delete, Instagram says so in the words for an object that is not there.
        """
        if self._login.delete is None:
            raise GraphRefusal(missing(call, subject))
        self._check_scope(token, account, self._login.delete)
        post = self.post(subject)
        if post is None or post.account_id != account.id:
            raise GraphRefusal(missing(call, subject))
        with self._sandbox.store.transaction():
            self._sandbox.posts.remove(post, self._sandbox.clock.now())
        return json_reply({"success": True, "deleted_id": post.external_id})

    def _container(self, call: Call, container: Container, params: Mapping[str, JSONValue]) -> Reply:
        fields = read_fields(params, "id")
        for name in fields:
            if name not in CONTAINER_FIELDS:
                message = f"(#100) Tried accessing nonexisting field ({name})"
                raise GraphRefusal(INVALID_PARAMETER.about(message))
        state = self._containers.poll(call, container)
        return json_reply({"id": state["id"]} | {name: state[name] for name in fields})

    def _media_list(self, call: Call, account: Account, params: Mapping[str, JSONValue]) -> Reply:
        fields = read_fields(params, "id")
        page = read_page(params, LIST_DEFAULT, LIST_LIMIT)
        stories = call.operation == "stories"
        since, until = (text_of(params.get(name))[:12] for name in ("since", "until"))
        oldest = float(since) if since.isdecimal() else None
        rows = self._sandbox.posts.of_account(
            account.id,
            stories=stories,
            before=page.after,
            after=page.before,
            since=self._sandbox.clock.now() - DAY if stories else oldest,
            until=float(until) if until.isdecimal() else None,
            max_count=page.limit + 1,
        )
        url = base_url(call.request, self._login.host) + call.path
        return paged(
            rows,
            lambda post: post.id,
            lambda post: self._reads.media(call.request, post, fields),
            page,
            url,
            params,
        )

    def _check_scope(self, token: Token, account: Account, scope: str) -> None:
        if scope not in account.allows(token.scopes):
            raise GraphRefusal(NO_PERMISSION)
