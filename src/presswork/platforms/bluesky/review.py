"""What Bluesky asks of an app: nothing but the documents that Presswork serves itself.

Source: atproto.com, "OAuth" (client ID metadata document), read 2026-11.
"""

from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.app_review import AppReview
from presswork.platforms.bluesky.client import SCOPES

_IDENTITY, _WRITE = SCOPES

REVIEW: Final = AppReview(
    title=translatable("Bluesky"),
    portal="https://docs.bsky.app",
    fields=(),
    scopes={
        _IDENTITY: "Shows which account was connected, with its handle and picture.",
        _WRITE: "Uploads pictures and videos, and writes posts and first comments as the account.",
    },
    requirements=(
        (
            "Bluesky reviews no apps: the login works as soon as its servers can read the addresses below /oauth/bluesky/ of "
            "the service, over HTTPS and without a login."
        ),
    ),
    demo=(),
    removal=translatable(
        "Bluesky: in the app, open Settings, Privacy and security, then the list of apps with access to your account, and remove "
        "this service."
    ),
)
