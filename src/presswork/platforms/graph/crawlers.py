"""The programs with which Meta fetches media. Source: Meta, "Meta Web Crawlers", read 2026-11."""

from collections.abc import Sequence

from presswork.platforms.plugin import Crawler


def meta_crawlers(platform: str) -> Sequence[Crawler]:
    """Return them, as the crawlers of one platform."""
    return (
        Crawler(
            name="facebookexternalhit",
            user_agent="facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            platform=platform,
            is_documented=True,
        ),
        Crawler(
            name="meta-externalfetcher",
            user_agent="meta-externalfetcher/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
            platform=platform,
            is_documented=False,
        ),
    )
