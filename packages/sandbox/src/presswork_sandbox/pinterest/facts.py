"""What is fixed about Pinterest: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.pinterest.metrics import METRICS
from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind

API: Final = "api.pinterest.com"
SANDBOX_API: Final = "api-sandbox.pinterest.com"
"""Pinterest's own sandbox: a separate world with tokens, boards and Pins that the live host does not know."""
UPLOAD: Final = "pinterest-media-upload.s3-accelerate.amazonaws.com"
WWW: Final = "www.pinterest.com"
_USER_IDS: Final = 813_744_000_000_000_000


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    user_id = str(_USER_IDS + number * 9_001)
    return user_id, user_id


FACTS: Final = PlatformFacts(
    name="pinterest",
    brand="Pinterest",
    hosts=frozenset({API, SANDBOX_API, UPLOAD}),
    authorize_paths=r"www\.pinterest\.com/oauth",
    operations=(
        "token",
        "refresh",
        "user_account",
        "boards_list",
        "boards",
        "board",
        "board_pins",
        "sections_list",
        "sections",
        "media",
        "media_list",
        "media_status",
        "upload",
        "pins",
        "pins_list",
        "pin",
        "pin_update",
        "pin_delete",
        "pin_analytics",
    ),
    job_operations=frozenset({"media", "media_status"}),
    has_numeric_codes=True,
    kinds={"pinterest_pin": "Pin"},
    kind_of_media={"image": "pinterest_pin", "video": "pinterest_pin", "multi": "pinterest_pin"},
    ids_of=_ids_of,
    glyph='<circle cx="12" cy="12" r="9"/><path d="M9.2 13.2c-1.6-3.4.4-6.2 3.2-6.2 2.5 0 4 1.7 4 3.9 0 2.6-1.5 4.6-3.4 4.6'
    '-1.3 0-2-.9-2-.9M12.2 9.8 10.2 19.6"/>',
    # PUBLIC_TO_EVERYONE is what a managed provider's posts have.
    privacy_names={
        "PUBLIC_TO_EVERYONE": "",
        "PUBLIC": "",
        "PROTECTED": "Protected board",
        "SECRET": "Secret board",
        "SANDBOX": "Only in Pinterest's own sandbox",
    },
    settings={"hasNoBoard": SettingKind.FLAG},
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhillcoffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mirapaints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonaslindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
