"""What is fixed about X: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind
from presswork_sandbox.x.metrics import METRICS

_USER_IDS: Final = 1_780_000_000_000_000_000  # 19 digits, beyond what a JavaScript number holds exactly


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    user_id = str(_USER_IDS + number * 10_007_003)
    return user_id, user_id


FACTS: Final = PlatformFacts(
    name="x",
    brand="X",
    # x.com is not among them: people see posts there.
    hosts=frozenset({"api.x.com"}),
    authorize_paths=r"x\.com/i/oauth2/authorize",
    operations=(
        "token",
        "refresh",
        "revoke",
        "me",
        "media_initialize",
        "media_append",
        "media_finalize",
        "media_status",
        "media_upload",
        "media_metadata",
        "tweets",
        "tweet",
        "tweets_lookup",
        "user_tweets",
        "search_recent",
        "hide_reply",
        "delete",
    ),
    job_operations=frozenset(
        {"media_initialize", "media_append", "media_finalize", "media_status", "media_upload"},
    ),
    tokenless_operations=frozenset({"token"}),
    has_numeric_codes=False,
    kinds={"x_post": "Post", "text": "Text", "poll": "Poll"},
    kind_of_media={"image": "x_post", "video": "x_post", "multi": "x_post", "text": "text"},
    ids_of=_ids_of,
    glyph='<path d="M4.5 4h4l11 16h-4zM4.5 20l6.6-7.4M12.9 10.6 19 4"/>',
    handle_prefix="@",
    settings={
        "subscriptionType": SettingKind.TEXT,
        "maxVideoSeconds": SettingKind.COUNT,
        "replyQuotaTotal": SettingKind.COUNT,
        "suspended": SettingKind.FLAG,
    },
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhillcoffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mirapaints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonaslindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
