"""`presswork org`, `project`, `key`, `provider` and `layer`, as text and as JSON; `migrate` and database errors."""

import json
import re
import subprocess
from collections.abc import Sequence
from itertools import product
from typing import Final

import pytest
from tests.cli.program import PATIENCE_SECONDS, PROGRAM, Presswork, environment

from presswork.db.one_connection import connected

MANY = 1_100
_MANY = """
WITH orgs AS (
    INSERT INTO organizations (id, name, created_at)
    SELECT gen_random_uuid(), lpad(translate(n::text, '0189', 'ABCD'), 16, 'A'), now() FROM generate_series(1, $1) AS n
    RETURNING id, name
), listed AS (
    INSERT INTO projects (id, organization_id, environment, name, timezone, metadata, status, review_policy, created_at, updated_at)
    SELECT gen_random_uuid(), id, 'test', name, 'UTC', '{}', 'active', 'auto_approve', now(), now() FROM orgs
)
INSERT INTO api_keys (id, organization_id, environment, lookup, secret_hash, name, scopes, tier, return_domains, created_at)
SELECT gen_random_uuid(), id, 'test', name, sha256(''), name, '{}', 'standard', '{}', now() FROM orgs
"""


def test_key_create_creates_the_organization(admin: Presswork) -> None:
    """`key create` creates the organization if it is missing, and prints both in one JSON document."""
    key = admin.json("key", "create", "--org", "Acme", "--env", "test", "--scopes", "*", "--return-domain", "localhost")
    assert re.fullmatch(r"lp_test_[A-Z2-7]{16}_[A-Za-z0-9_-]{43}", key["key"])
    assert re.fullmatch(r"key_[0-9a-f-]{36}", key["keyId"])
    assert (key["environment"], key["scopes"], key["tier"]) == ("test", ["*"], "unlimited")
    second = admin.json("key", "create", "--org", "Acme", "--env", "live", "--scopes", "content:read, publish:write")
    assert second["organizationId"] == key["organizationId"]
    assert second["scopes"] == ["content:read", "publish:write"]
    (organization,) = admin.json("org", "list")["items"]
    assert (organization["organizationId"], organization["keys"]) == (key["organizationId"], 2)


def test_keys_are_listed_without_secrets_and_revoked(admin: Presswork) -> None:
    """A list shows no secret; `revoke` accepts an id, `kill` and `revive` accept the key or its id."""
    first, second = (admin.json("key", "create", "--org", "Acme", "--name", name) for name in ("one", "two"))
    listed = admin.run("key", "list", "--json")
    assert first["key"].split("_", 3)[3] not in listed.stdout
    assert [item["name"] for item in json.loads(listed.stdout)["items"]] == ["one", "two"]
    assert admin.json("key", "revoke", first["keyId"]) == {"keyId": first["keyId"], "outcome": "revoked"}
    assert admin.json("key", "kill", second["key"])["outcome"] == "killed"
    table = admin.run("key", "list").stdout
    assert re.search(rf"{first['keyId']}.*\trevoked", table)
    assert re.search(rf"{second['keyId']}.*\tkilled", table)
    assert admin.json("key", "revive", second["keyId"])["outcome"] == "revived"
    assert admin.json("key", "list", "--org", "Unknown") == {"items": []}


async def test_long_lists_are_whole(admin: Presswork, dsn: str) -> None:
    """More organizations, projects and keys than a page of the API would hold: each command lists every one."""
    async with connected(dsn) as connection:
        await connection.execute(_MANY, MANY)
    for command in ("org", "project", "key"):
        assert len(admin.json(command, "list")["items"]) == MANY


def test_projects_are_created_listed_and_archived(admin: Presswork) -> None:
    """A project belongs to an existing organization; an archived project has the status `archived`."""
    admin.json("org", "create", "Acme")
    project = admin.json("project", "create", "Bakery", "--org", "Acme", "--timezone", "Europe/Lisbon")
    assert (project["name"], project["environment"], project["status"]) == ("Bakery", "test", "active")
    (listed,) = admin.json("project", "list", "--org", "Acme")["items"]
    assert listed["id"] == project["id"]
    assert admin.json("project", "archive", project["id"])["status"] == "archived"
    assert admin.json("project", "list", "--env", "live") == {"items": []}


def test_providers_are_added_listed_and_removed(admin: Presswork) -> None:
    """`add` and `rotate-secret` print the secret; a list never does."""
    added = admin.json("provider", "add", "acme", "--url", "https://publish.example.com", "--env", "live")
    assert (added["name"], added["environment"], added["url"]) == ("acme", "live", "https://publish.example.com")
    assert added["secret"].startswith("whsec_")
    listed = admin.run("provider", "list", "--json")
    (item,) = json.loads(listed.stdout)["items"]
    assert (item["name"], item["environment"], item["layers"]) == ("acme", "live", 0)
    changed = admin.run("provider", "rotate-secret", "acme", "--env", "live")
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=\n", changed.stdout)
    assert added["secret"] not in changed.stdout + listed.stdout + admin.run("provider", "list").stdout
    assert admin.json("provider", "remove", "acme", "--env", "live")["outcome"] == "removed"
    assert admin.json("provider", "list", "--env", "live") == {"items": []}


def test_layers_are_created_and_listed(admin: Presswork) -> None:
    """A layer belongs to a project and uses the template for managed distribution by default."""
    admin.json("org", "create", "Acme")
    project = admin.json("project", "create", "Bakery", "--org", "Acme")["id"]
    layer = admin.json("layer", "create", project, "--provider", "sandbox", "--config", '{"queue": 4}')
    assert layer["config"] == {"queue": 4, "provider": "sandbox"}
    assert layer["templateId"] == "af058068-ad85-4fb8-92a1-f531b40bfcbc"
    (listed,) = admin.json("layer", "list", "--project", project)["items"]
    assert (listed["id"], listed["provider"], listed["accounts"]) == (layer["id"], "sandbox", 0)
    assert admin.json("layer", "list", "--org", "Unknown") == {"items": []}


