"""What a TikTok post says about itself on a page."""

from collections.abc import Mapping, Sequence

from presswork_sandbox.details import Details, frame_at
from presswork_sandbox.media import Asset
from presswork_sandbox.posts import Post
from presswork_sandbox.tiktok.jobs import Jobs
from presswork_sandbox.wire import JSONValue, flag_of, text_of


def details_of(jobs: Jobs, post: Post, assets: Sequence[Asset]) -> Details:
    """Return what was sent with a post, in words."""
    job = jobs.of_post(post)
    info, source = _object(post.params.get("post_info")), _object(post.params.get("source_info"))
    is_direct = job is not None and job.mode == "direct"
    if post.kind == "tiktok_photo":
        details = Details(title=text_of(info.get("title")) if info.get("description") else "")
        index = source.get("photo_cover_index")
        details.cover_index = index if isinstance(index, int) and len(assets) > 1 else None
        is_generated = flag_of(post.params.get("is_aigc"))
    else:
        details = Details()
        is_generated = flag_of(info.get("is_aigc"))
        at = info.get("video_cover_timestamp_ms")
        if is_direct and isinstance(at, int) and at:
            # TikTok takes the first frame where there is none at that time.
            seconds = (assets[0].duration_seconds or 0.0) if assets else 0.0
            details.facts.append(("Cover", frame_at(at if 0 < at <= seconds * 1000 else 0)))
    if is_direct and is_generated:
        details.labels.append("AI-generated")
    return details


def _object(value: JSONValue) -> Mapping[str, JSONValue]:
    return value if isinstance(value, Mapping) else {}
