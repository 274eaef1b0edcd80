"""What is fixed about Mastodon: paths, operations, kinds of posts, ids. Its servers are any host that no other platform has."""

from typing import Final

from presswork_sandbox.mastodon.metrics import METRICS
from presswork_sandbox.platform_facts import SERVER, PlatformFacts, SampleAccount, SettingKind

_ACCOUNT_IDS: Final = 109_300_000_000_000_000  # 18 digits, beyond what a JavaScript number holds exactly
ACCOUNT_ID_STEP: Final = 70_001
"""Between the ids of two accounts; at each server an id has its own place in between."""


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    user_id = str(_ACCOUNT_IDS + number * ACCOUNT_ID_STEP)
    return user_id, user_id


FACTS: Final = PlatformFacts(
    name="mastodon",
    brand="Mastodon",
    hosts=frozenset(),
    authorize_paths=rf"{SERVER}/oauth/authorize",
    program_paths=rf"{SERVER}/+(?:api/.*|oauth/(?:token|revoke)/?|\.well-known/oauth-authorization-server/?)",
    operations=(
        "apps",
        "token",
        "revoke",
        "server_metadata",
        "instance",
        "verify_credentials",
        "account",
        "account_statuses",
        "media",
        "media_status",
        "media_update",
        "statuses",
        "status",
        "status_source",
        "context",
        "status_update",
        "status_delete",
        "favourite",
        "unfavourite",
        "notifications",
    ),
    job_operations=frozenset({"media", "media_status"}),
    tokenless_operations=frozenset({"apps", "token", "server_metadata", "instance"}),
    has_numeric_codes=False,
    kinds={"mastodon_post": "Post", "text": "Text"},
    kind_of_media={"image": "mastodon_post", "video": "mastodon_post", "multi": "mastodon_post", "text": "text"},
    ids_of=_ids_of,
    glyph='<path d="M5 19.2c2.2 1.6 7 2.3 10.6 1M4.3 16.5V8.2C4.3 5.4 6.4 3.5 9 3.5h6c2.6 0 4.7 1.9 4.7 4.7v4.3c0 2-1.6 3.6-3.6'
    " 3.6-3.9.6-8.2.5-11.8-.5zM8.5 12.6V9.3c0-1 .8-1.8 1.7-1.8 1 0 1.8.8 1.8 1.8v2.2V9.3c0-1 .8-1.8 1.8-1.8.9 0 1.7.8 1.7"
    '1.8v3.3"/>',
    handle_prefix="@",
    # PUBLIC_TO_EVERYONE is what a managed provider's posts have.
    privacy_names={
        "PUBLIC_TO_EVERYONE": "",
        "public": "",
        "unlisted": "Quiet public",
        "private": "Followers",
        "direct": "Mentioned people",
    },
    settings={"accountStatus": SettingKind.TEXT},
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhill", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonas", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
