"""The publishing resource, with methods that publish files and texts in one call, and that wait for posts."""

from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypedDict, Unpack

from presswork_client import choices, models, params
from presswork_client._arguments import kind_of, to_json
from presswork_client._calls import Call, Options, given_or_new_key, repeatable
from presswork_client._content import AsyncContent, Content
from presswork_client._downloads import Download, download, download_async
from presswork_client._files import FileSource, UploadProgress
from presswork_client._generated.publishing import AsyncPublishingCalls, PublishingCalls
from presswork_client._not_given import NOT_GIVEN, NotGiven
from presswork_client._wait import PAGE_LIMIT, ListPosts, Pause, ReadPost, wait_steps
from presswork_client.errors import InvalidArgumentError
from presswork_client.models import ScheduledPost


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What publish_files or publish_text did."""

    content: models.Content
    """The new content; its `warnings` say what could not be done, such as reading the page of a link."""
    answer: models.PublishResult | models.ScheduleResult
    """The response of the publish or schedule call."""
    posts: list[ScheduledPost]
    """The finished posts in the order of the targets; empty if the call did not wait."""
    idempotency_key: str
    """Repeat the call with it, and nothing is published twice."""

    @property
    def scheduled_post_ids(self) -> list[str]:
        """The ids of the posts, in the order of the targets; empty while the content waits for approval."""
        return self.answer.scheduled_post_ids

    @property
    def warnings(self) -> list[models.TargetWarning]:
        """What is already known to fail or to repeat; empty if there is nothing to report."""
        return self.answer.warnings or []

    @property
    def failed(self) -> list[ScheduledPost]:
        """The posts that failed; `last_error` of each says why."""
        return [post for post in self.posts if post.status == "failed"]


class PostFilters(TypedDict, total=False):
    """Which posts are exported, and in which order: the filters of search_posts."""

    order: Literal["asc", "desc"]
    project_id: str
    status: Iterable[choices.Status]
    platform: Iterable[choices.PlatformName]
    mode: Iterable[choices.Mode]
    social_account_id: str
    container_id: str
    label: Iterable[str]
    q: str
    since: datetime | str
    until: datetime | str


_EXPORT: Final = Call(method="GET", path="/v1/scheduled-posts/export", answer=ScheduledPost)


def _export_query(form: str, filters: PostFilters) -> Mapping[str, object]:
    """Return the query of an export."""
    names = {"project_id": "projectId", "social_account_id": "socialAccountId", "container_id": "containerId"}
    return {"format": form, **{names.get(name, name): value for name, value in filters.items()}}


class Publishing(PublishingCalls):
    """Publish and schedule content, and follow its posts."""

    def export_posts(self, *, format: Literal["csv", "jsonl"], **filters: Unpack[PostFilters]) -> Generator[bytes]:  # noqa: A002  as the API names it
        """Yield the bytes of one file of all posts that match, with their outcomes, as they arrive: write them to a file.

        Filters are those of search_posts. Raises APIConnectionError if the file is cut off: what was yielded is not the whole.
        """
        settings = self._transport.settings
        wanted = Download.of(settings, _EXPORT, _export_query(format, filters), Options())
        yield from download(self._transport, wanted)

    def publish_files(
        self,
        files: FileSource | Iterable[FileSource],
        *,
        project_id: str,
        caption: str,
        targets: Iterable[params.Target | params.TargetParam],
        first_comment: str | NotGiven | None = NOT_GIVEN,
        scheduled_for: datetime | str | None = None,
        strict: bool | NotGiven = NOT_GIVEN,
        wait: bool = False,
        wait_seconds: float | None = 300.0,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
        idempotency_key: str | None = None,
    ) -> Publication:
        """Upload files and publish them to all targets, now or at a given time.

        All steps use one idempotency key. If an error interrupts the call, repeat it with the `idempotency_key` of the
        error: it continues where it stopped, and nothing is published twice. A key is kept for 24 hours.

        Args:
            files: One file, or a list of them in display order, as upload_files takes them.
            project_id: Id of the project, with or without its prefix.
            caption: May be empty.
            targets: 1–50 targets, all or nothing.
            first_comment: Posted as the first comment of each post after it is live.
            scheduled_for: When to publish; default: now.
            strict: Refuse the call if a target is known to fail; by default it is accepted with a warning.
            wait: Whether to wait until each post is published, draft, failed or canceled.
            wait_seconds: How long to wait for the posts; None: without a limit.
            on_progress: Called after each part of a file that was sent.
            on_change: Called with a post whenever its status has changed, while waiting.
            idempotency_key: Default: a new one.

        Raises InvalidArgumentError before anything is sent, the errors of upload_files, publish_now and schedule, and
        WaitTimeoutError.
        """
        key, to = _prepared(idempotency_key, targets, scheduled_for)
        with repeatable(key):
            content = Content(self._transport).upload_files(
                files,
                project_id=project_id,
                caption=caption,
                first_comment=first_comment,
                on_progress=on_progress,
                idempotency_key=key,
            )
            return self._publish(
                content, to, scheduled_for, strict, wait=wait, wait_seconds=wait_seconds, on_change=on_change, key=key
            )

    def publish_text(
        self,
        text: str,
        *,
        project_id: str,
        targets: Iterable[params.Target | params.TargetParam],
        link: str | params.LinkRequest | params.LinkRequestParam | NotGiven | None = NOT_GIVEN,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        scheduled_for: datetime | str | None = None,
        strict: bool | NotGiven = NOT_GIVEN,
        wait: bool = False,
        wait_seconds: float | None = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
        idempotency_key: str | None = None,
    ) -> Publication:
        """Publish a text, a link or both to all targets, now or at a given time.

        It uses one idempotency key as publish_files does, and can be repeated like it.

        Args:
            text: May be empty if there is a link.
            project_id: Id of the project, with or without its prefix.
            targets: 1–50 targets, all or nothing.
            link: A URL, or the URL with what its card shows. What is omitted of the card is read from the page.
            first_comment: Posted as the first comment of each post after it is live.
            scheduled_for: When to publish; default: now.
            strict: Refuse the call if a target is known to fail; by default it is accepted with a warning.
            wait: Whether to wait until each post is published, draft, failed or canceled.
            wait_seconds: How long to wait for the posts; None: without a limit.
            on_change: Called with a post whenever its status has changed, while waiting.
            idempotency_key: Default: a new one.

        Raises InvalidArgumentError before anything is sent, the errors of content.create, publish_now and schedule, and
        WaitTimeoutError.
        """
        key, to = _prepared(idempotency_key, targets, scheduled_for)
        with repeatable(key):
            content = Content(self._transport).create(
                project_id=project_id,
                text=text,
                link={"url": link} if isinstance(link, str) else link,
                first_comment=first_comment,
                idempotency_key=key,
            )
            return self._publish(
                content, to, scheduled_for, strict, wait=wait, wait_seconds=wait_seconds, on_change=on_change, key=key
            )

    def _publish(
        self,
        content: models.Content,
        targets: Sequence[params.Target | params.TargetParam],
        scheduled_for: datetime | str | None,
        strict: bool | NotGiven,
        *,
        wait: bool,
        wait_seconds: float | None,
        on_change: Callable[[ScheduledPost], None],
        key: str,
    ) -> Publication:
        answer: models.PublishResult | models.ScheduleResult
        if scheduled_for is None:
            answer = self.publish_now(container_id=content.id, targets=targets, strict=strict, idempotency_key=key)
        else:
            answer = self.schedule(
                container_id=content.id,
                targets=targets,
                scheduled_for=scheduled_for,
                strict=strict,
                idempotency_key=key,
            )
        posts = []
        if wait:
            posts = self.wait_all(answer.scheduled_post_ids, timeout_seconds=wait_seconds, on_change=on_change)
        return Publication(content=content, answer=answer, posts=posts, idempotency_key=key)

    def wait(
        self,
        post_id: str,
        *,
        timeout_seconds: float | None = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> ScheduledPost:
        """Poll a post until it is published, draft, failed or canceled, and return it. Check its `status`.

        `on_change` is called with the post whenever its status has changed. Raises WaitTimeoutError after
        `timeout_seconds`; the post is still processed.
        """
        return self.wait_all([post_id], timeout_seconds=timeout_seconds, on_change=on_change)[0]

    def wait_all(
        self,
        post_ids: Iterable[str],
        *,
        timeout_seconds: float | None = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> list[ScheduledPost]:
        """Poll posts until each is published, draft, failed or canceled, and return them in the order of their ids.

        Posts of one container are read together, so that 50 targets cost no more calls than one. `on_change` is called
        with a post whenever its status has changed. Raises WaitTimeoutError after `timeout_seconds` for all of them; its
        `posts` and `pending_ids` show how far they are, and they are still processed.
        """
        steps = wait_steps(post_ids, timeout_seconds, on_change)
        read: Sequence[ScheduledPost] = ()
        try:
            step = next(steps)
            while True:
                match step:
                    case ReadPost(post_id):
                        read = [self.get_post(post_id=post_id)]
                    case ListPosts(project_id, container_id):
                        read = self.list_posts(project_id=project_id, container_id=container_id, limit=PAGE_LIMIT).items
                    case Pause(seconds):
                        self._transport.sleep(seconds)
                        read = ()
                step = steps.send(read)
        except StopIteration as finished:
            posts: list[ScheduledPost] = finished.value
            return posts


class AsyncPublishing(AsyncPublishingCalls):
    """Publish and schedule content, and follow its posts."""

    async def export_posts(
        self,
        *,
        format: Literal["csv", "jsonl"],  # noqa: A002  as the API names it
        **filters: Unpack[PostFilters],
    ) -> AsyncGenerator[bytes]:
        """Yield the bytes of one file of all posts that match, with their outcomes, as they arrive: write them to a file.

        Filters are those of search_posts. Raises APIConnectionError if the file is cut off: what was yielded is not the whole.
        """
        settings = self._transport.settings
        wanted = Download.of(settings, _EXPORT, _export_query(format, filters), Options())
        async for chunk in download_async(self._transport, wanted):
            yield chunk

    async def publish_files(
        self,
        files: FileSource | Iterable[FileSource],
        *,
        project_id: str,
        caption: str,
        targets: Iterable[params.Target | params.TargetParam],
        first_comment: str | NotGiven | None = NOT_GIVEN,
        scheduled_for: datetime | str | None = None,
        strict: bool | NotGiven = NOT_GIVEN,
        wait: bool = False,
        wait_seconds: float | None = 300.0,
        on_progress: Callable[[UploadProgress], None] = lambda _progress: None,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
        idempotency_key: str | None = None,
    ) -> Publication:
        """Upload files and publish them to all targets, now or at a given time.

        All steps use one idempotency key. If an error interrupts the call, repeat it with the `idempotency_key` of the
        error: it continues where it stopped, and nothing is published twice. A key is kept for 24 hours.

        Args:
            files: One file, or a list of them in display order, as upload_files takes them.
            project_id: Id of the project, with or without its prefix.
            caption: May be empty.
            targets: 1–50 targets, all or nothing.
            first_comment: Posted as the first comment of each post after it is live.
            scheduled_for: When to publish; default: now.
            strict: Refuse the call if a target is known to fail; by default it is accepted with a warning.
            wait: Whether to wait until each post is published, draft, failed or canceled.
            wait_seconds: How long to wait for the posts; None: without a limit.
            on_progress: Called after each part of a file that was sent.
            on_change: Called with a post whenever its status has changed, while waiting.
            idempotency_key: Default: a new one.

        Raises InvalidArgumentError before anything is sent, the errors of upload_files, publish_now and schedule, and
        WaitTimeoutError.
        """
        key, to = _prepared(idempotency_key, targets, scheduled_for)
        with repeatable(key):
            content = await AsyncContent(self._transport).upload_files(
                files,
                project_id=project_id,
                caption=caption,
                first_comment=first_comment,
                on_progress=on_progress,
                idempotency_key=key,
            )
            return await self._publish(
                content, to, scheduled_for, strict, wait=wait, wait_seconds=wait_seconds, on_change=on_change, key=key
            )

    async def publish_text(
        self,
        text: str,
        *,
        project_id: str,
        targets: Iterable[params.Target | params.TargetParam],
        link: str | params.LinkRequest | params.LinkRequestParam | NotGiven | None = NOT_GIVEN,
        first_comment: str | NotGiven | None = NOT_GIVEN,
        scheduled_for: datetime | str | None = None,
        strict: bool | NotGiven = NOT_GIVEN,
        wait: bool = False,
        wait_seconds: float | None = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
        idempotency_key: str | None = None,
    ) -> Publication:
        """Publish a text, a link or both to all targets, now or at a given time.

        It uses one idempotency key as publish_files does, and can be repeated like it.

        Args:
            text: May be empty if there is a link.
            project_id: Id of the project, with or without its prefix.
            targets: 1–50 targets, all or nothing.
            link: A URL, or the URL with what its card shows. What is omitted of the card is read from the page.
            first_comment: Posted as the first comment of each post after it is live.
            scheduled_for: When to publish; default: now.
            strict: Refuse the call if a target is known to fail; by default it is accepted with a warning.
            wait: Whether to wait until each post is published, draft, failed or canceled.
            wait_seconds: How long to wait for the posts; None: without a limit.
            on_change: Called with a post whenever its status has changed, while waiting.
            idempotency_key: Default: a new one.

        Raises InvalidArgumentError before anything is sent, the errors of content.create, publish_now and schedule, and
        WaitTimeoutError.
        """
        key, to = _prepared(idempotency_key, targets, scheduled_for)
        with repeatable(key):
            content = await AsyncContent(self._transport).create(
                project_id=project_id,
                text=text,
                link={"url": link} if isinstance(link, str) else link,
                first_comment=first_comment,
                idempotency_key=key,
            )
            return await self._publish(
                content, to, scheduled_for, strict, wait=wait, wait_seconds=wait_seconds, on_change=on_change, key=key
            )

    async def _publish(
        self,
        content: models.Content,
        targets: Sequence[params.Target | params.TargetParam],
        scheduled_for: datetime | str | None,
        strict: bool | NotGiven,
        *,
        wait: bool,
        wait_seconds: float | None,
        on_change: Callable[[ScheduledPost], None],
        key: str,
    ) -> Publication:
        answer: models.PublishResult | models.ScheduleResult
        if scheduled_for is None:
            answer = await self.publish_now(
                container_id=content.id, targets=targets, strict=strict, idempotency_key=key
            )
        else:
            answer = await self.schedule(
                container_id=content.id,
                targets=targets,
                scheduled_for=scheduled_for,
                strict=strict,
                idempotency_key=key,
            )
        posts = []
        if wait:
            posts = await self.wait_all(answer.scheduled_post_ids, timeout_seconds=wait_seconds, on_change=on_change)
        return Publication(content=content, answer=answer, posts=posts, idempotency_key=key)

    async def wait(
        self,
        post_id: str,
        *,
        timeout_seconds: float | None = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> ScheduledPost:
        """Poll a post until it is published, draft, failed or canceled, and return it. Check its `status`.

        `on_change` is called with the post whenever its status has changed. Raises WaitTimeoutError after
        `timeout_seconds`; the post is still processed.
        """
        return (await self.wait_all([post_id], timeout_seconds=timeout_seconds, on_change=on_change))[0]

    async def wait_all(
        self,
        post_ids: Iterable[str],
        *,
        timeout_seconds: float | None = 300.0,
        on_change: Callable[[ScheduledPost], None] = lambda _post: None,
    ) -> list[ScheduledPost]:
        """Poll posts until each is published, draft, failed or canceled, and return them in the order of their ids.

        Posts of one container are read together, so that 50 targets cost no more calls than one. `on_change` is called
        with a post whenever its status has changed. Raises WaitTimeoutError after `timeout_seconds` for all of them; its
        `posts` and `pending_ids` show how far they are, and they are still processed.
        """
        steps = wait_steps(post_ids, timeout_seconds, on_change)
        read: Sequence[ScheduledPost] = ()
        try:
            step = next(steps)
            while True:
                match step:
                    case ReadPost(post_id):
                        read = [await self.get_post(post_id=post_id)]
                    case ListPosts(project_id, container_id):
                        page = await self.list_posts(project_id=project_id, container_id=container_id, limit=PAGE_LIMIT)
                        read = page.items
                    case Pause(seconds):
                        await self._transport.sleep(seconds)
                        read = ()
                step = steps.send(read)
        except StopIteration as finished:
            posts: list[ScheduledPost] = finished.value
            return posts


def _prepared(
    idempotency_key: str | None,
    targets: Iterable[params.Target | params.TargetParam],
    scheduled_for: datetime | str | None,
) -> tuple[str, Sequence[params.Target | params.TargetParam]]:
    """Return the key and the targets of a call, checked before anything is sent."""
    key = given_or_new_key(idempotency_key)
    given = _listed(targets)
    to_json(given, "targets")
    to_json(scheduled_for, "scheduled_for")
    return key, given


def _listed(targets: object) -> Sequence[params.Target | params.TargetParam]:
    if not isinstance(targets, Iterable) or isinstance(targets, str | Mapping):
        raise InvalidArgumentError(
            f"targets is {kind_of(targets)}. Pass a list of targets: [Target(social_account_id=…, mode=…)]."
        )
    given = list(targets)
    if not given:
        raise InvalidArgumentError("There are no targets. Pass at least one account to publish to.")
    return given
