"""Reports what became of the call that publishes.

A page's posts can be read, and each shows the URNs of its media, which were uploaded for this post alone: a match is exact. A member's
posts can't be read by any app, so the outcome of a lost call stays unknown.
"""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, Rejected
from presswork.platforms.findings import in_seconds
from presswork.platforms.linkedin.api import Api
from presswork.platforms.linkedin.posts import GET, find_post, lifecycle_of
from presswork.platforms.linkedin.publication import Publication, media_in
from presswork.platforms.linkedin.urns import is_organization
from presswork.platforms.port import Absent, Ambiguous, Failed, Job, Present, Processing, Sighting


async def look_up(api: Api, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
    """Look for the post. Raises TryLater, Rejected, CredentialInvalid where LinkedIn can't be read."""
    publication = Publication.load(job.state)
    if publication.post_urn is not None:
        return await _confirmed(api, job, publication.post_urn)
    if not is_organization(job.account.external_id):
        return Ambiguous(
            message="LinkedIn lets no app read a member's posts, so Presswork can't find out whether the post is live.",
            is_final=True,
        )
    found = await find_post(api, job, media_in(prepared))
    if found.urn is None:
        return _not_listed(job, publication, is_cut=found.is_cut)
    if not job.media[0].is_video:
        return live(api, found.urn)
    await replace(publication, post_urn=found.urn).save(job)
    return await _confirmed(api, job, found.urn)


async def _confirmed(api: Api, job: Job, urn: str) -> Present | Processing | Failed:
    """Follow a page's video that LinkedIn accepted."""
    state = await lifecycle_of(api, job, urn)
    if state == "PUBLISHED":
        return live(api, urn)
    if state != "PUBLISH_FAILED":
        return Processing(message="LinkedIn accepted the post and is still processing its video.")
    return Failed(
        reason=Rejected(
            "LinkedIn accepted the post and then failed to publish its video. Nothing is live.",
            advice="Look at the page, then publish again.",
            step=GET,
            failure=FailureCode.MEDIA_REJECTED,
            platform_code=state,
        )
    )


def _not_listed(job: Job, publication: Publication, *, is_cut: bool) -> Absent | Ambiguous:
    """Return what it means that the page does not list the post.

    Of a video, absence proves nothing: LinkedIn may process it for long, and does not say whether it lists it meanwhile.
    """
    if publication.is_duplicate:
        return Ambiguous(message="LinkedIn reports that the page has this content already. It does not list the post.")
    if is_cut:
        return Ambiguous(message="The page has many newer posts, and LinkedIn's list ends before this one.")
    if job.media[0].is_video:
        return Ambiguous(message="The page does not list the post. LinkedIn may still be processing its video.")
    elapsed = in_seconds(job.now() - (job.live_call_at or job.now()))
    return Absent(
        message=f"The page does not list the post {elapsed} after the call.",
        advice="Look at the page; if the post is not there, publish again later.",
        changes=replace(publication, repeats=publication.repeats + 1).as_state(),
    )


def live(api: Api, urn: str) -> Present:
    """Return a post that is live."""
    return Present(external_id=urn, external_url=api.endpoints.post(urn))
