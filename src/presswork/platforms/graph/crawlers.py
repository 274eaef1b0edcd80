"""The programs with which Meta fetches media, for all its platforms. Source: Meta, "Meta Web Crawlers", read 2026-11."""

from typing import Final

from presswork.platforms.plugin import Crawler

META_CRAWLERS: Final = (
    Crawler(
        name="facebookexternalhit",
        user_agent="facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        platform="Meta",
        is_documented=True,
    ),
    Crawler(
        name="meta-externalfetcher",
        user_agent="meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        platform="Meta",
        is_documented=False,
    ),
)
