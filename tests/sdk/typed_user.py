"""What users write, checked as they check it: mypy strict (`make lint`) and pyright strict. Never run."""

import asyncio
import io
import logging
import pickle
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from presswork_client import (
    NOT_GIVEN,
    APIConnectionError,
    APIStatusError,
    AsyncPresswork,
    FileSource,
    Presswork,
    PressworkError,
    Publication,
    ScheduledPost,
    SocialAccount,
    Target,
    TargetParam,
    UploadProgress,
    WaitTimeoutError,
    webhooks,
)

log = logging.getLogger(__name__)


def targets_in_every_form(presswork: Presswork, accounts: Sequence[SocialAccount], container_id: str) -> None:
    """Helpers and dicts, inline, in comprehensions and in variables."""
    publishing = presswork.publishing
    with_helper = [Target(social_account_id=account.social_account_id, mode="publish") for account in accounts]
    publishing.publish_now(container_id=container_id, targets=with_helper)
    publishing.publish_now(
        container_id=container_id,
        targets=[{"social_account_id": account.social_account_id, "mode": "publish"} for account in accounts],
    )
    publishing.publish_now(
        container_id=container_id,
        targets=[{"socialAccountId": account.social_account_id, "mode": "publish"} for account in accounts],
    )
    publishing.publish_now(
        container_id=container_id,
        targets=(
            {
                "social_account_id": account.social_account_id,
                "mode": "publish" if account.platform == "instagram" else "draft",
            }
            for account in accounts
            if account.status == "connected"
        ),
    )
    annotated: list[Target] = [
        {"social_account_id": account.social_account_id, "mode": "publish"} for account in accounts
    ]
    as_json: list[TargetParam] = [
        {"socialAccountId": account.social_account_id, "mode": "draft"} for account in accounts
    ]
    one = Target(
        social_account_id="sa_1",
        mode="publish",
        caption_override="Hello",
        tiktok_post_settings={"privacy_level": "SELF_ONLY", "disable_duet": True},
        tiktok_music={"mode": "manual", "track_id": "1"},
    )
    one["share_reel_to_feed"] = False
    publishing.preflight(container_id=container_id, targets=[*annotated, *as_json, one])
    publishing.schedule(
        container_id=container_id, targets=[*with_helper, one], scheduled_for=datetime.now(UTC) + timedelta(hours=1)
    )


def publish(presswork: Presswork, sources: list[FileSource], project_id: str, key: str | None) -> list[ScheduledPost]:
    """The main job, with progress and errors."""

    def show(progress: UploadProgress) -> None:
        print(f"{progress.filename}: {progress.sent_bytes / progress.total_bytes:.0%}")

    try:
        done = presswork.publishing.publish_files(
            sources,
            project_id=project_id,
            caption="Hello",
            targets=[Target(social_account_id="sa_1", mode="publish")],
            first_comment=NOT_GIVEN,
            wait=True,
            on_progress=show,
            on_change=lambda post: print(post.id, post.status),
            idempotency_key=key,
        )
    except WaitTimeoutError as error:
        return presswork.publishing.wait_all(error.pending_ids)
    except APIConnectionError as error:
        return publish(presswork, sources, project_id, error.idempotency_key)
    except APIStatusError as error:
        log.warning("%s %s %s", error.code, error.status_code, [issue["path"] for issue in error.issues])
        raise
    except PressworkError as error:
        pickle.dumps(error)
        raise
    for post in done.failed:
        print(post.last_error.message if post.last_error else "")
    return done.posts


def texts(presswork: Presswork, project_id: str) -> Publication:
    """A text, and a link in each form."""
    targets = [Target(social_account_id="sa_1", mode="publish")]
    publish_text = presswork.publishing.publish_text
    publish_text("Hello", project_id=project_id, targets=targets)
    publish_text("", project_id=project_id, targets=targets, link="https://example.com")
    publish_text("", project_id=project_id, targets=targets, link={"url": "https://example.com", "imageUrl": None})
    return publish_text(
        "", project_id=project_id, targets=targets, link={"url": "https://example.com", "image_url": ""}
    )


def files(presswork: Presswork, project_id: str) -> None:
    """Every kind of file, one or many."""
    upload = presswork.content.upload_files
    upload("a.jpg", project_id=project_id, caption="")
    upload(Path("a.jpg"), project_id=project_id, caption="")
    upload(b"picture", project_id=project_id, caption="")
    upload(io.BytesIO(), project_id=project_id, caption="")
    upload(("a.jpg", b"picture"), project_id=project_id, caption="")
    upload(["a.jpg", Path("b.jpg"), ("c.jpg", io.BytesIO())], project_id=project_id, caption="")
    upload(sorted(Path().glob("*.jpg")), project_id=project_id, caption="")
    upload([str(number) for number in range(3)], project_id=project_id, caption="")
    with Path("a.mp4").open("rb") as video:
        upload(video, project_id=project_id, caption="")
        upload(("b.mp4", video), project_id=project_id, caption="")


def options(presswork: Presswork) -> tuple[int, str | None, str]:
    """Options of a copy, raw responses, lists and webhooks."""
    patient = presswork.with_options(timeout_seconds=None, max_retries=5, api_key="lp_test_x", base_url="https://x")
    raw = patient.publishing.with_raw_response.get_post(post_id="sp_1")
    page = patient.projects.with_raw_response.list(limit=1).parsed
    names = [project.name for project in page]
    event = webhooks.verify(b"", {"webhook-id": "m"}, "whsec_")
    return raw.status_code, raw.headers.get("etag"), raw.parsed.status + names[0] + event.id


async def at_once(project_id: str) -> list[str | None]:
    """The asyncio client."""
    async with AsyncPresswork(max_retries=1) as presswork:
        pages = [
            await presswork.content.upload_files(name, project_id=project_id, caption="") for name in ("a.jpg", "b.jpg")
        ]
        answers = await asyncio.gather(
            *(
                presswork.publishing.publish_now(
                    container_id=content.id,
                    targets=[{"social_account_id": "sa_1", "mode": "publish"}],
                )
                for content in pages
            )
        )
        ids = [post_id for answer in answers for post_id in answer.scheduled_post_ids]
        posts = await presswork.publishing.wait_all(ids, timeout_seconds=60)
        raw = await presswork.service.with_raw_response.whoami()
        print(raw.parsed.environment)
        async for project in presswork.projects.list():
            print(project.name)
        return [post.external_url for post in posts]
