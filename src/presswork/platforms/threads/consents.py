"""What the owner of a Threads profile allows with each permission, in plain words.

Source: Meta, "Get Access Tokens and Permissions" (Threads API), read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.threads import scopes

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        scopes.BASIC: translatable("See your Threads profile: its name, its picture and what you have posted."),
        scopes.PUBLISH: translatable("Publish pictures, videos and carousels on your Threads profile."),
        scopes.MANAGE_REPLIES: translatable("Write replies below your posts, and hide those of others."),
        scopes.READ_REPLIES: translatable("Read the replies below your posts."),
        scopes.SHARE: translatable(
            "Share your Threads posts as stories of the Instagram account that is linked to it."
        ),
    }
)

NO_ACCOUNT: Final = translatable("Create a Threads profile in the Threads app, and begin the login again.")
"""Advice for a login that gives access to no account."""
