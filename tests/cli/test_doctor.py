"""`presswork doctor` reports each defect with its fix, and none on a healthy installation."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.cli.program import Presswork, Up

from presswork.db.app_role import EMBEDDED_ROLE
from presswork.platforms.names import LoginName

SANDBOX_SECRET = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="


def verdicts(presswork: Presswork, *, status: int, **settings: str) -> dict[str, dict[str, str]]:
    """Run `doctor` and return its checks by name."""
    done = presswork.run("doctor", "--json", port="1", **settings)
    assert done.status == status, done.stdout
    document = json.loads(done.stdout)
    assert document["ok"] is (status == 0)
    checks = {check["name"]: check for check in document["checks"]}
    assert len(checks) == len(document["checks"])
    assert all(check["fix"] for check in checks.values() if check["status"] != "ok")
    return checks


def test_a_new_folder_passes_and_stays_empty(presswork: Presswork) -> None:
    """Before the first start no check fails, what is not configured needs no action, and no file is created."""
    checks = verdicts(presswork, status=0)
    assert checks["database"]["status"] == "ok"
    nothing_to_set = checks["mastodon app"]
    assert (nothing_to_set["status"], nothing_to_set["message"][:14]) == ("ok", "nothing to set")
    apps = [checks[f"{login} app"] for login in LoginName if login is not LoginName.MASTODON]
    for found in (*apps, checks["text messages"], checks["public url"]):
        assert (found["status"], found["message"].split(";")[0]) == ("ok", "not configured"), found
    assert "PRESSWORK_SMS_FROM" in checks["text messages"]["message"]
    assert not presswork.data_dir.exists()


def test_a_half_configured_app_is_a_warning(presswork: Presswork) -> None:
    """An ID without its secret, and a part of an SMS account, were meant to be used: the check names what is missing."""
    checks = verdicts(presswork, status=0, linkedin_client_id="k", sms_account_sid="AC1")
    assert (checks["linkedin app"]["status"], checks["text messages"]["status"]) == ("warn", "warn")
    assert "PRESSWORK_LINKEDIN_CLIENT_SECRET" in checks["linkedin app"]["fix"]
    assert "PRESSWORK_SMS_AUTH_TOKEN and PRESSWORK_SMS_FROM" in checks["text messages"]["message"]


def test_a_healthy_external_database_passes(admin: Presswork) -> None:
    """A migrated database with safe settings passes every check."""
    checks = verdicts(admin, status=0, tiktok_client_key="k", tiktok_client_secret="s")
    assert {checks[name]["status"] for name in ("database", "migrations", "durability", "clock")} == {"ok"}
    assert checks["tiktok app"]["status"] == "ok"


def test_missing_migrations_fail(presswork: Presswork, bare_dsn: str) -> None:
    """An external database without the schema fails, and the fix is a command."""
    checks = verdicts(presswork, status=1, database_url=bare_dsn)
    assert checks["migrations"]["status"] == "fail"
    assert "presswork migrate" in checks["migrations"]["fix"]


def test_a_role_without_grants_gets_the_command_that_grants(admin: Presswork, owner_dsn: str) -> None:
    """After a restore the role of API and workers has no grants: doctor and each command name `migrate --grant-to`."""
    asyncio.run(_execute(owner_dsn, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {EMBEDDED_ROLE}"))
    checks = verdicts(admin, status=1)
    for name in ("grants", "migrations"):
        assert (checks[name]["status"], "--grant-to" in checks[name]["fix"]) == ("fail", True), name
    for command in ("org list", "api", "worker", "migrate"):
        refused = admin.run(*command.split(), sandbox="false")
        assert (refused.status, "--grant-to" in refused.stderr, "Traceback" in refused.stderr) == (1, True, False)
    owner = Presswork(admin.command_process, admin.data_dir, admin.cwd, {"database_url": owner_dsn})
    owner.json("migrate", "--grant-to", EMBEDDED_ROLE)
    asyncio.run(_execute(owner_dsn, f"REVOKE ALL ON media_assets, projects FROM {EMBEDDED_ROLE}"))
    checks = verdicts(admin, status=1)
    assert (checks["grants"]["status"], checks["migrations"]["status"]) == ("fail", "ok")
    assert checks["database"]["status"] == "ok"


def test_unsafe_database_fails(admin: Presswork, owner_dsn: str) -> None:
    """A database with asynchronous commit fails."""
    name = urlsplit(owner_dsn).path[1:]
    asyncio.run(_execute(owner_dsn, f"ALTER DATABASE {name} SET synchronous_commit = off"))
    assert verdicts(admin, status=1)["durability"]["status"] == "fail"


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_each_provider_is_called(admin: Presswork, up: Up) -> None:
    """A provider that accepts the signature passes; one with another secret and one that does not answer fail."""
    admin.json("provider", "add", "good", "--url", f"{up.url}/sandbox/provider", "--secret", SANDBOX_SECRET)
    assert verdicts(admin, status=0)["provider good (test)"]["status"] == "ok"
    admin.json("provider", "add", "other-secret", "--url", f"{up.url}/sandbox/provider")
    admin.json("provider", "add", "gone", "--url", "http://127.0.0.1:1")
    checks = verdicts(admin, status=1)
    assert [checks[f"provider {name} (test)"]["status"] for name in ("good", "other-secret", "gone")] == [
        "ok",
        "fail",
        "fail",
    ]
    assert "secrets" in checks["provider other-secret (test)"]["fix"]


DEFECTS: Final[Mapping[str, dict[str, str]]] = {
    "database": {"database_url": "postgresql://127.0.0.1:1/none"},
    "secret key": {"secret_keys": "short"},
    "media store": {"media_store": "ftp://media"},
    "sandbox": {"sandbox_url": "http://127.0.0.1:1/sandbox"},
    "public url": {"public_url": "http://127.0.0.1:1"},
}
"""Settings that fail a check, by its name."""


def test_each_defect_fails_its_check(presswork: Presswork, subtests: pytest.Subtests) -> None:
    """One defect fails exactly one check."""
    for check, settings in DEFECTS.items():
        with subtests.test(check=check):
            checks = verdicts(presswork, status=1, **settings)
            assert {name for name, found in checks.items() if found["status"] == "fail"} == {check}


def test_a_public_sandbox_and_an_unreachable_platform_are_warnings(presswork: Presswork, up: Up) -> None:
    """A sandbox with a public address and a platform that does not answer are warnings, not failures."""
    app = {"tiktok_client_key": "k", "tiktok_client_secret": "s"}
    public = {"public_url": up.url, "sandbox": "true"}
    checks = verdicts(presswork, status=0, tiktok_api_url="http://127.0.0.1:1", **public, **app)
    assert (checks["sandbox"]["status"], checks["access to tiktok"]["status"]) == ("warn", "warn")
    assert "PRESSWORK_SANDBOX=false" in checks["sandbox"]["fix"]
    assert "token" in checks["sandbox"]["message"]
    checks = verdicts(presswork, status=0, tiktok_api_url=f"{up.url}/sandbox/open.tiktokapis.com", **app)
    assert (checks["sandbox"]["status"], checks["access to tiktok"]["status"]) == ("ok", "ok")


def test_a_sandbox_that_only_the_running_service_has_on_is_found(presswork: Presswork, up: Up) -> None:
    """`up --sandbox` turns it on for its own processes; doctor reads the environment, where it is off."""
    here = {"data_dir": str(up.data_dir)}
    checks = verdicts(presswork, status=0, public_url=up.url, **here)
    assert (checks["sandbox"]["status"], "no --sandbox" in checks["sandbox"].get("fix", "")) == ("warn", True)
    checks = verdicts(presswork, status=0, sandbox="false", **here)
    assert (checks["sandbox"]["status"], checks["sandbox"]["message"]) == ("ok", f"{up.url}/sandbox/")
    checks = verdicts(presswork, status=0, sandbox="false")
    assert (checks["sandbox"]["status"], checks["sandbox"]["message"]) == ("ok", "off; test projects can't publish")


def test_a_readable_secret_key_fails(presswork: Presswork) -> None:
    """A secret key that other users can read fails, and the fix is a command."""
    presswork.data_dir.mkdir()
    key = presswork.data_dir / "secret.key"
    key.write_text(presswork.json("config", "--new-key")["key"])
    key.chmod(0o644)
    assert verdicts(presswork, status=1)["secret key"]["fix"] == f"chmod 600 {key}"
    key.chmod(0o600)
    assert verdicts(presswork, status=0)["secret key"]["status"] == "ok"


def test_folder_that_is_a_file_fails(presswork: Presswork) -> None:
    """A data folder that is a file fails."""
    presswork.data_dir.touch()
    assert verdicts(presswork, status=1)["data folder"]["status"] == "fail"


def test_text_output_has_each_check(presswork: Presswork) -> None:
    """Without --json each check is a line with its fix below, and the last line has the counts."""
    done = presswork.run("doctor", secret_keys="short")
    assert done.status == 1
    assert "FAIL  secret key: PRESSWORK_SECRET_KEYS does not contain valid keys" in done.stdout
    assert "→ Restore the key" in done.stdout
    assert done.stdout.rstrip().endswith("1 failed")
