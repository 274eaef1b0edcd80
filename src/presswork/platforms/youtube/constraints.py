"""What a channel may upload now, for preflight."""

from presswork.platforms.errors import CredentialInvalid, FailureCode, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.port import Credentials, TargetAccount, Validator
from presswork.platforms.youtube.api import Api
from presswork.platforms.youtube.media_rules import check_unverified
from presswork.platforms.youtube.videos import CHANNEL, channel_of

_ALLOWED = "allowed"


async def fetch_validator(api: Api, account: TargetAccount, credentials: Credentials) -> Validator:
    """Fetch whether the channel may upload videos of more than 15 minutes, and return a validator.

    Raises Rejected and CredentialInvalid only where the account may publish nothing; errors that do not concern publishing are
    TryLater.
    """
    try:
        channel = await channel_of(api, account, credentials, now=None)
    except CredentialInvalid:
        raise
    except Rejected as error:
        if error.failure in {FailureCode.ACCOUNT_NOT_ELIGIBLE, FailureCode.CREDENTIAL_INVALID}:
            raise
        raise TryLater(f"YouTube did not report what the channel may upload: {error.what}", step=CHANNEL) from error
    longest = text_of(part_of(channel, "status").get("longUploadsStatus"))
    return check_unverified if longest not in (None, _ALLOWED) else (lambda _draft: Findings())
