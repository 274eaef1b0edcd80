"""Comments on the control surface: other people write below posts and delete that again, and a test sees what became of all."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.comments import Comment
from presswork_sandbox.control_input import BadControl, handle_of, known_keys, one_of
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.platform import OpenPlatform
from presswork_sandbox.posts import Post
from presswork_sandbox.wire import JSONValue

KEYS: Final = ["platform", "handle", "externalId", "postId", "text", "author", "parentId"]
VISITOR: Final = "visitor"
"""The handle of the author where a call names none."""
MAX_HANDLE: Final = 64


class CommentControl:
    """The routes below /sandbox/control/comments."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, platforms: Mapping[str, OpenPlatform]) -> None:
        self._sandbox = sandbox
        self._threads = {name: platform.thread for name, platform in platforms.items() if platform.thread is not None}
        self.routes: Final = [
            router.route("POST", "/comments", self._add),
            router.route("GET", "/comments", self._comments),
            router.route("DELETE", "/comments", self._remove),
        ]

    async def _add(self, request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, KEYS)
        platform = one_of(body, "platform", list(self._threads))
        text = body.get("text")
        if not isinstance(text, str) or not text.strip():
            raise BadControl("text must be a string that is not empty.")
        self._sandbox.run_due()
        post = self._find_post(platform, body)
        parent = self._find_parent(platform, post, body.get("parentId"))
        with self._sandbox.store.transaction():
            author = self._find_author(platform, body.get("author", VISITOR))
            made = self._threads[platform].add(post, author, text, parent)
        return self._sandbox.comments.to_json(made)

    async def _comments(self, request: Request) -> Listing:
        platform, handle = read_filters(request)
        query = request.query_params
        post_id = query.get("externalId") or query.get("postId") or None
        self._sandbox.run_due()
        comments = self._sandbox.comments
        return Listing(comments.to_json(one) for one in comments.listed(platform, handle, post_id))

    async def _remove(self, request: Request) -> JSONValue:
        """DELETE /comments: the author deletes a comment in the app, or the platform takes it away."""
        platform, _ = read_filters(request)
        comment_id = request.query_params.get("id") or ""
        if platform not in self._threads or not comment_id:
            raise BadControl("platform and id are required: they name the comment that its author deletes.")
        with self._sandbox.store.transaction():
            comment = self._sandbox.comments.find(platform, comment_id)
            if comment is None:
                raise BadControl("No live comment has that id; GET /sandbox/control/comments lists them.")
            self._threads[platform].remove(comment)
        return {"id": comment_id}

    def _find_post(self, platform: str, body: Mapping[str, JSONValue]) -> Post:
        external_id = body.get("externalId", body.get("postId"))
        handle = None if body.get("handle") is None else handle_of(body["handle"])
        post = self._sandbox.posts.by_external_id(platform, external_id) if isinstance(external_id, str) else None
        if post is None or not post.is_of(handle):
            raise BadControl("externalId must be that of a live post; GET /sandbox/control/posts lists them.")
        return post

    def _find_parent(self, platform: str, post: Post, parent_id: JSONValue) -> Comment | None:
        if parent_id is None:
            return None
        parent = self._sandbox.comments.find(platform, parent_id) if isinstance(parent_id, str) else None
        if parent is None or parent.media_id != self._threads[platform].root_of(post):
            raise BadControl(
                "parentId must be the id of a comment on this post; GET /sandbox/control/comments lists them."
            )
        return parent

    def _find_author(self, platform: str, name: JSONValue) -> Account:
        if not isinstance(name, str) or not (handle := _handle_from(name)):
            raise BadControl("author must be a string with a letter or a digit.")
        accounts = self._sandbox.accounts
        found = accounts.by_handle(platform, handle)
        if found is not None:
            return found
        return accounts.save(platform, handle, {"tier": "personal", "displayName": name}, self._sandbox.clock.now())


def _handle_from(name: str) -> str:
    """Return the handle of a person who calls themselves by a name, or ""."""
    return re.sub(r"[^A-Za-z0-9._-]+", ".", name.strip().removeprefix("@")).strip(".")[:MAX_HANDLE]
