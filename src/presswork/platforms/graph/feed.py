"""Live posts of an account: finds the one that a job made live among the newest, never by a guess, and writes its first comment."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, TryLater, comment_not_found
from presswork.platforms.graph.client import (
    Graph,
    GraphError,
    GraphResponse,
    UnreadableResponse,
    items_of,
    next_page,
    text_of,
)
from presswork.platforms.json_values import instant_of
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Job, Located, TargetAccount

_REPEATED_AFTER: Final = (timedelta(seconds=1), timedelta(seconds=4))
"""Waits before the list of the newest posts is read again, where a read fails."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search among an account's posts found."""

    post_id: str | None = None
    doubt: str | None = None
    """Why it may be there although it was not found, as a sentence, or None if it was found, or is not there."""


@dataclass(frozen=True, slots=True)
class OwnPosts:
    """The list of an account's posts."""

    graph: Graph
    job: Job
    _: KW_ONLY
    path: str
    step: str
    text_field: str
    """The field with a post's text."""
    time_field: str = "timestamp"
    more_fields: Sequence[str] = ()
    page: int
    """How many posts a call reads."""
    clocks_differ_by: timedelta
    has_since: bool = False
    """Whether the list can be read from an instant on."""
    since: datetime | None = None
    """An instant before the post; without it, the call that made it live."""
    shows_texts: bool = False
    """Whether a post that is listed without a text has none; otherwise only where another one is listed with a text."""
    text: str | None = None
    """The post's text, if it is not the caption."""
    is_it: Callable[[JsonObject], bool | None] | None = None
    """Recognizes the post by `more_fields`, where they show it."""

    async def newest_ids(self) -> list[str] | None:
        """Return the ids of the account's newest posts; None where they can't be read (that blocks nothing).

        Without them, a post whose response is lost has no URL and gets no first comment. So a read that fails is repeated.
        """
        waits = iter(_REPEATED_AFTER)
        while True:
            try:
                items = items_of(await self._read_list({"fields": "id"}))
            except TryLater as error:
                wait = next(waits, None)
                if wait is None or error.is_throttled:
                    return None
                await self.job.sleep(wait)
            except PlatformError:
                return None
            else:
                return [media_id for item in items if (media_id := text_of(item.get("id")))]

    async def find_new(self, known: Sequence[str] | None) -> str | None:
        """Return the id of the post that this job made live, where exactly one post matches; else None. Raises as `search`."""
        return (await self.search(known)).post_id

    async def search(self, known: Sequence[str] | None) -> Search:
        """Look for the post that this job made live among the newest ones.

        A post matches if it did not exist when this post was prepared, is not older than the call that made it live, and
        has its text (where the list shows texts). Raises TryLater, Rejected, CredentialInvalid.
        """
        since, is_it = self.since or self.job.live_call_at, self.is_it
        if since is None or (known is None and is_it is None):
            return Search(doubt="It is not known which posts the account had before.")
        earliest = since - self.clocks_differ_by
        parameters = {"fields": ",".join(("id", self.text_field, self.time_field, *self.more_fields))}
        if self.has_since:
            parameters["since"] = str(int(earliest.timestamp()))
        body = await self._read_list(parameters)
        items = items_of(body)
        shows_texts = self.shows_texts or any(text_of(item.get(self.text_field)) for item in items)
        recognized = [None if is_it is None else is_it(item) for item in items]
        if True in recognized:
            return Search(text_of(items[recognized.index(True)].get("id")))
        cut = self._describe_cut(body, items, earliest)
        if known is None:
            is_shown = None not in recognized
            return Search(doubt=cut if is_shown else "The account's list does not show what its posts contain.")
        found = [
            media_id
            for item, is_this in zip(items, recognized, strict=True)
            if is_this is None
            and (media_id := text_of(item.get("id"))) is not None
            and media_id not in known
            and self._is_since(item, earliest)
            and self._has_text(item, shows_texts=shows_texts)
        ]
        if len(found) > 1:
            return Search(doubt=f"{len(found)} posts of the account may be this one, and nothing distinguishes them.")
        return Search(found[0]) if found else Search(doubt=cut)

    def _describe_cut(self, body: JsonObject, items: Sequence[JsonObject], earliest: datetime) -> str | None:
        """Return the sentence for a list that ends before the instant from which the post may be, or None if it does not."""
        if next_page(body) is None or (items and not self._is_since(items[-1], earliest)):
            return None
        return f"The account has more than {len(items)} newer posts, and the list ends before this one."

    async def _read_list(self, parameters: Mapping[str, str]) -> JsonObject:
        parameters = {**parameters, "limit": str(self.page)}
        return await self.graph.read(self.job, self.path, parameters, step=self.step)

    def _has_text(self, item: JsonObject, *, shows_texts: bool) -> bool:
        shown, text = item.get(self.text_field), self.job.caption if self.text is None else self.text
        if not isinstance(shown, str):
            return not shows_texts or is_same_text("", text)
        return is_same_text(shown, text)

    def _is_since(self, item: JsonObject, earliest: datetime) -> bool:
        at = instant_of(item.get(self.time_field))
        return at is not None and at >= earliest


COMMENTS: Final = "comments"
"""The step of the calls that read and write comments."""
_PAGES: Final = 4
_A_PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one platform behind Graph."""

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
        if may_be_there and await self.is_there(job, post_id, text):
            return
        token = await job.access_token()
        response = await self._send_comment(post_id, text, token)
        if isinstance(response, GraphError) and response.status < 500 and self.graph.brand.is_token_invalid(response):
            # A refused token proves that nothing was written.
            response = await self._send_comment(
                post_id, text, await self.graph.brand.renewed(job, token, response, step=COMMENTS)
            )
        if isinstance(response, GraphError):
            raise self.graph.brand.comment_refusal(response, step=COMMENTS)
        if isinstance(response, UnreadableResponse):
            if response.status == 429:
                raise self.graph.brand.unreadable_error(response, step=COMMENTS)
            raise self.graph.brand.comment_unknown(f"its response was {response.reason}", step=COMMENTS)
        if text_of(response.get("id")) is None:
            raise self.graph.brand.comment_unknown("its response names no comment", step=COMMENTS)

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

    async def _send_comment(self, post_id: str, text: str, token: str) -> GraphResponse:
        with self.graph.brand.lost(step=COMMENTS, unknown=partial(self.graph.brand.comment_unknown, step=COMMENTS)):
            return await self.graph.call("POST", f"{post_id}/comments", {"message": text}, step=COMMENTS, token=token)


def require_comment_scopes(account: TargetAccount, scopes: Set[str], *, step: str, verb: str = "comment") -> None:
    """Raise Rejected where the account did not give the permissions for the first comment."""
    if not scopes <= account.scopes:
        raise Rejected(
            f"The account did not allow Presswork to {verb}.",
            advice="Write this comment manually, and connect the account again with that permission ticked.",
            step=step,
            failure=FailureCode.CREDENTIAL_INVALID,
        )


async def locate(graph: Graph, job: Job, post_id: str | None, *, url_field: str = "permalink") -> Located:
    """Fetch the URL of a live post; nothing where its id is not known. Raises TryLater (a new post can be unreadable for a
    while), Rejected, CredentialInvalid.
    """
    if post_id is None:
        return Located(external_id=None, external_url=None)
    body = await graph.read(job, post_id, {"fields": f"id,{url_field}"}, step="permalink")
    return Located(external_id=post_id, external_url=text_of(body.get(url_field)))
