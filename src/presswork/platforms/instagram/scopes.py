"""Permissions of Instagram Login. Source: Meta, "Business Login for Instagram", read 2026-11."""

from typing import Final

BASIC: Final = "instagram_business_basic"
PUBLISH: Final = "instagram_business_content_publish"
COMMENT: Final = "instagram_business_manage_comments"

REQUESTED: Final = (BASIC, PUBLISH, COMMENT)
"""What the authorize page asks for, in this order."""
