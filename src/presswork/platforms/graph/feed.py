"""Live posts of an account: finds the one that a job made live among the newest, never by a guess."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import PlatformError, TryLater
from presswork.platforms.graph.client import (
    Graph,
    items_of,
    next_page,
    text_of,
)
from presswork.platforms.json_values import instant_of
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Job, Located

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


async def locate(graph: Graph, job: Job, post_id: str | None, *, url_field: str = "permalink") -> Located:
    """Fetch the URL of a live post; nothing where its id is not known. Raises TryLater (a new post can be unreadable for a
    while), Rejected, CredentialInvalid.
    """
    if post_id is None:
        return Located(external_id=None, external_url=None)
    body = await graph.read(job, post_id, {"fields": f"id,{url_field}"}, step="permalink")
    return Located(external_id=post_id, external_url=text_of(body.get(url_field)))
