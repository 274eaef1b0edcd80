"""What is fixed about TikTok: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount
from presswork_sandbox.tiktok.metrics import METRICS


def _ids_of(_number: int, secret: str) -> tuple[str, str]:
    text = secret.lower()
    dashed = "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:32]))
    return f"-000{dashed}", f"-union{dashed}"


FACTS: Final = PlatformFacts(
    name="tiktok",
    brand="TikTok",
    hosts=frozenset({"open.tiktokapis.com", "open-upload.tiktokapis.com"}),
    authorize_paths=r"www\.tiktok\.com/v2/auth/authorize",
    operations=(
        "token",
        "client_token",
        "refresh",
        "revoke",
        "user_info",
        "creator_info",
        "video_init",
        "inbox_init",
        "content_init",
        "upload",
        "status_fetch",
        "cancel",
        "video_list",
        "video_query",
    ),
    job_operations=frozenset({"video_init", "inbox_init", "content_init", "upload", "status_fetch"}),
    has_numeric_codes=False,
    kinds={"tiktok_video": "Video", "tiktok_photo": "Photo post"},
    kind_of_media={"image": "tiktok_photo", "video": "tiktok_video", "multi": "tiktok_photo"},
    ids_of=_ids_of,
    glyph='<path d="M14 3v12.2a3.8 3.8 0 1 1-3.8-3.8M14 3c.4 2.8 2.2 4.6 5 5"/>',
    handle_prefix="@",
    privacy_names={
        "PUBLIC_TO_EVERYONE": "",
        "MUTUAL_FOLLOW_FRIENDS": "Friends",
        "FOLLOWER_OF_CREATOR": "Followers",
        "SELF_ONLY": "Only me",
    },
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhillcoffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mirapaints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(
            handle="jonaslindqvist",
            tier="personal",
            display_name="Jonas Lindqvist",
            # What TikTok offers for a private account.
            creator_info={"privacy_level_options": ["FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]},
        ),
    ),
)
