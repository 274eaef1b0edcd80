"""What the owner of an account allows with each permission, in plain words.

Source: TikTok, "Scopes Reference", read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.tiktok.login import BASIC, PROFILE, PUBLISH, UPLOAD

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        BASIC: translatable("See the name and the picture of your TikTok account."),
        PROFILE: translatable("See the profile of your TikTok account."),
        PUBLISH: translatable("Publish videos and pictures on your TikTok account."),
        UPLOAD: translatable("Send drafts to your TikTok inbox, which you finish and post yourself."),
    }
)

NO_ACCOUNT: Final = translatable("Begin the login again with a TikTok account that may publish videos.")
"""Advice for a login that gives access to no account."""
