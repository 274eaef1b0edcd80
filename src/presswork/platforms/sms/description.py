"""The settings of the SMS service."""

from pydantic import Field, SecretStr

from presswork.core.setting_types import HttpUrl
from presswork.platforms.description import PlatformSettings


class SmsSettings(PlatformSettings):
    """The settings of text messages in live projects."""

    sms_api_url: HttpUrl = Field(
        default="https://api.twilio.com",
        description="Base URL of an SMS provider that implements Twilio's Messages API.",
    )
    sms_account_sid: str | None = Field(
        default=None, description="Account ID at the SMS provider (AC…), for live projects."
    )
    sms_auth_token: SecretStr | None = Field(
        default=None, description="Auth token of that account; it also verifies the provider's status callbacks."
    )
    sms_from: str | None = Field(
        default=None, description="Sender of text messages: a phone number in E.164, or a messaging service (MG…)."
    )
