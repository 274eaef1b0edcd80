"""`presswork audit`, the audit lines of commands, and the database role of API and workers."""

import asyncio
import getpass
import json

import asyncpg
import pytest
from tests.cli.program import Presswork, Up

from presswork.db.app_role import EMBEDDED_ROLE, as_embedded_role
from presswork.db.embedded import app_password, embedded_server


def test_commands_write_audit_lines_and_only_the_owner_prunes_them(admin: Presswork, owner_dsn: str) -> None:
    """A line names the operating system user; a repeated command that changes nothing writes no line."""
    key = admin.json("key", "create", "--org", "Acme", "--name", "first")
    for _ in range(2):
        admin.json("key", "kill", key["keyId"])
    admin.json("project", "create", "Spring", "--org", "Acme")
    lines = admin.json("audit", "list", "--org", "Acme")["items"]
    assert [line["action"] for line in lines] == ["project.create", "key.kill", "key.create", "organization.create"]
    assert {line["actor"]["name"] for line in lines} == {getpass.getuser()}
    assert (lines[1]["objectId"], lines[1]["organization"]) == (key["keyId"], "Acme")
    assert key["key"].split("_", 3)[3] not in json.dumps(lines)
    assert admin.json("audit", "list", "--action", "key.kill", "--limit", "1")["items"] == [lines[1]]
    table = admin.run("audit", "list").stdout
    assert all(line["action"] in table for line in lines)

    refused = admin.run("audit", "prune", "--before", "2100-01-01")
    assert (refused.status, "owner of the tables" in refused.stderr) == (1, True)
    assert admin.run("audit", "prune", "--before", "yesterday").status == 1
    missing = admin.run("audit", "prune")
    assert (missing.status, "PRESSWORK_KEEP_AUDIT_LOG" in missing.stderr) == (1, True)
    owner = Presswork(admin.command_process, admin.data_dir, admin.cwd, {"database_url": owner_dsn})
    keeping = Presswork(
        admin.command_process, admin.data_dir, admin.cwd, {"database_url": owner_dsn, "keep_audit_log": "P30D"}
    )
    assert keeping.json("audit", "prune")["lines"] == 0
    assert owner.json("audit", "prune", "--before", "2100-01-01")["lines"] == 5
    assert [line["action"] for line in owner.json("audit", "list")["items"]] == ["audit.prune"]


def test_only_the_owner_grants_rights_to_a_role(admin: Presswork, owner_dsn: str) -> None:
    """`migrate --grant-to` prints the role; a missing role and the owner of the tables are refused."""
    owner = Presswork(admin.command_process, admin.data_dir, admin.cwd, {"database_url": owner_dsn})
    assert owner.json("migrate", "--grant-to", EMBEDDED_ROLE)["grantedTo"] == EMBEDDED_ROLE
    assert admin.run("migrate").status == 0, "`migrate` fails for a role without CREATE although nothing is pending"
    for role in ("missing_role", "presswork"):
        refused = owner.run("migrate", "--grant-to", role)
        assert (refused.status, role in refused.stderr) == (1, True)


def test_the_parts_of_up_use_the_restricted_role(up: Up) -> None:
    """API and worker use a separate login: it is a member of no role, and no reset makes it the owner."""
    of_parts = (
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name IN ('presswork', 'presswork listen')"
    )

    async def attempt(owner_dsn: str) -> tuple[list[str], str, bool]:
        owner = await asyncpg.connect(owner_dsn)
        used = [row["usename"] for row in await owner.fetch(of_parts)]
        await owner.close()
        connection = await asyncpg.connect(as_embedded_role(owner_dsn, app_password(up.data_dir)))
        try:
            for escape in ("SET ROLE NONE", "RESET ROLE", "RESET SESSION AUTHORIZATION", "RESET ALL"):
                await connection.execute(escape)
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute("DELETE FROM audit_log")
            member = "SELECT EXISTS (SELECT FROM pg_auth_members WHERE member = current_user::regrole)"
            user = str(await connection.fetchval("SELECT session_user"))
            return used, user, await connection.fetchval(member)
        finally:
            await connection.close()

    with embedded_server(up.data_dir) as server:
        assert asyncio.run(attempt(server.dsn)) == ([EMBEDDED_ROLE], EMBEDDED_ROLE, False)
