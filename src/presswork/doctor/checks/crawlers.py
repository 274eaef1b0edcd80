"""Check that platforms can fetch media: a signed URL is fetched through the public URL as their crawlers do."""

import base64
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final
from urllib.robotparser import RobotFileParser

import httpx2

from presswork.core.clock import SystemClock
from presswork.core.errors import PressworkError
from presswork.crypto.keyring import find_keyring
from presswork.doctor.checks.http import get
from presswork.doctor.model import CheckStatus, Finding, fail, ok
from presswork.media.links import MediaLinks
from presswork.media.store import MediaStore
from presswork.platforms.description import Crawler
from presswork.platforms.registry import crawlers
from presswork.platforms.settings import Settings

_LIFETIME: Final = timedelta(minutes=5)
ALL_CRAWLERS: Final = "media for crawlers"
_PICTURE: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////"
    "wAALCAAQABABAREA/8QAFQABAQAAAAAAAAAAAAAAAAAAAAL/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/9oACAEBAAA/AKAf/9k="
)
"""A grey JPEG of 16 by 16 pixels."""


def names_of(crawler: Crawler) -> tuple[str, str]:
    """Return the names of the findings about one crawler: what it is answered, and what robots.txt allows it."""
    return f"media for {crawler.name}", f"robots.txt for {crawler.name}"


async def media_for_crawlers(settings: Settings) -> list[Finding]:
    """Fetch a stored picture and robots.txt as each platform's crawler.

    Nothing is reported while there is no public URL, key or media store, or nothing answers at that URL: other checks do.
    """
    place = settings.public_url
    if not place or await get(f"{place.rstrip('/')}/healthz") is None:
        return []
    try:
        async with _signed_url(settings, place) as url:
            return [] if url is None else await _check_crawlers(place.rstrip("/"), url)
    except (PressworkError, OSError):
        return []  # the checks of the keys and of the media store report it


@asynccontextmanager
async def _signed_url(settings: Settings, place: str) -> AsyncIterator[str | None]:
    """Yield the URL of a picture that is stored meanwhile; None if nothing was stored here before."""
    keyring = find_keyring(settings)
    folder = settings.data_dir / "media"
    if keyring is None or (settings.media_store is None and not folder.exists()):
        yield None
        return
    store, key = MediaStore.open(settings.media_store or folder), f"doctor/{secrets.token_hex(8)}"
    await store.put_bytes(key, _PICTURE, "image/jpeg")
    try:
        links = MediaLinks(place, keyring, _LIFETIME)
        yield links.url_for(key, "image/jpeg", expires_at=SystemClock().now() + _LIFETIME)
    finally:
        await store.delete(key)


async def _check_crawlers(place: str, url: str) -> list[Finding]:
    if unserved := _problem(await _fetch(url, "presswork-doctor"), place):
        return [fail(ALL_CRAWLERS, *unserved)]
    robots = await get(f"{place}/robots.txt")
    rules = _rules(robots)
    known = {crawler.name: crawler for found in crawlers().values() for crawler in found}
    findings = [
        finding
        for crawler in known.values()
        for finding in _refusals(place, url, crawler, await _fetch(url, crawler.user_agent), rules)
    ]
    if not findings:
        return [ok(ALL_CRAWLERS, f"{place} serves media to {', '.join(known)}")]
    return findings


async def _fetch(url: str, user_agent: str) -> httpx2.Response | None:
    """Fetch media as platforms do: without following redirects."""
    return await get(url, {"User-Agent": user_agent}, follow_redirects=False)


def _problem(response: httpx2.Response | None, place: str) -> tuple[str, str] | None:
    """Return what is wrong for every client, and what to do about it."""
    if response is None:
        return f"{place} does not answer under /media/.", "Check that the proxy forwards /media/ to the API."
    if response.status_code == httpx2.codes.UNAUTHORIZED:
        return (
            f"{place} does not accept a URL that was signed here.",
            "Give every machine the same PRESSWORK_SECRET_KEYS, and let the proxy forward the path and the query unchanged.",
        )
    if response.status_code == httpx2.codes.NOT_FOUND:
        return (
            f"{place} does not find media that was stored here.",
            "Give every machine the same PRESSWORK_MEDIA_STORE, and let the proxy forward /media/ to the API.",
        )
    if response.is_redirect:
        return (
            f"{place} redirects media URLs to {response.headers.get('location', 'another URL')[:200]}; platforms don't follow.",
            "Set PRESSWORK_PUBLIC_URL to the URL that serves without a redirect.",
        )
    if response.status_code != httpx2.codes.OK:
        return f"{place} answers {response.status_code} to media URLs.", "Check the proxy and the API's log."
    if response.content != _PICTURE:
        return (
            f"{place} changes media on the way.",
            "Turn off image optimization, compression and bot challenges for /media/ in the proxy.",
        )
    return None


def _rules(robots: httpx2.Response | None) -> RobotFileParser | None:
    """Return the rules for crawlers, or None if there are none, so everything is allowed."""
    if robots is None or httpx2.codes.is_server_error(robots.status_code):
        return None
    rules = RobotFileParser()
    if robots.status_code in {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}:
        rules.parse(["User-agent: *", "Disallow: /"])  # some crawlers conclude this; RFC 9309 allows both
    elif robots.status_code == httpx2.codes.OK:
        rules.parse(robots.text.splitlines())
    else:
        return None
    return rules


def _refusals(
    place: str, url: str, crawler: Crawler, response: httpx2.Response | None, rules: RobotFileParser | None
) -> Iterator[Finding]:
    name, name_of_rules = names_of(crawler)
    status = CheckStatus.FAIL if crawler.is_documented else CheckStatus.WARN
    if response is None or response.status_code != httpx2.codes.OK or response.content != _PICTURE:
        found = "does not answer" if response is None else f"answers {response.status_code}"
        if response is not None and response.status_code == httpx2.codes.OK:
            found = "answers with something else than the picture"
        yield Finding(
            name=name,
            status=status,
            message=f"{place} {found} to {crawler.name}, with which {crawler.platform} fetches media; other clients get it.",
            fix=f"Allow the user agent {crawler.name} under /media/ in the proxy, CDN or firewall: look for rules against bots.",
        )
    if rules is not None and not rules.can_fetch(crawler.name, url):
        yield Finding(
            name=name_of_rules,
            status=status,
            message=f"{place}/robots.txt forbids {crawler.name}, with which {crawler.platform} fetches media, to fetch /media/.",
            fix="Let the proxy forward /robots.txt to Presswork, whose own allows it, or allow /media/ there.",
        )
