"""Writes the first comment of a post, and looks for one that an earlier call may have written."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from presswork.platforms.errors import comment_not_found
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import id_of
from presswork.platforms.graph.responses import (
    GraphError,
    GraphResponse,
    JsonObject,
    UnreadableResponse,
    items_of,
    next_page,
)
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Job, TargetAccount

STEP: Final = "comments"
_PAGES: Final = 4
_A_PAGE: Final = 50


class Comments:
    """The comments of one platform behind Graph."""

    def __init__(
        self,
        graph: Graph,
        *,
        fields: str,
        text_field: str,
        is_own: Callable[[JsonObject, TargetAccount], bool],
        list_parameters: Mapping[str, str] | None = None,
    ) -> None:
        """Store the fields that are read of a comment, the one with its text, whether an account wrote one, and further
        parameters of the list.
        """
        self._graph: Final = graph
        self._brand: Final = graph.brand
        self._text_field: Final = text_field
        self._is_own: Final = is_own
        self._list: Final = {"fields": fields, "limit": str(_A_PAGE), **(list_parameters or {})}

    async def write(self, job: Job, post_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the comment; with `may_be_there`, only if the account has not written it already.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        if may_be_there and await self.is_there(job, post_id, text):
            return
        token = await job.access_token()
        response = await self._send(post_id, text, token)
        if isinstance(response, GraphError) and response.status < 500 and self._brand.is_token_invalid(response):
            # A refused token proves that nothing was written.
            response = await self._send(post_id, text, await self._brand.renewed(job, token, response, step=STEP))
        if isinstance(response, GraphError):
            raise self._brand.comment_refusal(response, step=STEP)
        if isinstance(response, UnreadableResponse):
            if response.status == 429:
                raise self._brand.unreadable_error(response, step=STEP)
            raise self._brand.comment_unknown(f"its response was {response.reason}", step=STEP)
        if id_of(response) is None:
            raise self._brand.comment_unknown("its response names no comment", step=STEP)

    async def is_there(self, job: Job, post_id: str, text: str) -> bool:
        """Whether the account itself has written this comment under the post.

        Raises TryLater, CredentialInvalid, and Rejected also where it may be beyond the 200 that are read.
        """
        parameters = self._list
        for _ in range(_PAGES):
            body = await self._graph.read(job, f"{post_id}/comments", parameters, step=STEP)
            if any(self._is_own(item, job.account) and self._has_text(item, text) for item in items_of(body)):
                return True
            after = next_page(body)
            if after is None:
                return False
            parameters = parameters | {"after": after}
        raise comment_not_found(_PAGES * _A_PAGE, step=STEP)

    def _has_text(self, comment: JsonObject, text: str) -> bool:
        shown = comment.get(self._text_field)
        return isinstance(shown, str) and is_same_text(shown, text)

    async def _send(self, post_id: str, text: str, token: str) -> GraphResponse:
        with self._brand.lost(step=STEP, unknown=partial(self._brand.comment_unknown, step=STEP)):
            return await self._graph.call("POST", f"{post_id}/comments", {"message": text}, step=STEP, token=token)
