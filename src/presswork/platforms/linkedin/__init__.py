"""LinkedIn, by its Posts API: posts of members and of pages."""

from collections.abc import Sequence

from presswork.platforms.linkedin.api import Api, headers_of
from presswork.platforms.linkedin.connector import LinkedInConnector
from presswork.platforms.linkedin.endpoints import Endpoints
from presswork.platforms.linkedin.login import LinkedInLogin
from presswork.platforms.linkedin.media_rules import BOUNDS, check_comment
from presswork.platforms.linkedin.quota import Quota
from presswork.platforms.linkedin.scopes import COMMENT, PUBLISH
from presswork.platforms.port import AppCredentials, LoginName, Mode, Platform, PlatformName, RetryPolicy
from presswork.platforms.transport import Transport

__all__ = ["Endpoints", "Quota", "linkedin"]


def linkedin(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    version: str,
    permissions: Sequence[str],
    quota: Quota = Quota(),  # noqa: B008  frozen, so one instance can serve all calls
) -> Platform:
    """Return LinkedIn for one environment, called by a version like 202609. The caller closes the transport."""
    api = Api(endpoints, transport, retry_policy, headers=headers_of(version))
    return Platform(
        name=PlatformName.LINKEDIN,
        login_name=LoginName.LINKEDIN,
        connector=LinkedInConnector(api, transport, retry_policy, quota),
        login=LinkedInLogin(api, app, permissions=permissions),
        retry_policy=retry_policy,
        required_scopes={Mode.PUBLISH: PUBLISH},
        comment_scopes=COMMENT,
        check_comment=check_comment,
        bounds=BOUNDS,
        drafts_by_text=True,
    )
