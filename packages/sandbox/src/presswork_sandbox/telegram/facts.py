"""What is fixed about Telegram: hosts, operations, kinds of posts, ids. An account is a channel."""

from typing import Final

from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind

_CHANNEL_IDS: Final = 1_500_000_000


def _ids_of(number: int, _secret: str) -> tuple[str, str]:
    chat_id = f"-100{_CHANNEL_IDS + number * 1_009}"
    return chat_id, chat_id


OPERATIONS: Final = (
    "get_me",
    "get_chat",
    "get_chat_member",
    "get_chat_member_count",
    "get_updates",
    "set_webhook",
    "delete_webhook",
    "get_webhook_info",
    "send_message",
    "send_photo",
    "send_video",
    "send_media_group",
    "send_poll",
    "edit_message_text",
    "edit_message_caption",
    "delete_message",
)
FACTS: Final = PlatformFacts(
    name="telegram",
    brand="Telegram",
    hosts=frozenset({"api.telegram.org"}),
    authorize_paths=r"oauth\.telegram\.org/auth",
    operations=OPERATIONS,
    job_operations=frozenset(),
    tokenless_operations=frozenset(),
    has_numeric_codes=True,
    kinds={"telegram_post": "Post", "text": "Text", "poll": "Poll"},
    kind_of_media={
        "image": "telegram_post",
        "video": "telegram_post",
        "multi": "telegram_post",
        "mixed": "telegram_post",
        "text": "text",
    },
    ids_of=_ids_of,
    glyph='<path d="M3 11.5 21 4l-3 16-6-5-3 3.5-.8-5.6L17 7.5"/>',
    handle_prefix="@",
    settings={"privateChannel": SettingKind.FLAG},
    samples=(
        SampleAccount(handle="fernhill_coffee", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira_paints", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonas_lindqvist", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
