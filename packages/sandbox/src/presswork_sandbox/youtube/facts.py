"""What is fixed about YouTube: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind
from presswork_sandbox.youtube.metrics import METRICS

ANALYTICS_HOST: Final = "youtubeanalytics.googleapis.com"


def _ids_of(_number: int, secret: str) -> tuple[str, str]:
    """Return the channel's id, and the number that stands for the Google account in `sub` and `id`."""
    digits = "".join(str(ord(letter) % 10) for letter in secret[22:42])
    return f"UC{secret[:22]}", f"1{digits}"


FACTS: Final = PlatformFacts(
    name="youtube",
    brand="YouTube",
    hosts=frozenset({"oauth2.googleapis.com", "www.googleapis.com", "youtube.googleapis.com", ANALYTICS_HOST}),
    authorize_paths=r"accounts\.google\.com/o/oauth2(?:/v2)?/auth",
    operations=(
        "token",
        "refresh",
        "revoke",
        "tokeninfo",
        "userinfo",
        "channels",
        "videos_insert",
        "upload",
        "videos_list",
        "videos_batch_get_stats",
        "analytics_reports",
        "videos_update",
        "videos_delete",
        "thumbnails_set",
        "comment_threads_insert",
        "comment_threads_list",
        "comments_list",
        "comments_insert",
        "comments_update",
        "comments_delete",
        "comments_set_moderation_status",
        "playlist_items_list",
        "playlist_items_insert",
        "playlist_items_delete",
        "playlists_list",
        "playlists_insert",
        "captions_list",
        "captions_insert",
        "captions_delete",
    ),
    job_operations=frozenset({"videos_insert", "upload", "videos_list"}),
    tokenless_operations=frozenset({"token"}),
    has_numeric_codes=False,
    kinds={"youtube_video": "Video"},
    kind_of_media={"video": "youtube_video"},
    ids_of=_ids_of,
    glyph='<rect x="2.5" y="5.5" width="19" height="13" rx="4"/><path d="M10.2 9.3v5.4l4.6-2.7z"/>',
    handle_prefix="@",
    # PUBLIC_TO_EVERYONE is what a managed provider's posts have.
    privacy_names={"PUBLIC_TO_EVERYONE": "", "public": "Public", "unlisted": "Unlisted", "private": "Private"},
    settings={
        "hasChannel": SettingKind.FLAG,
        "otherChannels": SettingKind.TEXTS,
        "longUploadsStatus": SettingKind.TEXT,
        "commentsDisabled": SettingKind.FLAG,
        "holdsComments": SettingKind.FLAG,
        "holdsReplies": SettingKind.FLAG,
        "commentDelaySeconds": SettingKind.COUNT,
        "emptyCommentPage": SettingKind.FLAG,
        "rejectDuplicates": SettingKind.FLAG,
        "likesHidden": SettingKind.FLAG,
        "subscribersHidden": SettingKind.FLAG,
    },
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhillcoffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mirapaints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonaslindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
