"""Publishing on LinkedIn: upload, publish, look up, locate, comment.

A page's posts can be read, and each shows the URNs of its media, which were uploaded for this post alone: a match is exact. No app may
read a member's posts, so the outcome of a lost call stays unknown.
Source: LinkedIn, "Posts API" (2026-05: create; find posts by authors; retrieve a post), read 2026-11. How late a new post is listed is
not documented.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import ClassVar, Final

from pydantic import JsonValue

from presswork.platforms import access as access_port
from presswork.platforms.api_client import Action, ApiError, JsonObject, UnreadableResponse, refusal
from presswork.platforms.errors import FailureCode, PlatformError, Rejected, unavailable
from presswork.platforms.findings import Findings, in_seconds
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.job_state import JobState
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.linkedin.api import AS_AUTHOR, FINDER, POSTS, Api, elements_of, one, read_instant
from presswork.platforms.linkedin.comments import SocialComments
from presswork.platforms.linkedin.error_mapping import CONFLICT, DUPLICATE, LINKEDIN, NOT_READY
from presswork.platforms.linkedin.first_comment import write_comment
from presswork.platforms.linkedin.insights import LinkedInReader
from presswork.platforms.linkedin.live_posts import LivePost
from presswork.platforms.linkedin.notation import is_organization, little_text, post_in
from presswork.platforms.linkedin.prepare import Preparation, has_video, media_of
from presswork.platforms.linkedin.rules import Quota, check, check_for, post_body, settings_of
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    Credentials,
    Draft,
    Failed,
    Job,
    LiveEdit,
    Located,
    Present,
    Processing,
    Sighting,
    TargetAccount,
    Validator,
)
from presswork.platforms.transport import Reply

PUBLISH: Final = "posts"
_CREATED: Final = 201
_unknown: Final = partial(LINKEDIN.publish_unknown, step=PUBLISH)
MEDIA: Final = "media"
FIND: Final = "posts_by_author"
GET: Final = "post"
_A_READ: Final = 10
_READS: Final = 5
_CLOCKS_DIFFER_BY: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(JobState):
    """What the calls returned so far."""

    post_urn: str | None = None
    """The post, which LinkedIn has confirmed, and may still process."""
    repeats: int = 0
    """Calls without a clear answer that were followed by another one, because the page did not list the post."""
    is_duplicate: bool = False
    """Whether LinkedIn refused that other one as a duplicate, so that the first one worked."""
    had_conflict: bool = False
    """Whether LinkedIn has asked for the same call once more."""


@dataclass(frozen=True, slots=True)
class LinkedInConnector(SocialComments):
    """The port's `Connector` for LinkedIn."""

    can_comment: ClassVar = True
    quota: Quota

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
        preparation = Preparation(self.api, self.quota, job)
        return {MEDIA: [*await preparation.run()]}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Create the post, in one call that has no key by which LinkedIn would recognize a repetition."""
        body = post_body(
            settings_of(job.options),
            author=job.account.external_id,
            caption=job.caption,
            media=list(zip(media_of(job), media_in(prepared), strict=True)),
            link=job.link,
        )
        is_member = not is_organization(job.account.external_id)  # whose posts can't be read
        with LINKEDIN.lost(step=PUBLISH, unknown=_unknown):
            reply, response = await self.api.send(job, "POST", POSTS, step=PUBLISH, body=body, is_fresh=is_member)
        if isinstance(response, ApiError):
            raise await self._explain_refusal(job, response, media_in(prepared))
        urn = post_in(reply.header("x-restli-id") or "")
        if urn is None and (isinstance(response, UnreadableResponse) or reply.status != _CREATED):
            raise _unknown("its response was unreadable")
        return await self._read_created(job, urn, reply)

    async def _read_created(self, job: Job, urn: str | None, reply: Reply) -> Present | Processing:
        """Return the outcome of a post that LinkedIn created: a page's video is followed until it is published."""
        if urn is None:
            return Present(external_id=None)
        if has_video(job) and is_organization(job.account.external_id):
            await replace(Publication.load(job.state), post_urn=urn).save(job)
            return Processing(
                message=f"LinkedIn accepted the post (HTTP {reply.status}).",
                check_after=self.api.retry_policy.poll_first,
            )
        return live(self.api, urn)

    async def _explain_refusal(self, job: Job, error: ApiError, media: list[str]) -> PlatformError:
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
        """Look for the post. Raises TryLater, Rejected, CredentialInvalid where LinkedIn can't be read."""
        publication = Publication.load(job.state)
        if publication.post_urn is not None:
            return await _follow_video(self.api, job, publication.post_urn)
        if not is_organization(job.account.external_id):
            return Ambiguous(
                message="LinkedIn lets no app read a member's posts, so Presswork can't find out whether the post is live.",
                is_final=True,
            )
        found = await find_post(self.api, job, media_in(prepared))
        if found.urn is None:
            return _explain_absence(job, publication, is_cut=found.is_cut)
        if not has_video(job):
            return live(self.api, found.urn)
        await replace(publication, post_urn=found.urn).save(job)
        return await _follow_video(self.api, job, found.urn)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Return the post's address. Its id is missing only where LinkedIn's answer had none; a page's posts show it.

        Raises TryLater, Rejected, CredentialInvalid.
        """
        urn = external_id
        if urn is None and is_organization(job.account.external_id):
            urn = (await find_post(self.api, job, media_in(prepared))).urn
        return Located(external_id=urn, external_url=None if urn is None else self.api.endpoints.post(urn))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment; with `may_be_there`, only if it is not there.

        It is tried without the permission too: older apps may comment by the one for posts. Raises TryLater, Rejected,
        CredentialInvalid, OutcomeUnknown.
        """
        await write_comment(self.api, job, external_id, text, may_be_there=may_be_there)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent | Ambiguous:
        """Read a page's post; a member's can't be read. Raises TryLater, Rejected, CredentialInvalid."""
        return await LivePost(self.api, self.quota, job, external_id).see()

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the post. Raises TryLater, Rejected, CredentialInvalid."""
        await LivePost(self.api, self.quota, job, external_id).delete()

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change the text. Raises TryLater, Rejected, CredentialInvalid."""
        await LivePost(self.api, self.quota, job, external_id).edit(edit)

    async def read_posts(
        self,
        access: access_port.AccountAccess,
        posts: Sequence[access_port.LivePost],
        *,
        removed: AbstractSet[str],  # noqa: ARG002  LinkedIn removes none
    ) -> PostsRead:
        """Read the numbers of posts. Raises TryLater, CredentialInvalid, Rejected."""
        return await LinkedInReader(self.api, access).read_posts(posts)

    async def read_account(
        self,
        access: access_port.AccountAccess,
        *,
        since: date,
        removed: AbstractSet[str],  # noqa: ARG002  as above
    ) -> AccountRead:
        """Read the numbers of a member or a page. Raises TryLater, CredentialInvalid, Rejected."""
        return await LinkedInReader(self.api, access).read_account(since=since)


