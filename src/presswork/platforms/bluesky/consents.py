"""What the owner of an account allows with each permission, in plain words.

Source: atproto.com, "OAuth" (authorization scopes), read 2026-11.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from presswork.core.texts import translatable
from presswork.platforms.bluesky.client import SCOPES

_IDENTITY, _WRITE = SCOPES

CONSENTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        _IDENTITY: translatable("See which Bluesky account is yours, and its profile."),
        _WRITE: translatable(
            "Publish pictures, videos and replies on your Bluesky account. Bluesky's page also lists what else this permission "
            "covers, which this service does not use."
        ),
    }
)

NO_ACCOUNT: Final = translatable("Begin the login again with an active Bluesky account.")
"""Advice for a login that gives access to no account."""
