"""Wrong live credentials are found by `presswork doctor` and at the start; the sandbox stands in for the live platforms."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.cli.program import Presswork, Up, running_up, until

from presswork.apps.stored_apps import store_app
from presswork.crypto.keyring import Keyring, parse_keys
from presswork.db.one_connection import connected
from presswork.platforms.names import LoginName
from presswork.platforms.port import AppCredentials

RIGHT = "the-right-secret"


@pytest.fixture
def platforms(up: Up) -> Iterator[dict[str, str]]:
    """Settings of live platforms that accept one secret only."""
    rules = f"{up.url}/sandbox/control/settings"
    httpx2.post(rules, json={"requireSecret": RIGHT}).raise_for_status()
    sandbox = f"{up.url}/sandbox"
    yield {
        "tiktok_client_key": "key",
        "tiktok_api_url": f"{sandbox}/open.tiktokapis.com",
        "facebook_client_id": "1234",
        "facebook_graph_url": f"{sandbox}/graph.facebook.com",
        "instagram_client_id": "5678",
        "instagram_client_secret": "s",
    }
    httpx2.post(rules, json={"requireSecret": None}).raise_for_status()


def apps(presswork: Presswork, **settings: str) -> dict[str, dict[str, Any]]:
    """Run `doctor` and return its checks of the apps."""
    done = presswork.run("doctor", "--json", port="1", **settings)
    return {one["name"]: one for one in json.loads(done.stdout)["checks"] if one["name"].endswith(" app")}


def test_doctor_finds_wrong_credentials(presswork: Presswork, platforms: dict[str, str]) -> None:
    """A refused secret fails the check of its platform, with the platform's words and the settings to correct."""
    found = apps(presswork, **platforms, tiktok_client_secret="wrong", facebook_client_secret="wrong")
    assert [found[f"{name} app"]["status"] for name in ("tiktok", "facebook", "instagram")] == ["fail", "fail", "ok"]
    assert "PRESSWORK_TIKTOK_CLIENT_SECRET" in found["tiktok app"]["message"]
    assert "PRESSWORK_FACEBOOK_CLIENT_SECRET" in found["facebook app"]["message"]
    assert "wrong" not in found["tiktok app"]["message"].replace("is wrong", "")


def test_doctor_accepts_right_credentials(presswork: Presswork, platforms: dict[str, str]) -> None:
    """Accepted credentials pass, and the check says that the platform was asked; Instagram's own login can't be asked."""
    found = apps(presswork, **platforms, tiktok_client_secret=RIGHT, facebook_client_secret=RIGHT)
    assert {name: check["status"] for name, check in found.items()} == dict.fromkeys(found, "ok")
    assert "accepts" in found["tiktok app"]["message"]
    assert "accepts" in found["facebook app"]["message"]
    assert "no call that checks them" in found["instagram app"]["message"]


def test_a_platform_that_does_not_answer_is_no_wrong_secret(presswork: Presswork, platforms: dict[str, str]) -> None:
    """Without an answer nothing is known about the credentials, and the check does not fail."""
    away = {**platforms, "tiktok_api_url": "http://127.0.0.1:1"}
    check = apps(presswork, **away, tiktok_client_secret="wrong")["tiktok app"]
    assert (check["status"], "could not be asked" in check["message"]) == ("ok", True)


def test_doctor_and_dry_run_see_stored_credentials(admin: Presswork, platforms: dict[str, str], dsn: str) -> None:
    """Credentials that were stored through the API are checked and previewed where the environment sets none."""
    settings = {name: value for name, value in platforms.items() if name.endswith("_url")}
    missing = apps(admin, **settings)["tiktok app"]
    assert (missing["status"], "PUT /v1/system/platforms/tiktok" in missing["message"]) == ("ok", True)
    key = admin.json("config", "--new-key")["key"]
    asyncio.run(_store(dsn, key))
    found = apps(admin, **settings, secret_keys=key)["tiktok app"]
    assert (found["status"], "accepts" in found["message"]) == ("ok", True)
    preview = ("connect", "--env", "live", "--dry-run", "--platform", "tiktok", "--json")
    done = admin.run(*preview, **settings, secret_keys=key, public_url="https://presswork.example.com")
    assert "client_key=a-stored-key" in json.loads(done.stdout)["authorizeUrl"]
    own = admin.run(*preview, **settings, secret_keys=key, public_url="https://p.example.com", tiktok_client_key="own")
    assert "PRESSWORK_TIKTOK_CLIENT_SECRET" in own.stderr, "an ID of the environment and a stored secret are no pair"


async def _store(dsn: str, key: str) -> None:
    async with connected(dsn) as connection:
        keyring = Keyring(parse_keys([key], source="the test"))
        app = AppCredentials(client_id="a-stored-key", client_secret=RIGHT)
        await store_app(connection, keyring, LoginName.TIKTOK, app, now=None)


@pytest.mark.exhaustive
def test_wrong_credentials_are_a_warning_at_the_start(platforms: dict[str, str], dsn: str, tmp_path: Path) -> None:
    """Presswork starts all the same, and its log names the platform and the settings."""
    settings = {**platforms, "tiktok_client_secret": "wrong", "facebook_client_secret": RIGHT, "log_format": "json"}
    with running_up(tmp_path / "data", "--no-sandbox", database_url=dsn, **settings) as started:
        lines: list[dict[str, Any]] = []

        def is_logged() -> bool:
            written = started.log.read_text().splitlines()
            lines[:] = [json.loads(line) for line in written if "live credentials refused" in line]
            return bool(lines)

        assert until(is_logged)
        assert httpx2.get(f"{started.url}/healthz").status_code == 200
    (line,) = lines
    assert (line["login"], line["level"]) == ("tiktok", "warning")
    assert "PRESSWORK_TIKTOK_CLIENT_SECRET" in line["error"]
