"""What the owner of a channel allows with each permission, in plain words.

Source: Google, "OAuth 2.0 Scopes for Google APIs", read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.youtube.scopes import MANAGE, READ, UPLOAD

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        UPLOAD: translatable("Upload videos to your YouTube channel."),
        MANAGE: translatable(
            "See your YouTube channel, change who can see its videos, and write comments. Google calls this managing your videos, "
            "ratings, comments and captions."
        ),
        READ: translatable("See your YouTube channel."),
    }
)

NO_ACCOUNT: Final = translatable(
    "Create a channel at youtube.com, begin the login again, and choose the channel on Google's page."
)
"""Advice for a login that gives access to no account."""
