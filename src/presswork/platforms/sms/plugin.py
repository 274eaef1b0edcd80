"""Sets up text messages from the settings, in each environment."""

from typing import Final

from pydantic import SecretStr

from presswork.core.errors import Unavailable
from presswork.platforms.retry_policy import RetryPolicy
from presswork.platforms.sandbox_access import SandboxAccess
from presswork.platforms.sms.description import SmsSettings
from presswork.platforms.sms.messages import SenderAccess, TwilioGateway
from presswork.platforms.sms_port import SmsGateway
from presswork.platforms.transport import Transport

SANDBOX_ACCOUNT: Final = "AC00000000000000000000000000000000"
SANDBOX_SENDER: Final = "+15005550006"


def open_test(retry_policy: RetryPolicy, *, sandbox: SandboxAccess, transport: Transport) -> SmsGateway:
    """Return the sandbox's SMS service. It accepts any account, and signs status callbacks with the token that it was sent."""
    access = SenderAccess(
        api_url=f"{sandbox.url}/api.twilio.com",
        account_sid=SANDBOX_ACCOUNT,
        auth_token=sandbox.tokens.app_secrets("sms")[0],
        sender=SANDBOX_SENDER,
    )
    return TwilioGateway(access, transport=transport, retry_policy=retry_policy)


def open_live(settings: SmsSettings, retry_policy: RetryPolicy, *, transport: Transport) -> SmsGateway:
    """Return the real SMS service. Raises Unavailable naming the setting that is missing."""
    access = SenderAccess(
        api_url=settings.sms_api_url.rstrip("/"),
        account_sid=_require_setting(settings.sms_account_sid, "PRESSWORK_SMS_ACCOUNT_SID"),
        auth_token=_require_setting(settings.sms_auth_token, "PRESSWORK_SMS_AUTH_TOKEN"),
        sender=_require_setting(settings.sms_from, "PRESSWORK_SMS_FROM"),
    )
    _require_setting(settings.public_url, "PRESSWORK_PUBLIC_URL")
    return TwilioGateway(access, transport=transport, retry_policy=retry_policy)


def _require_setting(value: str | SecretStr | None, setting: str) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not text:
        raise Unavailable(
            f"Text messages of live projects need {setting}. Set it and restart; the guide to drafts by text says where "
            "to get it. Test projects work without.",
            setting=setting,
        )
    return text