def _is_about_media(job: Job, error: ApiError, media: list[str]) -> bool:
    """Whether LinkedIn refuses a picture or a document whose status can't be read: it may still be processing it, in whatever words."""
    is_unread = not has_video(job) and not is_organization(job.account.external_id)
    return is_unread and error.meaning.action is Action.REJECT and any(urn in error.message for urn in media)


def media_in(prepared: Mapping[str, JsonValue]) -> list[str]:
    """Return the URNs of the media that `prepare` returned. Raises KeyError on anything else."""
    media = prepared[MEDIA]
    if not isinstance(media, list):
        raise KeyError(MEDIA)
    return [urn for urn in media if isinstance(urn, str)]


@dataclass(frozen=True, slots=True)
class FoundPost:
    """What the list of a page's posts shows."""

    urn: str | None
    is_cut: bool = False
    """Whether the list was not read as far back as the call, so that a missing post means nothing."""


async def find_post(api: Api, job: Job, media: Sequence[str]) -> FoundPost:
    """Find the page's post with these media, of which LinkedIn lists no other: they were uploaded for this post. A post without
    any is found by its text, and its link or poll: LinkedIn accepts no second one with them for a while (422 DUPLICATE_POST).

    Reads the newest posts, as far back as the call that published it. Raises TryLater, Rejected, CredentialInvalid.
    """
    since = None if job.live_call_at is None else job.live_call_at - _CLOCKS_DIFFER_BY
    for read in range(_READS):
        params = {
            "q": "author",
            "author": job.account.external_id,
            "start": str(read * _A_READ),
            "count": str(_A_READ),
            "sortBy": "CREATED",
            **AS_AUTHOR,
        }
        body = await api.ask(job, "GET", POSTS, params, step=FIND, now=job.now(), headers=FINDER)
        posts = elements_of(body, step=FIND)
        for post in posts:
            urn = post_in(text_of(post.get("id")) or "")
            if urn is not None and _is_it(post, job, media, since):
                return FoundPost(urn)
        if len(posts) < _A_READ or _is_older(posts[-1], since):
            return FoundPost(None)
    return FoundPost(None, is_cut=True)


