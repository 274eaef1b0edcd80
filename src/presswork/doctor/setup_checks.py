"""Which findings of the checks are about which step of setting up a platform. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from presswork.doctor.checks.crawlers import ALL_CRAWLERS, names_of
from presswork.doctor.checks.platforms import access_name
from presswork.doctor.checks.registered_urls import REDIRECT_URI, webhook_name
from presswork.doctor.checks.review import LEGAL_PAGES, USER_REQUESTS
from presswork.doctor.checks.service import PUBLIC_URL
from presswork.doctor.model import Finding, SetupCheck, SetupStep, ok
from presswork.platforms.description import PortalUrl
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import crawlers, review_of

_FOR_ALL: Final[Mapping[str, SetupStep]] = {
    PUBLIC_URL: SetupStep.PUBLIC_URL,
    REDIRECT_URI: SetupStep.REDIRECT_URI,
    ALL_CRAWLERS: SetupStep.MEDIA,
    LEGAL_PAGES: SetupStep.LEGAL_PAGES,
}


def setup_checks(login: LoginName, platform: PlatformName, findings: Sequence[Finding]) -> Sequence[SetupCheck]:
    """Return the findings about a login of a platform, in the order of the steps."""
    own = {
        webhook_name(platform): SetupStep.WEBHOOK,
        access_name(login): SetupStep.ACCESS,
        **dict.fromkeys(_crawler_names([platform]), SetupStep.MEDIA),
    }
    if any(field.url is PortalUrl.DATA_DELETION for field in review_of(login).fields):
        own[USER_REQUESTS] = SetupStep.USER_REQUESTS
    found = [*_pair_with_steps(findings, {**_FOR_ALL, **own})]
    everyone = set(_crawler_names(PlatformName))
    if all(one.step is not SetupStep.MEDIA for one in found) and any(one.name in everyone for one in findings):
        # Only other platforms' crawlers are refused.
        served = ", ".join(crawler.name for crawler in crawlers()[platform])
        found.append(SetupCheck(step=SetupStep.MEDIA, finding=ok(ALL_CRAWLERS, f"{served} can fetch media")))
    order = list(SetupStep)
    return sorted(found, key=lambda one: order.index(one.step))


def _pair_with_steps(findings: Sequence[Finding], steps: Mapping[str, SetupStep]) -> Iterator[SetupCheck]:
    for one in findings:
        if one.name in steps:
            yield SetupCheck(step=steps[one.name], finding=one)


def _crawler_names(platforms: Iterable[PlatformName]) -> Iterator[str]:
    for platform in platforms:
        for crawler in crawlers()[platform]:
            yield from names_of(crawler)
