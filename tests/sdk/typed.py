"""Type expectations for the Python SDK. Never run: `make lint` checks it, and a wrong expectation fails there."""

from datetime import UTC, datetime
from typing import Literal, assert_type

from presswork_client import AsyncPresswork, Page, Presswork, choices, models, params


def answers_are_typed(presswork: Presswork) -> None:
    """Each call returns its model."""
    target: params.TargetParam = {"socialAccountId": "sa_1", "mode": "publish", "tiktokMusic": {"mode": "auto"}}
    answer = presswork.publishing.publish_now(container_id="cnt_1", targets=[target])
    assert_type(answer, models.PublishResult)
    assert_type(answer.scheduled_post_ids, list[str])
    post = presswork.publishing.get_post(post_id=answer.scheduled_post_ids[0])
    assert_type(post.status, choices.Status)
    assert_type(post.last_error, models.LastError | None)
    assert_type(post.published_at, datetime | None)
    posts = presswork.publishing.list_posts(project_id="prj_1", status=["failed"], since=datetime.now(UTC))
    assert_type(posts, Page[models.ScheduledPost, models.ScheduledPostPage])
    for one in posts:
        assert_type(one, models.ScheduledPost)
    rejected: Literal["rejected"] = presswork.approval.reject(container_id="cnt_1", reason="No").approval_status
    assert_type(rejected, Literal["rejected"])


async def answers_are_typed_for_asyncio(presswork: AsyncPresswork) -> None:
    """The asyncio client returns the same models."""
    answer = await presswork.publishing.publish_now(container_id="cnt_1", targets=[])
    assert_type(answer, models.PublishResult)
    page = await presswork.publishing.list_posts(project_id="prj_1")
    assert_type(page.items[0], models.ScheduledPost)
    async for one in presswork.publishing.list_posts(project_id="prj_1"):
        assert_type(one, models.ScheduledPost)


def mistakes_are_found(presswork: Presswork) -> None:
    """The type checker reports each of these; an unused ignore is an error too."""
    presswork.publishing.publish_now(container_id="cnt_1")  # type: ignore[call-arg]  # no targets
    presswork.publishing.publish_now(container_id="cnt_1", targets=[{"mode": "publish"}])  # type: ignore[list-item]  # no account
    presswork.publishing.publish_now(
        container_id="cnt_1",
        targets=[{"socialAccountId": "sa_1", "mode": "post"}],  # type: ignore[typeddict-item]  # no such mode
    )
    presswork.publishing.get_post("sp_1")  # type: ignore[call-arg]  # by name only
    presswork.publishing.list_posts(project_id="prj_1", status=["done"])  # type: ignore[list-item]  # no such status
    presswork.publishing.get_post(post_id="sp_1").state  # type: ignore[attr-defined]  # noqa: B018  it is called status
