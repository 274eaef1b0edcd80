"""Permissions of Threads.

Source: Meta, "Get Access Tokens and Permissions" and "Share posts to Instagram Stories" (Threads API), read 2026-11.
"""

from typing import Final

BASIC: Final = "threads_basic"
PUBLISH: Final = "threads_content_publish"
MANAGE_REPLIES: Final = "threads_manage_replies"
READ_REPLIES: Final = "threads_read_replies"
SHARE: Final = "threads_share_to_instagram"
"""Requested only where the settings name it: each permission is one more that Meta reviews."""

TO_PUBLISH: Final = frozenset({BASIC, PUBLISH})
TO_COMMENT: Final = frozenset({MANAGE_REPLIES, READ_REPLIES})
"""A first comment is a reply; reading replies is needed to look for it after a lost answer."""
REQUESTED: Final = (BASIC, PUBLISH, MANAGE_REPLIES, READ_REPLIES)
"""What the authorize page requests, in this order."""
