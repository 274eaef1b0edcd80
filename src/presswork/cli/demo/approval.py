"""The act of `presswork demo --approval`: content waits for a person, who approves one piece and rejects another."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.cli.demo.accounts import LIVE_WITHIN, Feeds, Outcome, Scene, is_all_live
from presswork.cli.demo.client import Answer, Client, DemoFailed
from presswork.cli.demo.samples import Sample
from presswork.cli.demo.story import HANDLES, Account, Story, Watched
from presswork.cli.demo.view import View
from presswork.core.clock import SystemClock
from presswork.core.errors import Code
from presswork.core.timestamps import write_instant
from presswork.orgs.model import Scope

_AHEAD: Final = timedelta(seconds=4)
"""From the schedule calls to their instant."""
_GRACE: Final = timedelta(seconds=2)
"""How long nothing may go out once the instant is over; a worker that had a post would take it within a second."""

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


class _Project(Answer):
    requires_approval: bool


class _Policy(Answer):
    policy: str


class _Content(Answer):
    approval_status: str


class _Scheduled(Answer):
    scheduled_post_ids: list[str]
    gate_status: str


class _Promotion(Answer):
    status: str
    scheduled_post_ids: list[str]


class _Approved(Answer):
    approval_status: str
    pending_schedule_promotion: _Promotion | None = None


class _Rejected(Answer):
    approval_status: str
    dropped_schedule_calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gate:
    """A project where everything has to be approved, seen by the two who deal with it."""

    view: View
    author: Client
    """May do everything but approve."""
    reviewer: Client
    """May read content and approve it, and nothing else."""
    project: str
    accounts: Sequence[Account]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A piece of content that was brought in."""

    id: str
    sample: Sample

    @property
    def label(self) -> str:
        return self.sample.label


async def show_approval(scene: Scene) -> Outcome:
    """Hold a video and a picture back, approve the video, reject the picture; good if only the video is live, once."""
    view = scene.view
    keys = {
        "author": await scene.new_key("author", *_AUTHOR),
        "reviewer": await scene.new_key("reviewer", *_REVIEWER),
    }
    view.step("two keys made: the author's may not approve, the reviewer's may not publish")
    async with Client(scene.url, keys["author"]) as author, Client(scene.url, keys["reviewer"]) as reviewer:
        story = Story(author)
        project = await story.make_project("Demo of approval")
        await _review_all(view, author, reviewer, project)
        accounts = [await story.connect(project, platform, handles[0]) for platform, handles in HANDLES.items()]
        view.step(f"{len(accounts)} sandbox accounts connected through OAuth")
        gate = _Gate(view=view, author=author, reviewer=reviewer, project=project, accounts=accounts)
        feeds = await Feeds.from_now(story, accounts)

        video, picture = [
            await _bring_in(gate, story, sample) for sample in (scene.samples.video, scene.samples.picture)
        ]
        await _refuse_to_publish(gate, video, 403, Code.APPROVAL_REQUIRED)
        await _wait_at_the_gate(gate, [video, picture], feeds)
        await _reject(gate, picture)
        posts = await _approve(gate, video)
        with view.progress(posts) as news, contextlib.suppress(TimeoutError):
            await story.watch(posts, within=LIVE_WITHIN, news=news)
        view.outcome(posts, url=scene.url)
        is_good = await is_all_live(story, view, feeds, posts)
        is_good = await _is_only_live(gate, feeds, video) and is_good
        await _require_no_posts(gate, picture)
    if is_good:
        view.say("[bold green]Only what was approved is live[/]; of what was rejected there is not even a post.")
    return Outcome(is_good=is_good, accounts=accounts, keys=keys)


async def _review_all(view: View, author: Client, reviewer: Client, project: str) -> None:
    """Have the reviewer gate the project; the author can't."""
    path, body = f"/v1/projects/{project}/content-review-policy", {"policy": "review_all"}
    refusal = await author.refused("PATCH", path, body, status=403, code=Code.FORBIDDEN_SCOPE)
    view.refusal("the author tries to set a review policy", 403, refusal)
    answer = await reviewer.call(_Policy, "PATCH", path, body, status=200)
    is_gated = (await author.call(_Project, "GET", f"/v1/projects/{project}")).requires_approval
    if answer.policy != "review_all" or not is_gated:
        raise DemoFailed(f"The project's policy is {answer.policy}, and requiresApproval is {is_gated}.")
    view.step("the reviewer sets the project's review policy: review_all")


async def _bring_in(gate: _Gate, story: Story, sample: Sample) -> _Piece:
    piece = _Piece(id=await story.bring_in(gate.project, sample), sample=sample)
    content = await gate.author.call(_Content, "GET", f"/v1/content/{piece.id}")
    if content.approval_status != "pending":
        raise DemoFailed(f"The {piece.label} is {content.approval_status} after the upload, not pending.")
    gate.view.step(f"{piece.label} uploaded and checked: pending")
    return piece


