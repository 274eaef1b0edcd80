"""The settings of an installation: those of the core, and those that each platform's description declares."""

from presswork.core.logging import hide_forms
from presswork.core.setting_values import CoreSettingValues
from presswork.core.settings import CoreSettings
from presswork.platforms.bluesky import description as bluesky
from presswork.platforms.graph import description as graph
from presswork.platforms.instagram import description as instagram
from presswork.platforms.linkedin import description as linkedin
from presswork.platforms.mastodon import description as mastodon
from presswork.platforms.pinterest import description as pinterest
from presswork.platforms.sms import description as sms
from presswork.platforms.telegram import description as telegram
from presswork.platforms.threads import description as threads
from presswork.platforms.tiktok import description as tiktok
from presswork.platforms.x import description as x
from presswork.platforms.youtube import description as youtube


class SettingValues(
    CoreSettingValues,
    # From the last to the first, as they are listed.
    sms.SmsSettings,
    pinterest.PinterestSettings,
    telegram.TelegramSettings,
    x.XSettings,
    mastodon.MastodonSettings,
    bluesky.BlueskySettings,
    linkedin.LinkedInSettings,
    youtube.YouTubeSettings,
    threads.ThreadsSettings,
    tiktok.TikTokSettings,
    graph.FacebookSettings,
    instagram.InstagramSettings,
):
    """The settings with their types and bounds, before they are checked against each other."""


class Settings(CoreSettings, SettingValues):
    """The configuration of one process, with all that platforms need. Read once at its start and passed on."""


# With the import, so that no process that has tokens of platforms can forget it.
hide_forms(
    (
        *tiktok.SECRETS,
        *graph.SECRETS,
        *linkedin.SECRETS,
        *youtube.SECRETS,
        *bluesky.SECRETS,
        *telegram.SECRETS,
        *pinterest.SECRETS,
    )
)
