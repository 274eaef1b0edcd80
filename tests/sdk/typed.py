"""What a type checker must know of the Python SDK. Never run: `make lint` reads it, and an expectation that is wrong, or an
error that is not found any more, fails there."""

from datetime import UTC, datetime
from typing import Literal, assert_type

from presswork_client import AsyncPresswork, Page, Presswork, choices, models, params


def answers_are_typed(presswork: Presswork) -> None:
    """Each answer is the model of its call, to the last field."""
    target: params.TargetParam = {"socialAccountId": "sa_1", "mode": "publish", "tiktokMusic": {"mode": "auto"}}
    answer = presswork.publishing.publish_now(container_id="cnt_1", targets=[target])
    assert_type(answer, models.PublishAnswer)
    assert_type(answer.scheduled_post_ids, list[str])
    post = presswork.publishing.get_post(post_id=answer.scheduled_post_ids[0])
    assert_type(post.status, choices.Status)
    assert_type(post.last_error, models.LastError | None)
    assert_type(post.published_at, datetime | None)
    posts = presswork.publishing.list_posts(project_id="prj_1", status=["failed"], since=datetime.now(UTC))
    assert_type(posts, Page[models.ScheduledPost, models.ScheduledPostPage])
    for one in posts:
        assert_type(one, models.ScheduledPost)
    approved: Literal["approved"] = presswork.approval.approve(container_id="cnt_1").approval_status
    assert_type(approved, Literal["approved"])


async def answers_are_typed_for_asyncio(presswork: AsyncPresswork) -> None:
    """The client for asyncio likewise."""
    answer = await presswork.publishing.publish_now(container_id="cnt_1", targets=[])
    assert_type(answer, models.PublishAnswer)
    page = await presswork.publishing.list_posts(project_id="prj_1")
    assert_type(page.items[0], models.ScheduledPost)
    async for one in presswork.publishing.list_posts(project_id="prj_1"):
        assert_type(one, models.ScheduledPost)


def mistakes_are_found(presswork: Presswork) -> None:
    """Each of these is an error that the type checker finds; a line on which it finds none is one, too."""
    presswork.publishing.publish_now(container_id="cnt_1")  # type: ignore[call-arg]  # no targets
    presswork.publishing.publish_now(container_id="cnt_1", targets=[{"mode": "publish"}])  # type: ignore[typeddict-item]  # no account
    presswork.publishing.publish_now(
        container_id="cnt_1",
        targets=[{"socialAccountId": "sa_1", "mode": "post"}],  # type: ignore[typeddict-item]  # no such mode
    )
    presswork.publishing.get_post("sp_1")  # type: ignore[call-arg]  # by name only
    presswork.publishing.list_posts(project_id="prj_1", status=["done"])  # type: ignore[list-item]  # no such status
    presswork.publishing.get_post(post_id="sp_1").state  # type: ignore[attr-defined]  # noqa: B018  it is called status
