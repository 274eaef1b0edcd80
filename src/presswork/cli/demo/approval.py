"""The chapter of `presswork demo --approval`: content waits until a reviewer approves or rejects it."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar

from presswork.callers.model import Scope
from presswork.cli.demo.context import DemoContext, to_feed
from presswork.cli.demo.posts import Feeds, FollowedPost
from presswork.cli.demo.publish import HANDLES
from presswork.cli.demo.samples import Sample
from presswork.cli.demo.sandbox import Account
from presswork.cli.demo.server import DemoFailed
from presswork.core.clock import SystemClock
from presswork_client import (
    APIStatusError,
    ApprovalRequiredError,
    AsyncPresswork,
    ConflictError,
    ContentRejectedError,
    ForbiddenScopeError,
    choices,
)

_AHEAD: Final = timedelta(seconds=4)
"""How far ahead the posts are scheduled."""
_GRACE: Final = timedelta(seconds=2)
"""How long after that time nothing may be published; a worker claims a due post within a second."""
_PLATFORMS: Final[Sequence[choices.PlatformName]] = ("instagram", "tiktok")
_AUTHOR: Final = (
    Scope.PROJECTS_READ,
    Scope.PROJECTS_WRITE,
    Scope.CONTENT_READ,
    Scope.CONTENT_WRITE,
    Scope.PUBLISH_READ,
    Scope.PUBLISH_WRITE,
    Scope.SOCIAL_READ,
    Scope.SOCIAL_WRITE,
)
_REVIEWER: Final = (Scope.CONTENT_READ, Scope.CONTENT_APPROVE)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Review:
    """A project in which all content is reviewed, and the clients of its two roles."""

    demo: DemoContext
    author: AsyncPresswork
    """May do everything except approve."""
    reviewer: AsyncPresswork
    """May read and approve content only."""
    project_id: str
    accounts: Sequence[Account]

    async def refused(self, action: str, call: Awaitable[object], kind: type[APIStatusError]) -> None:
        """Show that a call is refused with this error. Raises DemoFailed where it is accepted."""
        try:
            await call
        except kind as error:
            self.demo.screen.refusal(action, error)
        else:
            raise DemoFailed(f"{action}: the call succeeded; expected {kind.__name__}.")

    async def require_no_posts(self, container_id: str, label: str) -> None:
        """Raise DemoFailed if the content has posts."""
        posts = await self.author.publishing.list_posts(project_id=self.project_id, container_id=container_id)
        if posts.items:
            raise DemoFailed(f"The {label} has {len(posts.items)} posts although it was not approved.")


async def show_approval(demo: DemoContext) -> bool:
    """Hold a video and a picture back, approve the video, reject the picture; good if only the video is live, once."""
    screen = demo.screen
    author = await demo.caller("author", *_AUTHOR)
    reviewer = await demo.caller("reviewer", *_REVIEWER)
    screen.step("two API keys created: the author's can't approve, the reviewer's can't publish")
    project_id = await demo.create_project(author, "Demo of approval")
    accounts = [await demo.connect(author, project_id, platform, HANDLES[platform][0]) for platform in _PLATFORMS]
    screen.step(f"{len(accounts)} sandbox accounts connected by OAuth")
    review = _Review(demo=demo, author=author, reviewer=reviewer, project_id=project_id, accounts=accounts)
    await _set_policy(review)
    feeds = await Feeds.since_now(demo.sandbox, accounts)
    video, picture = demo.samples.video, demo.samples.picture
    video_id, picture_id = [await _upload(review, sample) for sample in (video, picture)]
    targets = [to_feed(account) for account in accounts]
    await review.refused(
        "the author tries to publish the video",
        author.publishing.publish_now(container_id=video_id, targets=targets),
        ApprovalRequiredError,
    )
    due = SystemClock().now() + _AHEAD
    for container_id, sample in ((video_id, video), (picture_id, picture)):
        await _schedule(review, container_id, sample, due)
    await review.refused(
        "the author tries to approve the video", author.approval.approve(container_id=video_id), ForbiddenScopeError
    )
    await asyncio.sleep((due + _GRACE - SystemClock().now()).total_seconds())
    for container_id, sample in ((video_id, video), (picture_id, picture)):
        await review.require_no_posts(container_id, sample.label)
    if any((await feeds.new()).values()):
        raise DemoFailed("A feed shows a new post although nothing was approved.")
    screen.step(f"{_GRACE.total_seconds():g} s after that time: no posts, and nothing new on the platforms")
    await _reject(review, picture_id)
    posts = await _approve(review, video_id, video)
    is_good = await demo.follow_live(author, posts, feeds)
    shown = {post["caption"] for found in (await feeds.new()).values() for post in found}
    if shown - {video.caption}:
        screen.failure(f"A feed shows content that was not approved: {sorted(shown)}.")
        is_good = False
    await review.require_no_posts(picture_id, picture.label)
    if is_good:
        screen.success("Only the approved content is live", ", and the rejected content has no posts.")
    return is_good


async def _set_policy(review: _Review) -> None:
    await review.refused(
        "the author tries to set a review policy",
        review.author.approval.update_policy(project_id=review.project_id, policy="review_all"),
        ForbiddenScopeError,
    )
    policy = await review.reviewer.approval.update_policy(project_id=review.project_id, policy="review_all")
    review.demo.screen.step(f"the reviewer sets the project's review policy: {policy.policy}")


async def _upload(review: _Review, sample: Sample) -> str:
    container_id = await review.demo.upload(review.author, review.project_id, sample)
    content = await review.author.content.get(container_id=container_id)
    review.demo.screen.step(f"{sample.label} uploaded and checked: {content.approval_status}")
    return container_id


async def _schedule(review: _Review, container_id: str, sample: Sample, due: datetime) -> None:
    answer = await review.author.publishing.schedule(
        container_id=container_id, scheduled_for=due, targets=[to_feed(account) for account in review.accounts]
    )
    status = answer.response.status_code if answer.response else ""
    review.demo.screen.step(
        f"the author schedules the {sample.label} for {due:%H:%M:%S} UTC: {status} {answer.gate_status}"
    )


async def _reject(review: _Review, container_id: str) -> None:
    answer = await review.reviewer.approval.reject(container_id=container_id, reason="The cinnamon is not ours")
    review.demo.screen.step(
        f"the reviewer rejects the picture: {answer.dropped_schedule_calls} waiting schedule call dropped"
    )
    await review.refused(
        "the author tries to publish the picture",
        review.author.publishing.publish_now(
            container_id=container_id, targets=[to_feed(account) for account in review.accounts]
        ),
        ContentRejectedError,
    )
    await review.refused(
        "the reviewer tries to approve the picture after all",
        review.reviewer.approval.approve(container_id=container_id),
        ConflictError,
    )


async def _approve(review: _Review, container_id: str, sample: Sample) -> list[FollowedPost]:
    """Approve content, and return the posts that its waiting schedule call became; they are due, so they start now."""
    answer = await review.reviewer.approval.approve(container_id=container_id, note="Looks good")
    promotion = answer.pending_schedule_promotion
    if promotion is None or len(promotion.scheduled_post_ids) != len(review.accounts):
        raise DemoFailed(f"Approving the {sample.label} returned {answer.raw}; expected {len(review.accounts)} posts.")
    review.demo.screen.step(
        f"the reviewer approves the {sample.label}: the waiting schedule call became {len(review.accounts)} posts"
    )
    return [
        FollowedPost(id=post_id, label=sample.label, account=account)
        for post_id, account in zip(promotion.scheduled_post_ids, review.accounts, strict=True)
    ]
