"""The settings of the SMS service."""

from pydantic import SecretStr

from presswork.core.setting_types import HttpUrl
from presswork.platforms.description import (
    PlatformSettings,
    host_url,
    unset,
)


class SmsSettings(PlatformSettings):
    """The settings of text messages in live projects."""

    sms_api_url: HttpUrl = host_url("https://api.twilio.com", "an SMS provider that implements Twilio's Messages API")
    sms_account_sid: str | None = unset("Account ID at the SMS provider (AC…), for live projects.")
    sms_auth_token: SecretStr | None = unset(
        "Auth token of that account; it also verifies the provider's status callbacks."
    )
    sms_from: str | None = unset("Sender of text messages: a phone number in E.164, or a messaging service (MG…).")
