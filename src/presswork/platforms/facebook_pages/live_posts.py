"""A live post of a Page: whether it is there, its deletion, and changes of its text.

Facebook deletes and changes a video by the video's own id, and every other post by its own. A story is found in the Page's list of
stories, which lasts as long as they do.
Source: Meta, "Page posts" (only the app that made a post can change it), "Video" and "Page Stories", read 2026-11. No page says whether
the deletion of a video's id also ends its post; clients rely on it.
"""

from dataclasses import dataclass

from presswork.platforms.errors import Rejected
from presswork.platforms.facebook_pages.error_mapping import FACEBOOK
from presswork.platforms.facebook_pages.options import settings_of
from presswork.platforms.facebook_pages.stories import StoryStatus
from presswork.platforms.graph.client import Graph
from presswork.platforms.graph.containers import POST, ContainerStore
from presswork.platforms.graph.live_posts import EDIT, LivePosts
from presswork.platforms.port import Absent, Ambiguous, Job, LiveEdit, MediaType, Present


@dataclass(frozen=True, slots=True)
class PagePosts:
    """One live post of a job's Page."""

    graph: Graph
    job: Job
    post_id: str

    async def see(self) -> Present | Absent | Ambiguous:
        """Report whether Facebook has it. Raises TryLater, Rejected, CredentialInvalid."""
        if self._is_story:
            with FACEBOOK.changing_live(None):
                return await StoryStatus(self.graph, self.job).see(self.post_id)
        return await self._live_posts.see(self.job, self._find_object(), self.post_id)

    async def delete(self) -> None:
        """Delete it, unless it is gone already. Raises TryLater, Rejected, CredentialInvalid."""
        await self._live_posts.delete(self.job, self._find_object(), see=self.see)

    async def edit(self, edit: LiveEdit) -> None:
        """Change its text, and of a video the title. Raises TryLater, Rejected, CredentialInvalid."""
        if self._is_story:
            raise Rejected("A story has no text.", advice="Publish another story.", step=EDIT)
        if edit.title is not None and not self._is_video:
            raise Rejected("Only videos have a title on Facebook.", advice="Send the caption alone.", step=EDIT)
        text, title = ("description", "title") if self._is_video else ("message", "")
        changes = {text: edit.caption, title: edit.title}
        changed = {name: value for name, value in changes.items() if value is not None}
        await self._live_posts.edit(self.job, self._find_object(), changed)

    @property
    def _live_posts(self) -> LivePosts:
        return LivePosts(self.graph, url_field="permalink_url")

    @property
    def _is_story(self) -> bool:
        return settings_of(self.job.options).is_story

    @property
    def _is_video(self) -> bool:
        return self.job.media_type is MediaType.VIDEO

    def _find_object(self) -> str:
        """Return the id by which the post is deleted and changed: a video's is that of its upload, where that is still stored."""
        if self._is_video and not self._is_story:
            return ContainerStore(self.job).find_id(POST) or self.post_id
        return self.post_id
