"""Comments behind Graph: the first comment of a post, and the calls that read, answer and moderate comments of live posts.

A page of a list may be shorter than requested, or empty although more follow, so a list ends where it has no next page. Of a next
page only the cursor is used: its URL contains the token.
Source: Meta, "Paginated Results" (Graph API), read 2026-12; empty pages with a cursor were seen by other publishers (2026).
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.comments import comment_gone
from presswork.platforms.errors import FailureCode, Rejected, TryLater, comment_not_found
from presswork.platforms.graph.client import (
    Graph,
    GraphError,
    GraphResponse,
    Method,
    UnreadableResponse,
    items_of,
    next_page,
    text_of,
)
from presswork.platforms.graph.live_posts import OWN, is_missing
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Credentials, Job, TargetAccount

COMMENTS: Final = "comments"
"""The step of the calls that read and write comments."""
_PAGES: Final = 4
_A_PAGE: Final = 50


async def write_comment(graph: Graph, account: Credentials, paths: Sequence[str], text: str, *, step: str) -> str:
    """Write a comment at the first path that Graph knows, once, and return its id.

    Raises TryLater, Rejected, CredentialInvalid where the response proves that nothing was written, else OutcomeUnknown.
    """
    brand, response = graph.brand, None
    token = await account.access_token()
    for path in paths:
        response = await _send_comment(graph, path, text, token, step=step)
        if isinstance(response, GraphError) and response.status < 500 and brand.is_token_invalid(response):
            # A refused token proves that nothing was written.
            token = await brand.renewed(account, token, response, step=step)
            response = await _send_comment(graph, path, text, token, step=step)
        if not isinstance(response, GraphError) or not is_missing(response):
            break
    if isinstance(response, GraphError):
        raise brand.comment_refusal(response, step=step)
    if isinstance(response, UnreadableResponse):
        if response.status == 429:
            raise brand.unreadable_error(response, step=step)
        raise brand.comment_unknown(f"its response was {response.reason}", step=step)
    comment_id = None if response is None else text_of(response.get("id"))
    if comment_id is None:
        raise brand.comment_unknown("its response names no comment", step=step)
    return comment_id


async def _send_comment(graph: Graph, path: str, text: str, token: str, *, step: str) -> GraphResponse:
    with graph.brand.lost(step=step, unknown=partial(graph.brand.comment_unknown, step=step)):
        return await graph.call("POST", path, {"message": text}, step=step, token=token)


@dataclass(frozen=True, slots=True)
class FirstComments:
    """The first comments of one platform behind Graph."""

    graph: Graph
    _: KW_ONLY
    fields: str
    """Fields that are read of a comment."""
    text_field: str
    """The one with its text."""
    is_own: Callable[[JsonObject, TargetAccount], bool]
    """Whether an account wrote a comment."""
    list_parameters: Mapping[str, str] = field(default_factory=dict)

    async def write(self, job: Job, post_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the comment; with `may_be_there`, only if the account has not written it already.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        if not may_be_there or not await self.is_there(job, post_id, text):
            await write_comment(self.graph, job, [f"{post_id}/comments"], text, step=COMMENTS)

    async def is_there(self, job: Job, post_id: str, text: str) -> bool:
        """Whether the account itself has written this comment under the post.

        Raises TryLater, CredentialInvalid, and Rejected also where it may be beyond the 200 that are read.
        """
        parameters = {"fields": self.fields, "limit": str(_A_PAGE), **self.list_parameters}
        for _ in range(_PAGES):
            body = await self.graph.read(job, f"{post_id}/comments", parameters, step=COMMENTS)
            if any(self.is_own(item, job.account) and self._has_text(item, text) for item in items_of(body)):
                return True
            after = next_page(body)
            if after is None:
                return False
            parameters = parameters | {"after": after}
        raise comment_not_found(_PAGES * _A_PAGE, step=COMMENTS)

    def _has_text(self, comment: JsonObject, text: str) -> bool:
        shown = comment.get(self.text_field)
        return isinstance(shown, str) and is_same_text(shown, text)


def require_comment_scopes(account: TargetAccount, scopes: Set[str], *, step: str, verb: str = "comment") -> None:
    """Raise Rejected where the account did not give the permissions for the first comment."""
    if not scopes <= account.scopes:
        raise Rejected(
            f"The account did not allow Presswork to {verb}.",
            advice="Write this comment manually, and connect the account again with that permission ticked.",
            step=step,
            failure=FailureCode.CREDENTIAL_INVALID,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRead:
    """What was read of a list."""

    items: Sequence[JsonObject]
    is_complete: bool
    """Whether it was read to its end."""
    is_enough: bool
    """Whether it was read to its end, or as far as was asked for."""
    calls: int
    is_bare: bool = False
    """Whether only the poorer of the fields could be read."""


@dataclass(frozen=True, slots=True)
class CommentCalls:
    """The calls about comments of one platform. A comment has the paths under which it may be known, the likeliest first."""

    graph: Graph

    async def read_list(
        self,
        account: Credentials,
        path: str,
        field_sets: Sequence[str],
        parameters: Mapping[str, str],
        *,
        step: str,
        max_pages: int,
        ends: Callable[[Sequence[JsonObject]], bool] = lambda _items: False,
        cursor: Callable[[JsonObject], str | None] = next_page,
    ) -> ListRead:
        """Read a list, page by page, until `ends` says of a page that no later one is needed.

        A field that Graph does not know, or does not let the account read, fails the whole call: then the next of `field_sets` is
        used, which are sorted from rich to bare. Raises TryLater, Rejected, CredentialInvalid.
        """
        sets, items = list(field_sets), list[JsonObject]()
        calls, pages, is_enough = 0, 0, False
        page: dict[str, str] = {}
        while pages < max_pages and not is_enough:
            response = await self.graph.send(account, "GET", path, {"fields": sets[0], **parameters, **page}, step=step)
            calls += 1
            if len(sets) > 1 and isinstance(response, GraphError) and _is_about_fields(response):
                del sets[0]
                continue
            body = self.graph.object_read(response, step=step)
            pages += 1
            found = items_of(body)
            items += found
            after = cursor(body)
            if page.get("after") == after:  # some lists repeat the last cursor
                after = None
            page = {} if after is None else {"after": after}
            is_enough = after is None or (bool(found) and ends(found))
        return ListRead(
            items=items,
            is_complete=is_enough and not page,
            is_enough=is_enough,
            calls=calls,
            is_bare=len(sets) < len(field_sets),
        )

    async def change(
        self, account: Credentials, method: Method, paths: Sequence[str], parameters: Mapping[str, str], *, step: str
    ) -> None:
        """Make a call that changes a comment and is safe to repeat. Raises TryLater, Rejected (also where the comment is gone),
        CredentialInvalid.
        """
        response = await self.send(account, method, paths, parameters, step=step)
        await self.require_found(account, response, step=step)
        self._require_success(response, step=step)

    async def delete(self, account: Credentials, paths: Sequence[str], *, step: str) -> None:
        """Delete a comment; one that is gone is a success. Raises TryLater, Rejected, CredentialInvalid."""
        response = await self.send(account, "DELETE", paths, {}, step=step)
        if isinstance(response, GraphError) and is_missing(response):
            await self.graph.read(account, OWN, {"fields": "id"}, step=step)
            return
        self._require_success(response, step=step)

    async def send(
        self, account: Credentials, method: Method, paths: Sequence[str], parameters: Mapping[str, str], *, step: str
    ) -> GraphResponse:
        """Make a repeatable call at the first of the paths that Graph knows. Raises TryLater, CredentialInvalid."""
        response = await self.graph.send(account, method, paths[0], parameters, step=step)
        for path in paths[1:]:
            if not isinstance(response, GraphError) or not is_missing(response):
                break
            response = await self.graph.send(account, method, path, parameters, step=step)
        return response

    async def require_found(self, account: Credentials, response: GraphResponse, *, step: str) -> None:
        """Raise Rejected where a comment is gone: Graph does not find it, and accepts the account's access. Raises as a read."""
        if isinstance(response, GraphError) and is_missing(response):
            await self.graph.read(account, OWN, {"fields": "id"}, step=step)
            raise comment_gone(self.graph.brand, step=step, **response.reported)

    def _require_success(self, response: GraphResponse, *, step: str) -> None:
        if self.graph.brand.object_of(response, step=step).get("success") is not True:
            raise TryLater(f"{self.graph.brand.name} did not confirm the change.", step=step)


def _is_about_fields(error: GraphError) -> bool:
    """Whether a call may have been refused for one of its fields: as invalid, or for a permission; and not for its object."""
    is_refusal = error.status < 500 and not error.is_transient and not is_missing(error)
    return is_refusal and (error.code in _ABOUT_FIELDS or error.code in range(200, 300))


_ABOUT_FIELDS: Final = frozenset({10, 100})
