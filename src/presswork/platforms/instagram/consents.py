"""What the owner of an account allows with each permission, in plain words.

Source: Meta, "Permissions Reference", read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.instagram import scopes

_PROFILE: Final = translatable(
    "See the profile of your Instagram account: its name, its picture and what you have posted."
)
_PUBLISH: Final = translatable("Publish pictures, reels and carousels on your Instagram account.")
_COMMENT: Final = translatable("Write comments below your posts, and read and remove those of others.")

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        scopes.BASIC: _PROFILE,
        scopes.PUBLISH: _PUBLISH,
        scopes.COMMENT: _COMMENT,
        scopes.FACEBOOK_BASIC: _PROFILE,
        scopes.FACEBOOK_PUBLISH: _PUBLISH,
        scopes.FACEBOOK_COMMENT: _COMMENT,
        scopes.PAGES: translatable(
            "See which Facebook Pages you manage, to find the Instagram account that belongs to one."
        ),
        scopes.PAGES_READ: translatable("Read the Facebook Page that your Instagram account is linked to."),
    }
)

NO_ACCOUNT: Final = translatable(
    "Link an Instagram professional account to your Facebook Page, begin the login again, and select both."
)
"""Advice for a login that gives access to no account."""
