"""What a target asks for beyond the content, as connectors take it."""

from presswork.platforms.port import PostOptions, TikTokSettings
from presswork.posts.schemas import TikTokMusic, TikTokPostSettings


def options_of(
    settings: TikTokPostSettings | None, music: TikTokMusic | None, *, share_reel_to_feed: bool | None
) -> PostOptions:
    """Return the options of a target; what it left out is left to the platform's default."""
    asked = settings or TikTokPostSettings()
    return PostOptions(
        tiktok=TikTokSettings(
            privacy_level=asked.privacy_level,
            disable_comment=asked.disable_comment,
            disable_duet=asked.disable_duet,
            disable_stitch=asked.disable_stitch,
            is_brand_organic=asked.is_brand_organic,
            is_branded_content=asked.is_branded_content,
        ),
        music_mode=None if music is None else music.mode,
        share_reel_to_feed=share_reel_to_feed,
    )
