"""What is fixed about Facebook Pages: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind

_PAGE_IDS: Final = 102_700_000_000_000  # Page ids have 15 digits


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    page_id = str(_PAGE_IDS + number * 3_001)
    return page_id, page_id


FACTS: Final = PlatformFacts(
    name="facebook",
    brand="Facebook",
    hosts=frozenset({"graph.facebook.com", "graph-video.facebook.com", "rupload.facebook.com"}),
    authorize_paths=r"www\.facebook\.com(?:/[^/]+)?/dialog/oauth",
    operations=(
        "token",
        "exchange",
        "refresh",
        "revoke",
        "debug_token",
        "permissions",
        "person",
        "accounts",
        "businesses",
        "page",
        "photos",
        "photo",
        "feed",
        "videos",
        "video_start",
        "video_transfer",
        "video_finish",
        "reel_start",
        "upload",
        "reel_finish",
        "video_story_start",
        "video_story_finish",
        "photo_stories",
        "video_status",
        "published_posts",
        "stories_list",
        "permalink",
        "comments",
        "comments_list",
        "comment",
        "comment_replies",
        "comment_update",
        "comment_delete",
        "subscribed_apps",
        "comment_likes",
        "publish_post",
        "post_update",
        "delete",
    ),
    job_operations=frozenset(
        {
            "feed",
            "publish_post",
            "videos",
            "video_start",
            "video_transfer",
            "video_finish",
            "reel_start",
            "upload",
            "reel_finish",
            "video_story_start",
            "video_story_finish",
            "photo_stories",
            "video_status",
        }
    ),
    has_numeric_codes=True,
    kinds={
        "text": "Text",
        "link": "Link",
        "facebook_photo": "Photo",
        "facebook_video": "Video",
        "facebook_reel": "Reel",
        "story": "Story",
    },
    kind_of_media={
        "image": "facebook_photo",
        "video": "facebook_video",
        "multi": "facebook_photo",
        "text": "text",
        "story": "story",
    },
    ids_of=_ids_of,
    glyph='<path d="M15.5 4H14a3.5 3.5 0 0 0-3.5 3.5V21M7.5 12h7"/>',
    settings={
        "tasks": SettingKind.TEXTS,
        "businessOnly": SettingKind.FLAG,
        "listDelaySeconds": SettingKind.COUNT,
        "withheldAuthors": SettingKind.FLAG,
        "emptyCommentPage": SettingKind.FLAG,
    },
    samples=(
        SampleAccount(handle="fernhill.roastery", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira.okafor", tier="business", display_name="Mira Okafor"),
    ),
)
