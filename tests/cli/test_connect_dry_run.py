"""`presswork connect --env live --dry-run` shows a live login and checks it; the sandbox stands in for the live platform."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.cli.person import Person
from tests.cli.program import CommandProcess, Done, Presswork, Up


@pytest.fixture
def server(command_process: CommandProcess, up: Up, tmp_path: Path) -> Presswork:
    """The command on the machine of the running installation, with live credentials of every platform."""
    sandbox = f"{up.url}/sandbox"
    settings = {
        "public_url": up.url,
        "tiktok_client_key": "the-key",
        "tiktok_client_secret": "s",
        "tiktok_api_url": f"{sandbox}/open.tiktokapis.com",
        "tiktok_www_url": f"{sandbox}/www.tiktok.com",
        "instagram_client_id": "5678",
        "instagram_client_secret": "s",
        "instagram_www_url": f"{sandbox}/www.instagram.com",
    }
    return Presswork(command_process, up.data_dir, tmp_path / "cwd", settings)


def dry_run(server: Presswork, *arguments: str, **settings: str) -> Done:
    """Run the command."""
    return server.run("connect", "--env", "live", "--dry-run", *arguments, **settings)


def checks(done: Done) -> Mapping[str, dict[str, Any]]:
    """Return the checks of a run with --json, by name."""
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_it_prints_the_exact_authorize_url_and_the_redirect_uri(server: Presswork, up: Up) -> None:
    """The URL is TikTok's with every parameter, and the redirect URI is the one to register."""
    done = dry_run(server, "--platform", "tiktok", "--json")
    document = json.loads(done.stdout)
    assert document["redirectUri"] == f"{up.url}/oauth/callback/c"
    url = urlsplit(document["authorizeUrl"])
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert url.path == "/sandbox/www.tiktok.com/v2/auth/authorize/"
    assert len(query.pop("code_challenge")) == 64
    assert query.pop("state").startswith("st_")
    assert query == {
        "client_key": "the-key",
        "scope": "user.info.basic,video.publish,video.upload",
        "response_type": "code",
        "redirect_uri": f"{up.url}/oauth/callback/c",
        "code_challenge_method": "S256",
    }


def test_each_part_is_checked(server: Presswork) -> None:
    """Presswork answers at the redirect URI and TikTok accepts the app; an address that is not https fails."""
    done = dry_run(server, "--platform", "tiktok", "--json")
    found = checks(done)
    assert done.status == 1
    assert {name for name, check in found.items() if check["status"] == "fail"} == {"form of the redirect URI"}
    assert "is not https" in found["form of the redirect URI"]["message"]
    assert found["redirect URI is served"]["message"] == "Presswork answers there"
    assert "accepts" in found["tiktok app"]["message"]
    assert "video.upload" in found["scopes"]["message"]
    assert found["PKCE"]["message"].startswith("S256")


def test_a_public_url_that_does_not_lead_to_presswork_fails(server: Presswork) -> None:
    """The form of the redirect URI is right, but nothing answers there."""
    found = checks(dry_run(server, "--platform", "tiktok", "--json", public_url="https://presswork.invalid"))
    assert found["form of the redirect URI"]["status"] == "ok"
    assert (found["redirect URI is served"]["status"], found["redirect URI is served"]["message"]) == (
        "fail",
        "Nothing answers there.",
    )


def test_people_see_both_addresses_and_the_checks(server: Presswork, up: Up) -> None:
    """Without --json the addresses are whole lines, and each check is one with its remedy."""
    done = dry_run(server, "--platform", "instagram", public_url="https://presswork.invalid")
    lines = done.stdout.splitlines()
    assert "https://presswork.invalid/oauth/callback/a" in lines
    assert any(line.startswith(f"{up.url}/sandbox/www.instagram.com/oauth/authorize?client_id=5678&") for line in lines)
    assert "      → Start Presswork, and let the proxy forward /oauth/callback/ with its query unchanged." in lines
    assert not any(line.startswith("ok    PKCE") for line in lines)


REFUSED: Final[Mapping[str, tuple[list[str], dict[str, str]]]] = {
    "PRESSWORK_TIKTOK_CLIENT_KEY": (["--platform", "tiktok"], {"tiktok_client_key": ""}),
    "PRESSWORK_PUBLIC_URL": (["--platform", "tiktok"], {"public_url": ""}),
    "PRESSWORK_FACEBOOK_CLIENT_ID": (["--platform", "instagram", "--login", "facebook"], {}),
    "There is no platform myspace": (["--platform", "myspace"], {}),
    "Pass --platform": ([], {}),
}
"""Arguments and settings, by a part of the message."""


def test_a_login_that_can_not_begin_is_one_sentence(server: Presswork, subtests: pytest.Subtests) -> None:
    """A missing setting or an unknown name ends with status 1 and says what to do."""
    for words, (arguments, settings) in REFUSED.items():
        with subtests.test(words=words):
            done = dry_run(server, *arguments, **settings)
            assert (done.status, done.stdout) == (1, "")
            assert words in done.stderr


def test_a_dry_run_is_for_live_logins(server: Presswork) -> None:
    """Without --env live there is nothing to check."""
    done = server.run("connect", "--platform", "tiktok", "--dry-run")
    assert (done.status, "pass --env live" in done.stderr) == (1, True)


def test_a_key_of_the_other_environment_is_refused(person: Person) -> None:
    """With --env, a key of the other environment begins no login."""
    done = person.run("connect", "--platform", "tiktok", "--env", "live")
    assert (done.status, done.stdout) == (1, "")
    assert "The API key is not of the environment live" in done.stderr
