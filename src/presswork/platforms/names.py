"""The names of platforms and of their logins, as in the API and the database."""

from enum import StrEnum


class PlatformName(StrEnum):
    """Platforms, by their names in the API."""

    INSTAGRAM = "instagram"
    TIKTOK = "tiktok"
    THREADS = "threads"
    FACEBOOK = "facebook"  # Pages
    YOUTUBE = "youtube"
    LINKEDIN = "linkedin"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    X = "x"
    TELEGRAM = "telegram"
    PINTEREST = "pinterest"


class LoginName(StrEnum):
    """Logins that connect accounts. Each belongs to one platform."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"  # Instagram accounts through a Facebook Page
    TIKTOK = "tiktok"
    THREADS = "threads"
    FACEBOOK_PAGES = "facebook_pages"
    YOUTUBE = "youtube"
    LINKEDIN = "linkedin"
    BLUESKY = "bluesky"
    MASTODON = "mastodon"
    X = "x"
    TELEGRAM = "telegram"
    PINTEREST = "pinterest"
