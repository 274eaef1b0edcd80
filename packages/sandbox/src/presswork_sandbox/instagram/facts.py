"""What is fixed about Instagram: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind

_USER_IDS: Final = 17_841_400_000_000_000  # professional-account ids are 17 digits and start with 1784
_APP_SCOPED_IDS: Final = 24_770_000_000_000_000


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    return str(_USER_IDS + number * 7_001), str(_APP_SCOPED_IDS + number * 5_003)


FACTS: Final = PlatformFacts(
    name="instagram",
    brand="Instagram",
    hosts=frozenset({"api.instagram.com", "graph.instagram.com"}),
    authorize_paths=r"(?:www|api)\.instagram\.com/oauth/authorize",
    operations=(
        "token",
        "app_token",
        "exchange",
        "refresh",
        "revoke",
        "debug_token",
        "permissions",
        "person",
        "accounts",
        "page",
        "me",
        "media",
        "upload",
        "container_status",
        "media_publish",
        "permalink",
        "media_list",
        "stories",
        "comments",
        "comments_list",
        "comment",
        "comment_replies",
        "comment_replies_list",
        "comment_update",
        "comment_delete",
        "subscribed_apps",
        "likes",
        "media_update",
        "media_delete",
        "content_publishing_limit",
    ),
    job_operations=frozenset({"media", "upload", "container_status"}),
    has_numeric_codes=True,
    kinds={"feed_image": "Photo", "reel": "Reel", "carousel": "Carousel", "story": "Story"},
    kind_of_media={
        "image": "feed_image",
        "video": "reel",
        "multi": "carousel",
        "mixed": "carousel",
        "story": "story",
    },
    ids_of=_ids_of,
    glyph='<rect x="3" y="3" width="18" height="18" rx="5.5"/><circle cx="12" cy="12" r="4.2"/>'
    '<circle cx="17.2" cy="6.8" r="1" class="dot"/>',
    settings={
        "withheldAuthors": SettingKind.FLAG,
        "emptyCommentPage": SettingKind.FLAG,
        "deniedCommentFields": SettingKind.TEXTS,
        "refuseNestedReplies": SettingKind.FLAG,
    },
    samples=(
        SampleAccount(handle="fernhill.coffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira.paints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonas.lindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
