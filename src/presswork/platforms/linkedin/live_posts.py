"""A live post: whether it is there, its deletion, and changes of its text. Members' posts can't be read.

Source: LinkedIn, "Posts API" (2026-05: retrieve, delete, partial update), read 2026-11. A deletion is repeated with the same answer, 204,
also where the post was deleted before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, refusal
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.linkedin.api import AS_AUTHOR, FINDER, POSTS, Api, elements_of, one
from presswork.platforms.linkedin.error_mapping import DENIED, LINKEDIN, NOT_FOUND
from presswork.platforms.linkedin.notation import is_organization, little_text
from presswork.platforms.linkedin.rules import Quota
from presswork.platforms.port import Absent, Ambiguous, Job, LiveEdit, Present
from presswork.platforms.rate_limits import reserve

SEE: Final = "post"
DELETE: Final = "delete"
EDIT: Final = "post_update"


@dataclass(frozen=True, slots=True)
class LivePost:
    """One live post of a member or a page."""

    api: Api
    quota: Quota
    job: Job
    urn: str

    async def see(self) -> Present | Absent | Ambiguous:
        """Report whether LinkedIn has it: absence counts where the page's list can be read. Raises TryLater, Rejected, CredentialInvalid."""
        if not is_organization(self.job.account.external_id):
            return Ambiguous(message="LinkedIn lets no app read a member's posts.", is_final=True)
        with LINKEDIN.changing_live(None):
            await self._reserve_call(SEE)
            with LINKEDIN.lost(step=SEE):
                _, response = await self.api.send(self.job, "GET", one(POSTS, self.urn), AS_AUTHOR, step=SEE)
            if isinstance(response, ApiError) and response.meaning is DENIED:
                return Ambiguous(message="LinkedIn does not let this account's access read the page's posts.")
            if not isinstance(response, ApiError) or response.meaning is not NOT_FOUND:
                LINKEDIN.object_of(response, step=SEE, now=self.job.now())
                return Present(external_id=self.urn, external_url=self.api.endpoints.post(self.urn))
            await self._read_list()
        return Absent(message="LinkedIn shows the page's posts, and not this one.")

    async def _read_list(self) -> None:
        """Read the page's newest post, which shows that the access is accepted. Raises TryLater, Rejected, CredentialInvalid."""
        params = {"q": "author", "author": self.job.account.external_id, "count": "1", **AS_AUTHOR}
        await self._reserve_call(SEE)
        body = await self.api.ask(self.job, "GET", POSTS, params, step=SEE, now=self.job.now(), headers=FINDER)
        elements_of(body, step=SEE)

    async def delete(self) -> None:
        """Delete it, unless it is gone already. Raises TryLater, Rejected, CredentialInvalid."""
        with LINKEDIN.changing_live(None):
            refused = await self._change("DELETE", {"X-RestLi-Method": "DELETE"}, step=DELETE)
            if refused is None:
                return
            seen = await self.see() if refused.meaning is NOT_FOUND else None
            if isinstance(seen, Absent):
                return
            if isinstance(seen, Present):
                raise TryLater(f"{refused.quoted} LinkedIn still shows the post.", step=DELETE, **refused.reported)
            raise refusal(refused, step=DELETE, now=self.job.now())

    async def edit(self, edit: LiveEdit) -> None:
        """Change its text. Raises TryLater, Rejected, CredentialInvalid."""
        if edit.caption is None:
            raise Rejected("LinkedIn changes the text of a post only.", advice="Send a caption.", step=EDIT)
        patch: JsonValue = {"patch": {"$set": {"commentary": little_text(edit.caption)}}}
        with LINKEDIN.changing_live("Edit"):
            refused = await self._change("POST", {"X-RestLi-Method": "PARTIAL_UPDATE"}, step=EDIT, body=patch)
            if refused is not None:
                raise refusal(refused, step=EDIT, now=self.job.now())

    async def _change(
        self, method: str, headers: Mapping[str, str], *, step: str, body: JsonValue = None
    ) -> ApiError | None:
        """Make a call that changes the post; return its refusal, or None where it succeeded: a success has no content."""
        await self._reserve_call(step)
        with LINKEDIN.lost(step=step):
            _, response = await self.api.send(
                self.job, method, one(POSTS, self.urn), step=step, body=body, headers=headers
            )
        if isinstance(response, ApiError):
            return response
        LINKEDIN.object_of(response, step=step)
        return None

    async def _reserve_call(self, step: str) -> None:
        """Reserve a call of the day. A sandbox's clock may be moved, so there only its own response counts."""
        if self.api.retry_policy.limit_recheck is not None:
            return
        for limit in self.quota.limits(self.job.now()):
            await reserve(self.job, limit, step=step)
