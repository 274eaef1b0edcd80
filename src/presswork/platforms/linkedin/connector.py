"""Publishing on LinkedIn: upload, publish, look up, locate, comment.

Source: LinkedIn, "Posts API" (2026-05), read 2026-11.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import Action, ApiError, UnreadableResponse, refusal
from presswork.platforms.errors import PlatformError, unavailable
from presswork.platforms.findings import Findings
from presswork.platforms.linkedin.api import Api
from presswork.platforms.linkedin.comments import write_comment
from presswork.platforms.linkedin.endpoints import POSTS
from presswork.platforms.linkedin.error_mapping import CONFLICT, DUPLICATE, LINKEDIN, NOT_READY
from presswork.platforms.linkedin.notation import is_organization, post_in
from presswork.platforms.linkedin.prepare import Preparation
from presswork.platforms.linkedin.publication import MEDIA, Publication, find_post, live, look_up, media_in
from presswork.platforms.linkedin.rules import Quota, check, check_for, post_body, settings_of
from presswork.platforms.port import (
    Credentials,
    Draft,
    Job,
    Located,
    Present,
    Processing,
    RetryPolicy,
    Sighting,
    TargetAccount,
    Validator,
)
from presswork.platforms.transport import Reply, Transport

PUBLISH: Final = "posts"
_CREATED: Final = 201
_unknown: Final = partial(LINKEDIN.publish_unknown, step=PUBLISH)


class LinkedInConnector:
    """The port's `Connector` for LinkedIn."""

    can_comment: Final = True

    def __init__(self, api: Api, transport: Transport, retry_policy: RetryPolicy, quota: Quota) -> None:
        """Store the API client, the transport for uploads, the retry policy, and the limits of the day."""
        self._api: Final = api
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy
        self._quota: Final = quota

    def check(self, draft: Draft) -> Findings:
        """Check a post against LinkedIn's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:
        """Return the rules of the kind of account. LinkedIn reports nothing about what an account may post.

        Raises CredentialInvalid, TryLater.
        """
        await credentials.access_token()
        return lambda draft: check_for(account, draft)

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the media and wait until they are processed. Raises Rejected, TryLater, CredentialInvalid."""
        preparation = Preparation(self._api, self._transport, self._retry_policy, self._quota, job)
        return {MEDIA: [*await preparation.run()]}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Create the post, in one call that has no key by which LinkedIn would recognize a repetition."""
        body = post_body(
            settings_of(job.options),
            author=job.account.external_id,
            caption=job.caption,
            media=list(zip(job.media, media_in(prepared), strict=True)),
        )
        is_member = not is_organization(job.account.external_id)  # whose posts can't be read
        with LINKEDIN.lost(step=PUBLISH, unknown=_unknown):
            reply, response = await self._api.send(job, "POST", POSTS, step=PUBLISH, body=body, is_fresh=is_member)
        if isinstance(response, ApiError):
            raise await self._refused(job, response, media_in(prepared))
        urn = post_in(reply.header("x-restli-id") or "")
        if urn is None and (isinstance(response, UnreadableResponse) or reply.status != _CREATED):
            raise _unknown("its response was unreadable")
        return await self._created(job, urn, reply)

    async def _created(self, job: Job, urn: str | None, reply: Reply) -> Present | Processing:
        """Return the outcome of a post that LinkedIn created: a page's video is followed until it is published."""
        if urn is None:
            return Present(external_id=None)
        if job.media[0].is_video and is_organization(job.account.external_id):
            await replace(Publication.load(job.state), post_urn=urn).save(job)
            return Processing(
                message=f"LinkedIn accepted the post (HTTP {reply.status}).", check_after=self._retry_policy.poll_first
            )
        return live(self._api, urn)

    async def _refused(self, job: Job, error: ApiError, media: list[str]) -> PlatformError:
        """Return the error for a call that LinkedIn did not confirm."""
        publication = Publication.load(job.state)
        if not error.proves_nothing_changed:
            return _unknown(f"it answered HTTP {error.status}", error)
        if error.meaning is DUPLICATE and publication.repeats:
            await replace(publication, is_duplicate=True).save(job)
            return _unknown("it has this content already, which an earlier call may have posted", error)
        if error.meaning is CONFLICT:
            if publication.had_conflict:
                return unavailable(f"{error.explained} It did so twice.", step=PUBLISH, **error.reported)
            await replace(publication, had_conflict=True).save(job)
        return refusal(
            error, step=PUBLISH, now=job.now(), known_as=NOT_READY if _is_about_media(job, error, media) else None
        )

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Look for the post: see `publication.look_up`."""
        return await look_up(self._api, job, prepared)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the post's address. Its id is missing only where LinkedIn's answer had none; a page's posts show it.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        urn = external_id
        if urn is None and is_organization(job.account.external_id):
            urn = (await find_post(self._api, job, media_in(prepared))).urn
        return Located(external_id=urn, external_url=None if urn is None else self._api.endpoints.post(urn))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment; with `may_be_there`, only if it is not there.

        It is tried without the permission too: older apps may comment by the one for posts. Raises TryLater, Rejected,
        CredentialInvalid, OutcomeUnknown.
        """
        await write_comment(self._api, job, external_id, text, may_be_there=may_be_there)


def _is_about_media(job: Job, error: ApiError, media: list[str]) -> bool:
    """Whether LinkedIn refuses a picture whose status can't be read: it may still be processing it, in whatever words."""
    is_unread = not job.media[0].is_video and not is_organization(job.account.external_id)
    return is_unread and error.meaning.action is Action.REJECT and any(urn in error.message for urn in media)
