"""The doctor finds what is wrong, says how to fix it, and finds nothing where nothing is."""

import asyncio
import json
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.cli.program import Presswork, Up

SANDBOX_SECRET = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="


def verdicts(presswork: Presswork, *, status: int, **settings: str) -> dict[str, dict[str, str]]:
    """Run the doctor and return its checks by name."""
    done = presswork.run("doctor", "--json", port="1", **settings)
    assert done.status == status, done.stdout
    document = json.loads(done.stdout)
    assert document["ok"] is (status == 0)
    checks = {check["name"]: check for check in document["checks"]}
    assert len(checks) == len(document["checks"])
    assert all(check["fix"] for check in checks.values() if check["status"] != "ok")
    return checks


def test_fresh_folder_is_well_and_stays_fresh(presswork: Presswork) -> None:
    """Before the first start nothing fails, live credentials are a warning, and the doctor makes nothing."""
    checks = verdicts(presswork, status=0)
    assert checks["database"]["status"] == "ok"
    assert checks["instagram app"]["status"] == checks["tiktok app"]["status"] == "warn"
    assert "PRESSWORK_SMS_FROM" in checks["text messages"]["message"]
    assert not presswork.data_dir.exists()


def test_external_database_is_examined(admin: Presswork) -> None:
    """A good database passes every check."""
    checks = verdicts(admin, status=0, tiktok_client_key="k", tiktok_client_secret="s")
    assert {checks[name]["status"] for name in ("database", "migrations", "durability", "clock")} == {"ok"}
    assert checks["tiktok app"]["status"] == "ok"


def test_missing_migrations_fail(presswork: Presswork, bare_dsn: str) -> None:
    """An external database without the schema fails, with the command that fixes it."""
    checks = verdicts(presswork, status=1, database_url=bare_dsn)
    assert checks["migrations"]["status"] == "fail"
    assert "presswork migrate" in checks["migrations"]["fix"]


def test_unsafe_database_fails(admin: Presswork, owner_dsn: str) -> None:
    """A database that commits before the data is on disk is reported."""
    name = urlsplit(owner_dsn).path[1:]
    asyncio.run(_execute(owner_dsn, f"ALTER DATABASE {name} SET synchronous_commit = off"))
    assert verdicts(admin, status=1)["durability"]["status"] == "fail"


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def test_providers_are_asked_who_they_are(admin: Presswork, up: Up) -> None:
    """One that accepts our signature is ok; one with another secret and one that does not answer fail."""
    admin.json("provider", "add", "good", "--url", f"{up.url}/sandbox/provider", "--secret", SANDBOX_SECRET)
    assert verdicts(admin, status=0)["provider good (test)"]["status"] == "ok"
    admin.json("provider", "add", "stranger", "--url", f"{up.url}/sandbox/provider")
    admin.json("provider", "add", "gone", "--url", "http://127.0.0.1:1")
    checks = verdicts(admin, status=1)
    assert [checks[f"provider {name} (test)"]["status"] for name in ("good", "stranger", "gone")] == [
        "ok",
        "fail",
        "fail",
    ]
    assert "secrets" in checks["provider stranger (test)"]["fix"]


@pytest.mark.parametrize(
    ("settings", "check"),
    [
        ({"database_url": "postgresql://127.0.0.1:1/none"}, "database"),
        ({"secret_keys": "short"}, "secret key"),
        ({"media_store": "ftp://media"}, "media store"),
        ({"sandbox_url": "http://127.0.0.1:1/sandbox"}, "sandbox"),
        ({"public_url": "http://127.0.0.1:1"}, "public url"),
    ],
)
def test_each_fault_is_found(presswork: Presswork, settings: dict[str, str], check: str) -> None:
    """One thing that is wrong is the one thing that fails."""
    checks = verdicts(presswork, status=1, **settings)
    assert {name for name, found in checks.items() if found["status"] == "fail"} == {check}


def test_a_public_sandbox_and_a_platform_out_of_reach_are_warnings(presswork: Presswork, up: Up) -> None:
    """Whoever finds the sandbox on the internet can play with it; a live platform that does not answer may come back."""
    app = {"tiktok_client_key": "k", "tiktok_client_secret": "s"}
    checks = verdicts(presswork, status=0, public_url=up.url, tiktok_api_url="http://127.0.0.1:1", **app)
    assert (checks["sandbox"]["status"], checks["access to tiktok"]["status"]) == ("warn", "warn")
    assert "PRESSWORK_SANDBOX=false" in checks["sandbox"]["fix"]
    checks = verdicts(presswork, status=0, tiktok_api_url=f"{up.url}/sandbox/open.tiktokapis.com", **app)
    assert (checks["sandbox"]["status"], checks["access to tiktok"]["status"]) == ("ok", "ok")


def test_key_that_others_can_read_fails(presswork: Presswork) -> None:
    """A secret key with loose permissions is found, and the command to fix it is given."""
    presswork.data_dir.mkdir()
    key = presswork.data_dir / "secret.key"
    key.write_text(presswork.json("config", "--new-key")["key"])
    key.chmod(0o644)
    assert verdicts(presswork, status=1)["secret key"]["fix"] == f"chmod 600 {key}"
    key.chmod(0o600)
    assert verdicts(presswork, status=0)["secret key"]["status"] == "ok"


def test_folder_that_is_a_file_fails(presswork: Presswork) -> None:
    """A data folder that can't be one is found."""
    presswork.data_dir.touch()
    assert verdicts(presswork, status=1)["data folder"]["status"] == "fail"


def test_people_read_the_same(presswork: Presswork) -> None:
    """Without --json each check is a line, what to do is under it, and the last line counts."""
    done = presswork.run("doctor", secret_keys="short")
    assert done.status == 1
    assert "FAIL  secret key: PRESSWORK_SECRET_KEYS does not hold valid keys" in done.stdout
    assert "→ Restore the key" in done.stdout
    assert done.stdout.rstrip().endswith("1 failed")
