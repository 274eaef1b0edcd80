"""Permissions that the login requests.

Source: Google, "OAuth 2.0 Scopes for Google APIs" (YouTube Data API v3) and the authorization section of each method, read
2026-11.
"""

from typing import Final

_PREFIX: Final = "https://www.googleapis.com/auth/"
UPLOAD: Final = f"{_PREFIX}youtube.upload"
"""Uploads videos."""
MANAGE: Final = f"{_PREFIX}youtube.force-ssl"
"""Reads the channel, changes the visibility of videos, writes comments. There is no narrower permission for the last two."""
READ: Final = f"{_PREFIX}youtube.readonly"
"""Reads the channel. Contained in `MANAGE`, so it is not requested; a grant that has it alone can still be shown."""

REQUESTED: Final = (UPLOAD, MANAGE)
PUBLISH: Final = frozenset({UPLOAD, MANAGE})
COMMENT: Final = frozenset({MANAGE})