async def _refuse_to_publish(gate: _Gate, piece: _Piece, status: int, code: Code) -> None:
    refusal = await gate.author.refused(
        "POST", f"/v1/content/{piece.id}/publish", {"targets": _targets(gate)}, status=status, code=code
    )
    gate.view.refusal(f"the author tries to publish the {piece.label}", status, refusal)


async def _wait_at_the_gate(gate: _Gate, pieces: Sequence[_Piece], feeds: Feeds) -> None:
    """Schedule content that waits, let the instant pass, and see that nothing goes out."""
    at = SystemClock().now() + _AHEAD
    for piece in pieces:
        await _schedule(gate, piece, at)
    (first, *_) = pieces
    refusal = await gate.author.refused(
        "POST", f"/v1/content/{first.id}/approve", {}, status=403, code=Code.FORBIDDEN_SCOPE
    )
    gate.view.refusal(f"the author tries to approve the {first.label}", 403, refusal)
    await asyncio.sleep((at + _GRACE - SystemClock().now()).total_seconds())
    for piece in pieces:
        await _require_no_posts(gate, piece)
    if any((await feeds.new()).values()):
        raise DemoFailed("Something is live that nobody has approved.")
    gate.view.step(f"{_GRACE.total_seconds():g} s after that instant: no posts, and nothing new on either platform")


async def _schedule(gate: _Gate, piece: _Piece, at: datetime) -> None:
    body = {"scheduledFor": write_instant(at), "targets": _targets(gate)}
    answer = await gate.author.call(_Scheduled, "POST", f"/v1/content/{piece.id}/schedule", body, status=202)
    if answer.gate_status != "blocked_on_approval" or answer.scheduled_post_ids:
        raise DemoFailed(f"Scheduling the {piece.label} was answered {answer.model_dump_json(by_alias=True)}.")
    gate.view.step(f"the author schedules the {piece.label} for {at:%H:%M:%S} UTC: 202 {answer.gate_status}")


async def _reject(gate: _Gate, piece: _Piece) -> None:
    body = {"reason": "The cinnamon is not ours"}
    answer = await gate.reviewer.call(_Rejected, "POST", f"/v1/content/{piece.id}/reject", body, status=200)
    if (answer.approval_status, answer.dropped_schedule_calls) != ("rejected", 1):
        raise DemoFailed(f"Rejecting the {piece.label} was answered {answer.model_dump_json(by_alias=True)}.")
    gate.view.step(f"the reviewer rejects the {piece.label}: the call that waited for it is dropped")
    await _refuse_to_publish(gate, piece, 409, Code.CONTENT_REJECTED)
    refusal = await gate.reviewer.refused("POST", f"/v1/content/{piece.id}/approve", {}, status=409, code=Code.CONFLICT)
    gate.view.refusal(f"the reviewer tries to approve the {piece.label} after all", 409, refusal)


async def _approve(gate: _Gate, piece: _Piece) -> list[Watched]:
    """Approve, and return the posts that the waiting call became; its instant is over, so they go at once."""
    body = {"note": "Looks good"}
    answer = await gate.reviewer.call(_Approved, "POST", f"/v1/content/{piece.id}/approve", body, status=200)
    promotion = answer.pending_schedule_promotion
    if answer.approval_status != "approved" or promotion is None or promotion.status != "ok":
        raise DemoFailed(f"Approving the {piece.label} was answered {answer.model_dump_json(by_alias=True)}.")
    if len(promotion.scheduled_post_ids) != len(gate.accounts):
        raise DemoFailed(
            f"The waiting call became {len(promotion.scheduled_post_ids)} posts, not {len(gate.accounts)}."
        )
    gate.view.step(
        f"the reviewer approves the {piece.label}: the call that waited for it became {len(gate.accounts)} posts"
    )
    return [
        Watched(id=post_id, label=piece.label, account=account, wants_comment=False)
        for post_id, account in zip(promotion.scheduled_post_ids, gate.accounts, strict=True)
    ]


async def _require_no_posts(gate: _Gate, piece: _Piece) -> None:
    if await Story(gate.author).posts_of(gate.project, piece.id):
        raise DemoFailed(f"There are posts of the {piece.label}, which was not approved.")


async def _is_only_live(gate: _Gate, feeds: Feeds, approved: _Piece) -> bool:
    """Ask the platforms whether all that is new shows the approved content; tell what does not."""
    others = [
        (account, post)
        for account, posts in (await feeds.new()).items()
        for post in posts
        if post.caption != approved.sample.caption
    ]
    for account, post in others:
        gate.view.say(f"[bold red]{account.platform} @{account.handle} shows {post.external_id}, not approved.[/]")
    return not others


def _targets(gate: _Gate) -> list[dict[str, str]]:
    return [{"socialAccountId": account.id, "mode": "publish"} for account in gate.accounts]