def _is_it(post: JsonObject, job: Job, media: Sequence[str], since: datetime | None) -> bool:
    if media:
        return bool(set(media) & set(_list_media(post)))
    content, poll = part_of(post, "content"), settings_of(job.options).poll
    if poll is not None:
        is_about_same = _read_poll(content) == (poll.question, poll.options)
    else:
        is_about_same = part_of(content, "article").get("source") == (job.link and job.link.url)
        is_about_same = is_about_same and content.keys() <= {"article"}
    return post.get("commentary") == little_text(job.caption) and is_about_same and not _is_older(post, since)


def _read_poll(content: JsonObject) -> tuple[JsonValue, list[JsonValue]]:
    """Return the question and the answers of a listed post."""
    poll = part_of(content, "poll")
    return poll.get("question"), [option.get("text") for option in items_of(poll, "options")]


async def lifecycle_of(api: Api, job: Job, urn: str) -> str | None:
    """Return the state of a page's post: PUBLISHED, PUBLISH_REQUESTED, PUBLISH_FAILED, DRAFT.

    Raises TryLater, Rejected, CredentialInvalid.
    """
    body = await api.ask(job, "GET", one(POSTS, urn), AS_AUTHOR, step=GET, now=job.now())
    return text_of(body.get("lifecycleState"))


def _list_media(post: JsonObject) -> Sequence[str]:
    """Return the URNs of the pictures, the video or the document of a listed post, or of the picture of its link's card."""
    content = part_of(post, "content")
    media: Sequence[JsonObject] = [part_of(content, "media"), *items_of(part_of(content, "multiImage"), "images")]
    named = [*(one.get("id") for one in media), part_of(content, "article").get("thumbnail")]
    return [urn for value in named if (urn := text_of(value)) is not None]


def _is_older(post: JsonObject, since: datetime | None) -> bool:
    created_at = read_instant(post.get("createdAt")) or read_instant(post.get("publishedAt"))
    return since is not None and created_at is not None and created_at < since


async def _follow_video(api: Api, job: Job, urn: str) -> Present | Processing | Failed:
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


def _explain_absence(job: Job, publication: Publication, *, is_cut: bool) -> Absent | Ambiguous:
    """Return what it means that the page does not list the post.

    Of a video, absence proves nothing: LinkedIn may process it for long, and does not say whether it lists it meanwhile.
    """
    if publication.is_duplicate:
        return Ambiguous(message="LinkedIn reports that the page has this content already. It does not list the post.")
    if is_cut:
        return Ambiguous(message="The page has many newer posts, and LinkedIn's list ends before this one.")
    if has_video(job):
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
