"""Builds LinkedIn from the settings, in each environment."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from presswork.platforms.linkedin.api import Api, Endpoints, headers_of
from presswork.platforms.linkedin.comment_webhooks import LinkedInCommentReader
from presswork.platforms.linkedin.connector import LinkedInConnector
from presswork.platforms.linkedin.description import (
    DESCRIPTION,
    OF_MEMBERS,
    OF_PAGES,
    OF_SANDBOX,
    READ_LIMIT,
    LinkedInSettings,
)
from presswork.platforms.linkedin.login import LinkedInLogin
from presswork.platforms.linkedin.rules import BOUNDS, RULES, Quota, check_comment
from presswork.platforms.plugin import Opening, Plugin, named_scopes
from presswork.platforms.port import AppCredentials, Platform, RetryPolicy
from presswork.platforms.transport import Transport
from presswork.platforms.webhook_signature import Secrets


def linkedin(
    *,
    endpoints: Endpoints,
    app: AppCredentials,
    retry_policy: RetryPolicy,
    transport: Transport,
    version: str,
    permissions: Sequence[str],
    webhook_secrets: Secrets | None = None,
    quota: Quota = Quota(),  # noqa: B008  frozen, so one instance can serve all calls
) -> Platform:
    """Return LinkedIn for one environment, called by a version like 202609. The caller closes the transport.

    `webhook_secrets` returns what signs webhooks, if that is not the app's secret.
    """
    api = Api(endpoints, transport, retry_policy, headers=headers_of(version))
    platform = Platform(
        **DESCRIPTION.capabilities,
        connector=LinkedInConnector(api, quota),
        login=LinkedInLogin(api, app, permissions=permissions),
        retry_policy=retry_policy,
        check_comment=check_comment,
        bounds=BOUNDS,
        comment_webhook_reader=LinkedInCommentReader(webhook_secrets or (lambda: (app.client_secret,))),
    )
    return replace(platform, read_limit=replace(READ_LIMIT, calls=quota.of_member))


def build(opening: Opening[LinkedInSettings]) -> Platform:
    """Return LinkedIn for one environment. Links to posts have the real platform's form in each."""
    settings, is_live = opening.settings, opening.is_live
    limits = Quota(of_member=settings.linkedin_member_calls_a_day, of_app=settings.linkedin_app_calls_a_day)
    return linkedin(
        endpoints=Endpoints(**opening.hosts),
        app=opening.app,
        retry_policy=opening.retry_policy,
        transport=opening.transport,
        version=settings.linkedin_version,
        permissions=_permissions(opening) if is_live else opening.with_insights_scopes(DESCRIPTION, OF_SANDBOX),
        webhook_secrets=opening.app_secrets,
        quota=limits if is_live else Quota(),
    )


def _permissions(opening: Opening[LinkedInSettings]) -> Sequence[str]:
    """Return what live logins ask for: what the products of the operator's app have, unless the setting names it.

    Those that only numbers of members need belong to the product for pages.
    """
    settings = opening.settings
    if named := named_scopes(settings.linkedin_scopes):
        return named
    return opening.with_insights_scopes(DESCRIPTION, OF_PAGES) if settings.linkedin_pages else OF_MEMBERS


PLUGIN: Final = Plugin(DESCRIPTION, build, RULES)
