"""`presswork audit`, the lines that commands leave, and the role that API and workers run in."""

import asyncio
import getpass
import json

import asyncpg
from tests.cli.program import Presswork, Up
from tests.conftest import owner_of

from presswork.db.app_role import EMBEDDED_ROLE


def test_commands_leave_lines_and_only_the_owner_drops_them(admin: Presswork, owner_dsn: str) -> None:
    """With the user's name on this machine; a repeated command that changes nothing leaves none."""
    key = admin.json("key", "create", "--org", "Acme", "--name", "first")
    for _ in range(2):
        admin.json("key", "kill", key["keyId"])
    admin.json("project", "create", "Spring", "--org", "Acme")
    lines = admin.json("audit", "list", "--org", "Acme")["items"]
    assert [line["action"] for line in lines] == ["project.create", "key.kill", "key.create", "organization.create"]
    assert {line["actor"]["name"] for line in lines} == {getpass.getuser()}
    assert (lines[1]["objectId"], lines[1]["organization"]) == (key["keyId"], "Acme")
    assert key["key"].rpartition("_")[2] not in json.dumps(lines)
    assert admin.json("audit", "list", "--action", "key.kill", "--limit", "1")["items"] == [lines[1]]
    table = admin.run("audit", "list").stdout
    assert all(line["action"] in table for line in lines)

    refused = admin.run("audit", "prune", "--before", "2100-01-01")
    assert (refused.status, "owner of the tables" in refused.stderr) == (1, True)
    assert admin.run("audit", "prune", "--before", "yesterday").status == 1
    owner = Presswork(admin.desk, admin.data_dir, admin.cwd, {"database_url": owner_dsn})
    assert owner.json("audit", "prune", "--before", "2100-01-01")["lines"] == 4
    assert [line["action"] for line in owner.json("audit", "list")["items"]] == ["audit.prune"]


def test_a_role_is_granted_by_the_owner_alone(admin: Presswork, owner_dsn: str) -> None:
    """`migrate --grant-to` says what it did; a role that is not there, and one that owns the tables, are refused."""
    owner = Presswork(admin.desk, admin.data_dir, admin.cwd, {"database_url": owner_dsn})
    assert owner.json("migrate", "--grant-to", EMBEDDED_ROLE)["grantedTo"] == EMBEDDED_ROLE
    assert admin.run("migrate").status == 0, "a role that may make no tables is told that all is done"
    for role in ("nobody-at-all", "presswork"):
        refused = owner.run("migrate", "--grant-to", role)
        assert (refused.status, role in refused.stderr) == (1, True)


def test_the_parts_of_up_step_down(up: Up) -> None:
    """API and worker are told an address at which each session begins in the lesser role."""
    addresses = {up.part(name).environ()["PRESSWORK_DATABASE_URL"] for name in ("api", "worker")}
    (address,) = addresses
    assert owner_of(address) != address

    async def try_it() -> str:
        connection = await asyncpg.connect(address)
        try:
            await connection.execute("DELETE FROM audit_log")
        except asyncpg.InsufficientPrivilegeError:
            return str(await connection.fetchval("SELECT current_user"))
        finally:
            await connection.close()
        return "nobody stopped it"

    assert asyncio.run(try_it()) == EMBEDDED_ROLE
