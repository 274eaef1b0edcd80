"""What is fixed about Threads: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind
from presswork_sandbox.threads.metrics import METRICS

_USER_IDS: Final = 27_854_000_000_000_000  # 17 digits, beyond what a JavaScript number holds exactly


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    user_id = str(_USER_IDS + number * 6_007)
    return user_id, user_id


FACTS: Final = PlatformFacts(
    name="threads",
    brand="Threads",
    hosts=frozenset({"graph.threads.net", "graph.threads.com"}),
    authorize_paths=r"(?:www\.)?threads\.(?:com|net)/oauth/authorize",
    operations=(
        "token",
        "exchange",
        "refresh",
        "me",
        "debug_token",
        "threads",
        "container_status",
        "threads_publish",
        "permalink",
        "threads_list",
        "replies_list",
        "own_replies",
        "conversation",
        "manage_reply",
        "pending_replies",
        "manage_pending_reply",
        "threads_publishing_limit",
        "delete",
        "insights",
        "user_insights",
    ),
    job_operations=frozenset({"threads", "container_status"}),
    has_numeric_codes=True,
    kinds={"threads_post": "Thread", "text": "Text", "link": "Link", "poll": "Poll"},
    kind_of_media={
        "image": "threads_post",
        "video": "threads_post",
        "multi": "threads_post",
        "mixed": "threads_post",
        "text": "text",
    },
    ids_of=_ids_of,
    glyph='<path d="M17.6 10.8c-.5-3-2.4-4.5-5.3-4.5-2.1 0-3.6.8-4.5 2.3M12.2 3C7 3 4.5 6.5 4.5 12s2.5 9 7.7 9'
    'c3.9 0 6.8-1.9 6.8-4.8 0-2.7-2.3-4.2-6-4.2-2.7 0-4.4 1-4.4 2.8 0 1.5 1.3 2.5 3.1 2.5 2.9 0 4.3-2.2 4.2-6"/>',
    settings={
        "listDelaySeconds": SettingKind.COUNT,
        "replyDelaySeconds": SettingKind.COUNT,
        "replyQuotaTotal": SettingKind.COUNT,
        "privateProfile": SettingKind.FLAG,
        "geoGating": SettingKind.FLAG,
        "copyrightFlagged": SettingKind.FLAG,
        "emptyCommentPage": SettingKind.FLAG,
    },
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhill_coffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira_paints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonas_lindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
