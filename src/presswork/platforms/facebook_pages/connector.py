"""Publishing on Facebook Pages: prepare, make live once, look up, locate, comment.

Source: Meta, "Page posts", "Reels Publishing API" (2026-07-30) and "Uploading Videos with the Graph API", read 2026-11.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.access import AccountAccess, LivePost
from presswork.platforms.api_client import JsonObject
from presswork.platforms.errors import Rejected
from presswork.platforms.facebook_pages import insights
from presswork.platforms.facebook_pages.comments import PageComments
from presswork.platforms.facebook_pages.description import TO_COMMENT
from presswork.platforms.facebook_pages.live_posts import PagePosts
from presswork.platforms.facebook_pages.options import settings_of
from presswork.platforms.facebook_pages.photos import (
    API,
    Photos,
    PhotoStatus,
    feed_parameters,
    own_posts,
    without_expired,
)
from presswork.platforms.facebook_pages.rules import check
from presswork.platforms.facebook_pages.stories import KIND, PHOTO_STORY_API, StoryStatus
from presswork.platforms.facebook_pages.stories import outcome_of as published_story
from presswork.platforms.facebook_pages.texts import (
    AT_ONCE,
    AT_ONCE_API,
    PUBLISH,
    TEXT_API,
    ListedText,
    Text,
    kind_of,
    without_second_step,
)
from presswork.platforms.facebook_pages.texts import feed_parameters as text_parameters
from presswork.platforms.facebook_pages.texts import outcome_of as published_text
from presswork.platforms.facebook_pages.videos import (
    STORY_API,
    Video,
    VideoHosts,
    VideoStatus,
    api_of,
    finish_parameters,
    outcome_of,
)
from presswork.platforms.findings import Findings
from presswork.platforms.graph.client import text_of
from presswork.platforms.graph.comments import COMMENTS, FirstComments, require_comment_scopes
from presswork.platforms.graph.containers import container_in, known_in
from presswork.platforms.graph.feed import locate
from presswork.platforms.graph.publish import LookUp, PublishCall, prepare_post
from presswork.platforms.insights import AccountRead, PostsRead
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    Credentials,
    Draft,
    Job,
    LiveEdit,
    Located,
    MediaType,
    Present,
    Processing,
    RetryPolicy,
    Sighting,
    TargetAccount,
    Validator,
)


class FacebookConnector(PageComments):
    """The port's `Connector` for Facebook Pages."""

    can_comment: Final = True

    def __init__(self, hosts: VideoHosts, retry_policy: RetryPolicy, *, www: str) -> None:
        """Store the clients, the retry policy, and the URL of the site with the posts, like https://www.facebook.com."""
        super().__init__(hosts.graph)
        self._hosts: Final = hosts
        self._retry_policy: Final = retry_policy
        self._www: Final = www.rstrip("/")
        self._first_comments: Final = FirstComments(
            hosts.graph,
            fields="id,message,from",
            text_field="message",
            is_own=_is_own,
            list_parameters={"filter": "stream"},
        )

    def check(self, draft: Draft) -> Findings:
        """Check a post against Facebook's fixed limits."""
        return check(draft)

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  the port's own parameters
        """Return a validator that finds nothing: Facebook reports no limits of a Page."""
        return lambda _draft: Findings()

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Upload the pictures, the video or the text, unpublished.

        Returns `containerId` (the first picture, the video, or the post), `knownPosts` and `isPublished`, see `prepare_post`, and what the
        live call needs. Raises Rejected, TryLater, CredentialInvalid.
        """
        if job.media_type is MediaType.TEXT:
            text = Text(self._graph, self._retry_policy, job)
            is_at_once = kind_of(job) == AT_ONCE
            newest_ids = own_posts(self._graph, job).newest_ids if is_at_once else None
            prepared = await prepare_post(job, None, finish=text.create, newest_ids=newest_ids)
            return {**prepared, KIND: kind_of(job)}
        if job.media_type is MediaType.VIDEO:
            video = Video(self._hosts, self._retry_policy, job)
            return {**await prepare_post(job, None, finish=video.upload), **video.prepared()}
        photos = Photos(self._graph, self._retry_policy, job)
        newest_ids = None if settings_of(job.options).is_story else own_posts(self._graph, job).newest_ids
        return {**await prepare_post(job, None, finish=photos.upload, newest_ids=newest_ids), **photos.prepared()}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Post the pictures, or publish the video, the text or the story, by one call: see `PublishCall`."""
        try:
            return await self._build_call(job, prepared).make()
        except Rejected as refused:
            api = api_of(prepared)
            if api is TEXT_API:
                raise await without_second_step(job, container_in(prepared), refused) from refused
            if api is None:
                raise await without_expired(job, refused) from refused
            raise

    def _build_call(self, job: Job, prepared: Mapping[str, JsonValue]) -> PublishCall:
        api, container_id = api_of(prepared), container_in(prepared)
        graph = self._graph if api is None else self._hosts.of(api)
        call = partial(PublishCall, graph, api or API, self._retry_policy, job, prepared)
        if api is None:
            return call(parameters=feed_parameters(job, prepared))
        if api is TEXT_API:
            outcome = partial(published_text, post_id=container_id)
            return call(path=container_id, parameters=PUBLISH, outcome_of=outcome)
        if api is AT_ONCE_API:
            return call(parameters=text_parameters(job))
        if api is PHOTO_STORY_API:
            return call(parameters={"photo_id": container_id}, outcome_of=published_story)
        outcome_of_video = partial(outcome_of, retry_policy=self._retry_policy)
        return call(parameters=finish_parameters(job, prepared, container_id), outcome_of=outcome_of_video)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Read the video, or the post that has the pictures: see `LookUp`. An invalid token never means that nothing went
        live.
        """
        api = api_of(prepared)
        report: VideoStatus | PhotoStatus | StoryStatus | ListedText | Text
        if api is TEXT_API:
            report = Text(self._graph, self._retry_policy, job)
        elif api is AT_ONCE_API:
            report = self._list_text(job, prepared)
        elif api is PHOTO_STORY_API:
            report = StoryStatus(self._graph, job)
        else:
            report = VideoStatus(self._graph, job) if api is not None else PhotoStatus.of(self._graph, job, prepared)
        look_up = LookUp(self._graph, api or API, job, prepared, find=report.find, read=report.read)
        return await look_up.sighting()

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the post's URL; that of a video may be a path, like /reel/123/. Raises as `graph.feed.locate`."""
        if api_of(prepared) in (STORY_API, PHOTO_STORY_API):
            located = await StoryStatus(self._graph, job).locate(container_in(prepared))
            return replace(located, external_id=located.external_id or external_id)
        post_id = external_id
        if post_id is None and api_of(prepared) is AT_ONCE_API:
            post_id = await self._list_text(job, prepared).find(known_in(prepared))
        elif post_id is None and api_of(prepared) is not None:
            post_id = container_in(prepared)
        elif post_id is None:
            post_id = (await PhotoStatus.of(self._graph, job, prepared).read(container_in(prepared))).post_id
        located = await locate(self._graph, job, post_id, url_field="permalink_url")
        return replace(located, external_url=self._complete_url(located.external_url))

    def _complete_url(self, url: str | None) -> str | None:
        return f"{self._www}{url}" if (url or "").startswith("/") else url

    def _list_text(self, job: Job, prepared: Mapping[str, JsonValue]) -> ListedText:
        return ListedText(own_posts(self._graph, job), known_in(prepared))

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:
        """Write the first comment; with `may_be_there`, only if the Page has not written it already.

        Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown.
        """
        require_comment_scopes(job.account, TO_COMMENT, step=COMMENTS)
        await self._first_comments.write(job, external_id, text, may_be_there=may_be_there)

    async def see_live(self, job: Job, external_id: str) -> Present | Absent | Ambiguous:
        """Read the post, the video or the list of stories. Raises TryLater, Rejected, CredentialInvalid."""
        seen = await PagePosts(self._graph, job, external_id).see()
        return replace(seen, external_url=self._complete_url(seen.external_url)) if isinstance(seen, Present) else seen

    async def take_down(self, job: Job, external_id: str) -> None:
        """Delete the post, the video or the story. Raises TryLater, Rejected, CredentialInvalid."""
        await PagePosts(self._graph, job, external_id).delete()

    async def edit_live(self, job: Job, external_id: str, edit: LiveEdit) -> None:
        """Change the text, and of a video the title too. Raises TryLater, Rejected, CredentialInvalid."""
        await PagePosts(self._graph, job, external_id).edit(edit)

    async def read_posts(
        self, access: AccountAccess, posts: Sequence[LivePost], *, removed: AbstractSet[str]
    ) -> PostsRead:
        """Read the numbers of posts. Raises TryLater, CredentialInvalid, Rejected."""
        reader = insights.PageReader.of(self._graph, access, step=insights.STEP, removed=removed)
        return await reader.read_posts(posts)

    async def read_account(self, access: AccountAccess, *, since: date, removed: AbstractSet[str]) -> AccountRead:
        """Read the Page's numbers. Raises TryLater, CredentialInvalid, Rejected."""
        reader = insights.PageReader.of(self._graph, access, step=insights.ACCOUNT, removed=removed)
        return await reader.read_account(since=since)


def _is_own(comment: JsonObject, account: TargetAccount) -> bool:
    """Whether the Page wrote a comment; one that shows no author counts, too."""
    author = comment.get("from")
    return not isinstance(author, dict) or text_of(author.get("id")) == account.external_id
