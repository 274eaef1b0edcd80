"""What is fixed about Bluesky: hosts, operations, kinds of posts, ids."""

from typing import Final

from presswork_sandbox.bluesky.identifiers import did_of
from presswork_sandbox.bluesky.metrics import METRICS
from presswork_sandbox.platform_facts import PlatformFacts, SampleAccount, SettingKind

ENTRYWAY: Final = "bsky.social"
"""Where people sign in: it forwards calls to the account's server, and is the OAuth server."""
PDS: Final = "morel.us-east.host.bsky.network"
"""The account server of all accounts here."""
VIDEO: Final = "video.bsky.app"
DIRECTORY: Final = "plc.directory"
APPVIEW: Final = "public.api.bsky.app"


def _ids_of(_number: int, secret: str) -> tuple[str, str]:
    did = did_of(secret)
    return did, did


FACTS: Final = PlatformFacts(
    name="bluesky",
    brand="Bluesky",
    hosts=frozenset({ENTRYWAY, PDS, VIDEO, DIRECTORY, APPVIEW}),
    authorize_paths=r"bsky\.social/oauth/authorize",
    operations=(
        "server_metadata",
        "par",
        "token",
        "refresh",
        "revoke",
        "create_session",
        "delete_session",
        "get_session",
        "describe_server",
        "resolve_handle",
        "did_document",
        "get_service_auth",
        "upload_blob",
        "upload_video",
        "job_status",
        "upload_limits",
        "video_start_upload",
        "video_upload_part",
        "video_upload_status",
        "video_finish_upload",
        "video_abort_upload",
        "create_record",
        "put_record",
        "get_record",
        "delete_record",
        "list_records",
        "apply_writes",
        "get_posts",
        "get_post_thread",
        "get_profile",
        "list_notifications",
    ),
    job_operations=frozenset({"upload_video", "video_finish_upload", "job_status"}),
    has_numeric_codes=False,
    kinds={"bluesky_post": "Post", "text": "Text", "link": "Link"},
    kind_of_media={"image": "bluesky_post", "video": "bluesky_post", "multi": "bluesky_post", "text": "text"},
    ids_of=_ids_of,
    glyph='<path d="M12 11C10.8 8.7 7.6 4.6 4.8 4.4c-1.9-.1-1.5 4.4-1 6.2.6 2.2 2.7 2.7 4.8 2.4-3.4.5-4.2 2.3-2.4 4.2'
    " 3 3.1 4.9-.4 5.8-2.6.9 2.2 2.8 5.7 5.8 2.6 1.8-1.9 1-3.7-2.4-4.2 2.1.3 4.2-.2 4.8-2.4.5-1.8.9-6.3-1-6.2"
    'C16.4 4.6 13.2 8.7 12 11z"/>',
    handle_prefix="@",
    privacy_names={"PUBLIC_TO_EVERYONE": ""},
    settings={
        "accountStatus": SettingKind.TEXT,
        "appPassword": SettingKind.TEXT,
        "dailyVideos": SettingKind.COUNT,
        "emptyCommentPage": SettingKind.FLAG,
        "emailAuthFactor": SettingKind.FLAG,
        "emailConfirmed": SettingKind.FLAG,
    },
    metrics=METRICS,
    samples=(
        SampleAccount(handle="fernhill.bsky.social", tier="business", display_name="Fernhill Coffee"),
        SampleAccount(handle="mira.bsky.social", tier="creator", display_name="Mira Okafor"),
        SampleAccount(handle="jonas.bsky.social", tier="personal", display_name="Jonas Lindqvist"),
    ),
)
