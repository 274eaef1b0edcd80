"""What the owner of a Page allows with each permission, in plain words.

Source: Meta, "Permissions Reference", read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.facebook_pages import scopes

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        scopes.PAGES: translatable("See which Facebook Pages you manage, for you to choose from."),
        scopes.READ: translatable("Read your Page: its name, its picture and what it has posted."),
        scopes.PUBLISH: translatable("Publish pictures, videos and reels on your Page."),
        scopes.ENGAGE: translatable("Write comments below your Page's posts."),
        scopes.READ_CONTENT: translatable("Read the comments below your Page's posts."),
    }
)

NO_ACCOUNT: Final = translatable(
    "Ask for a role on the Page that lets you create content, begin the login again, and select the Page."
)
"""Advice for a login that gives access to no account."""
