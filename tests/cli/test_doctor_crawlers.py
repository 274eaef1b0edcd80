"""`presswork doctor` looks at media through the public URL as platforms do, and reports a proxy that refuses them."""

import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from tests.cli.program import CommandProcess, Presswork, Up
from tests.cli.reverse_proxy import Rule, reverse_proxy

CRAWLERS = ("facebookexternalhit", "meta-externalfetcher", "TikTokSpider", "Bytespider", "Pinterestbot")


@pytest.fixture
def installed(command_process: CommandProcess, up: Up, tmp_path: Any) -> Presswork:
    """The command on the machine of the running installation."""
    return Presswork(command_process, up.data_dir, tmp_path / "cwd", {})


def media_checks(installed: Presswork, up: Up, rule: Rule) -> Mapping[str, dict[str, str]]:
    """Run `doctor` with a proxy in front of the API; return its checks about crawlers by name."""
    with reverse_proxy(up.url, rule) as url:
        done = installed.run("doctor", "--json", public_url=url, sandbox="true")
    checks = [check for check in json.loads(done.stdout)["checks"] if check["name"].startswith(("media for", "robots"))]
    return {check["name"]: check for check in checks}


def test_a_proxy_that_forwards_everything_passes(installed: Presswork, up: Up) -> None:
    """Every crawler gets the picture: one check says so and names them."""
    (check,) = media_checks(installed, up, lambda _agent, _path: None).values()
    assert (check["name"], check["status"]) == ("media for crawlers", "ok")
    assert all(name in check["message"] for name in CRAWLERS)


def test_a_proxy_that_refuses_metas_crawler_fails(installed: Presswork, up: Up) -> None:
    """A proxy that answers 403 to facebookexternalhit alone fails the check, with the status and what to change."""
    checks = media_checks(installed, up, lambda agent, _path: (403, b"no") if "facebookexternalhit" in agent else None)
    assert {name: check["status"] for name, check in checks.items()} == {"media for facebookexternalhit": "fail"}
    check = checks["media for facebookexternalhit"]
    assert "answers 403 to facebookexternalhit, with which Meta fetches media" in check["message"]
    assert "Allow the user agent facebookexternalhit under /media/" in check["fix"]


def test_a_proxy_that_refuses_tiktoks_crawler_is_a_warning(installed: Presswork, up: Up) -> None:
    """TikTok does not document its crawler, so a refusal is a warning; a page instead of the picture counts as one."""
    checks = media_checks(installed, up, lambda agent, _path: (200, b"<html>") if "TikTokSpider" in agent else None)
    assert {name: check["status"] for name, check in checks.items()} == {"media for TikTokSpider": "warn"}
    assert "something else than the picture" in checks["media for TikTokSpider"]["message"]


def test_a_robots_txt_of_the_proxy_that_forbids_media_fails(installed: Presswork, up: Up) -> None:
    """A CDN's own robots.txt that forbids everything is reported for each crawler."""
    forbids = b"User-agent: *\nDisallow: /\n"
    checks = media_checks(installed, up, lambda _agent, path: (200, forbids) if path == "/robots.txt" else None)
    assert set(checks) == {f"robots.txt for {name}" for name in CRAWLERS}
    assert checks["robots.txt for facebookexternalhit"]["status"] == "fail"
    assert "forward /robots.txt to Presswork" in checks["robots.txt for facebookexternalhit"]["fix"]


WRONG_FOR_ALL: Final[Mapping[str, tuple[int, bytes]]] = {
    "redirects media URLs": (302, b""),
    "does not accept a URL that was signed here": (401, b""),
    "does not find media that was stored here": (404, b""),
    "changes media on the way": (200, b"smaller"),
    "answers 502": (502, b""),
}
"""What a proxy replies to a request for media, by a part of the message."""


def answering_media(reply: tuple[int, bytes]) -> Rule:
    """Return a rule that answers requests for media, and forwards all others."""
    return lambda _agent, path: reply if path.startswith("/media/") else None


@pytest.mark.exhaustive
def test_media_that_no_client_gets_is_one_failure(installed: Presswork, up: Up, subtests: pytest.Subtests) -> None:
    """What is wrong for every client is reported once, with its own remedy."""
    for words, reply in WRONG_FOR_ALL.items():
        with subtests.test(words=words):
            checks = media_checks(installed, up, answering_media(reply))
            (check,) = checks.values()
            assert (check["name"], check["status"]) == ("media for crawlers", "fail")
            assert words in check["message"]


def test_nothing_stays_in_the_media_store(installed: Presswork, up: Up) -> None:
    """The picture that the check stores is deleted."""
    media_checks(installed, up, lambda _agent, _path: None)
    assert list((up.data_dir / "media").glob("doctor/*")) == []