REFUSED: Final[Sequence[tuple[tuple[str, ...], str, str]]] = [
    (("key", "create", "--org", "Acme", "--scopes", "all"), "VALIDATION", "all is not a scope"),
    (("key", "create", "--org", " "), "VALIDATION", "Give it a name"),
    (("key", "create", "--org", "Acme", "--return-domain", "*."), "VALIDATION", "host name"),
    (("key", "create", "--org", "Acme", "--return-domain", "a.example,*"), "VALIDATION", "returnDomains[1]"),
    (("key", "create", "--org", "Acme", "--return-domain", "https://a.example"), "VALIDATION", "host name"),
    (("key", "create", "--org", "Acme", "--return-domain", ""), "VALIDATION", "returnDomains[0]"),
    (("key", "create", "--org", "Acme", "--return-domain", "*.com"), "VALIDATION", "host name"),
    (("key", "create", "--org", "Acme", "--operator", "me"), "VALIDATION", "opr_"),
    (("key", "revoke", "nothing"), "NOT_FOUND", "key list"),
    (("project", "create", "Bakery", "--org", "Unknown"), "NOT_FOUND", "org list"),
    (("project", "create", "Bakery", "--org", "Acme", "--timezone", "Moon"), "VALIDATION", "timezone"),
    (("project", "archive", "prj_1"), "NOT_FOUND", "This project does not exist"),
    (("provider", "add", "sandbox", "--url", "https://a.example"), "VALIDATION", "sandbox"),
    (("provider", "add", "acme", "--url", "http://a.example"), "VALIDATION", "https"),
    (("provider", "remove", "acme"), "NOT_FOUND", "provider list"),
    (("layer", "create", "prj_1"), "NOT_FOUND", "This project does not exist"),
    (("layer", "create", "prj_1", "--config", "[]"), "VALIDATION", "JSON object"),
    (("layer", "create", "prj_1", "--account", "me"), "VALIDATION", "sa_"),
]
"""Arguments, the code of their error, and a part of its message."""


def test_an_error_is_one_json_object(admin: Presswork, subtests: pytest.Subtests) -> None:
    """With --json an error is one object on standard error; standard output is empty and the exit status is 1."""
    for arguments, code, says in REFUSED:
        with subtests.test(arguments=arguments):
            done = admin.run(*arguments, "--json")
            assert (done.status, done.stdout) == (1, "")
            error = json.loads(done.stderr)["error"]
            assert error["code"] == code
            assert says in error["message"]


def test_key_create_in_a_new_process(dsn: str) -> None:
    """A new process prints one JSON document on standard output and nothing on standard error."""
    done = subprocess.run(
        [*PROGRAM, "key", "create", "--org", "Acme", "--return-domain", "localhost", "--json"],
        env=environment(database_url=dsn),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
    )
    assert json.loads(done.stdout)["key"].startswith("lp_test_")
    assert done.stderr == ""


def test_an_error_without_json_is_a_sentence(admin: Presswork) -> None:
    """Without --json an error is one readable line, without a traceback."""
    done = admin.run("key", "kill", "nothing")
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: This key does not exist.")
    assert done.stderr.count("\n") == 1


def test_external_database_is_migrated_only_on_request(presswork: Presswork, bare_dsn: str) -> None:
    """No command except `presswork migrate` changes an external database without the schema."""
    admin = Presswork(presswork.command_process, presswork.data_dir, presswork.cwd, {"database_url": bare_dsn})
    refused = admin.run("key", "create", "--org", "Acme", "--json")
    assert refused.status == 1
    assert "presswork migrate" in json.loads(refused.stderr)["error"]["message"]
    before = admin.json("migrate", "--status")
    assert before["pending"]
    assert before["applied"] == []
    assert admin.json("migrate")["appliedNow"] == before["pending"]
    assert admin.json("migrate") == {"applied": before["pending"], "appliedNow": [], "pending": []}
    assert admin.json("key", "create", "--org", "Acme")["key"]


def test_embedded_database_starts_by_itself(presswork: Presswork) -> None:
    """The first command creates the database in --data-dir, which takes precedence over the environment."""
    other = presswork.data_dir.with_name("other")
    assert presswork.json("org", "create", "Acme", "--data-dir", str(other))["organizationId"]
    assert (other / "postgres").is_dir()
    assert not presswork.data_dir.exists()
    assert [item["name"] for item in presswork.json("org", "list", data_dir=str(other))["items"]] == ["Acme"]


def test_an_unreachable_database_is_reported(presswork: Presswork) -> None:
    """The error for a database that does not answer is a sentence without the password."""
    done = presswork.run("org", "list", database_url="postgresql://me:hidden-word@127.0.0.1:1/none")
    assert done.status == 1
    assert "can't be reached" in done.stderr
    assert "hidden-word" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wait_that_is_no_duration_is_refused(admin: Presswork, subtests: pytest.Subtests) -> None:
    """`secrets rotate` and `re-encrypt` wait at most a day; other numbers are refused before anything changes."""
    for command, seconds in product(("rotate", "re-encrypt"), ("inf", "nan", "1e12", "-1")):
        with subtests.test(command=command, seconds=seconds):
            done = admin.run("secrets", command, "--wait", seconds)
            assert (done.status, "--wait" in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr
