"""Live posts behind Graph: what the platform has of one, its deletion, and changes of its texts.

Every call here may be repeated, so a lost response is `TryLater`. That an object can't be found proves nothing alone: Graph says the
same to a token that may not see it, and during outages. So the same token has to be accepted elsewhere, too.
Source: Meta, "IG Media" (deleting, 2026-08), "Delete Posts" (Threads API), "Page Post" and "Video" (Graph API), read 2026-11; what a
repeated deletion is answered was seen by other publishers (2026).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Final

from presswork.platforms.api_client import ErrorMeaning
from presswork.platforms.errors import TryLater
from presswork.platforms.graph.client import Graph, GraphError, GraphResponse, text_of
from presswork.platforms.port import Absent, Ambiguous, Job, Present

SEE: Final = "live_post"
DELETE: Final = "delete"
EDIT: Final = "edit"
OWN: Final = "me"
"""The object that a token stands for: reading it shows that the token is accepted."""
_MISSING: Final = frozenset({24, 100})
_MISSING_SUBCODE: Final = 33
_MISSING_WORDS: Final = "does not exist"

Look = Callable[[], Awaitable[Present | Absent | Ambiguous]]


@dataclass(frozen=True, slots=True)
class LivePosts:
    """The live posts of one platform."""

    graph: Graph
    _: KW_ONLY
    url_field: str = "permalink"
    known_as: Mapping[int, ErrorMeaning] = field(default_factory=dict)
    """What subcodes mean for these calls, where it is something else than for a call that publishes."""

    async def see(self, job: Job, object_id: str, external_id: str | None = None) -> Present | Absent:
        """Report whether the platform has an object, under the post's id where that is another one.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        brand = self.graph.brand
        with brand.changing_live(None):
            fields = {"fields": f"id,{self.url_field}"}
            response = await self.graph.send(job, "GET", object_id, fields, step=SEE)
            if not isinstance(response, GraphError) or not is_missing(response):
                found = self.graph.object_read(response, step=SEE)
                return Present(external_id=external_id or object_id, external_url=text_of(found.get(self.url_field)))
            await self.graph.read(job, OWN, {"fields": "id"}, step=SEE)
        return Absent(message=f"{brand.name} does not have the post, and accepts the account's access.")

    async def delete(self, job: Job, object_id: str, *, see: Look | None = None) -> None:
        """Delete an object, unless it is gone already, as `see` shows where the object itself does not.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        brand = self.graph.brand
        with brand.changing_live(None):
            response = await self.graph.send(job, "DELETE", object_id, {}, step=DELETE)
            if isinstance(response, GraphError) and is_missing(response):
                seen = await (self.see(job, object_id) if see is None else see())
                if isinstance(seen, Absent):
                    return
                doubt = seen.message if isinstance(seen, Ambiguous) else f"{brand.name} still shows the post."
                raise TryLater(
                    f"{brand.quote(response)} {doubt}",
                    step=DELETE,
                    lasts_at_most=self.graph.retry_policy.denied_limit,
                    **response.reported,
                )
            self._require_success(response, step=DELETE)

    async def edit(self, job: Job, object_id: str, changes: Mapping[str, str]) -> None:
        """Change fields of an object. Raises TryLater, Rejected, CredentialInvalid."""
        with self.graph.brand.changing_live("Edit"):
            self._require_success(await self.graph.send(job, "POST", object_id, changes, step=EDIT), step=EDIT)

    def _require_success(self, response: GraphResponse, *, step: str) -> None:
        brand = self.graph.brand
        if isinstance(response, GraphError):
            raise brand.refusal(response, step=step, known_as=self.known_as.get(response.subcode or 0))
        if brand.object_of(response, step=step).get("success") is not True:
            raise TryLater(f"{brand.name} did not confirm the change.", step=step)


def is_missing(error: GraphError) -> bool:
    """Whether a response says that an object does not exist, or that this token can't see it."""
    if error.status >= 500 or error.code not in _MISSING:
        return False
    return (error.code, error.subcode) == (100, _MISSING_SUBCODE) or _MISSING_WORDS in error.message.lower()
