"""pg_dump and psql: how they are found, and how they connect without a secret on the command line."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

import asyncpg
import pytest

from presswork.backup.programs import client_programs, environment_for
from presswork.core.errors import Unavailable


def test_outdated_programs_are_reported() -> None:
    """If the server is newer than every installed pg_dump, the error names the package to install."""
    with pytest.raises(Unavailable, match=r"postgresql-client-99 \(or a newer one\)") as refused:
        client_programs(at_least=99)
    assert refused.value.details["needed"] == 99


@pytest.mark.parametrize(
    ("dsn", "wanted"),
    [
        (
            "postgresql://me:p%40ss%3Aword@db.example.com:6432/posts",
            {
                "PGUSER": "me",
                "PGPASSWORD": "p@ss:word",
                "PGHOST": "db.example.com",
                "PGPORT": "6432",
                "PGDATABASE": "posts",
            },
        ),
        (
            "postgresql://me:x@/posts?host=/var/run/pg&sslmode=require",
            {"PGUSER": "me", "PGHOST": "/var/run/pg", "PGDATABASE": "posts", "PGSSLMODE": "require"},
        ),
        ("postgres://me@[::1]:5433/posts", {"PGHOST": "::1", "PGPORT": "5433"}),
        ("postgresql://a:1,b:2/posts?target_session_attrs=read-write", {"PGHOST": "a,b", "PGPORT": "1,2"}),
        (
            "postgresql://h/posts?search_path=a%2C%20b&options=-c%20jit%3Doff",
            {"PGOPTIONS": "-c search_path=a,\\ b -c jit=off"},
        ),
    ],
)
def test_urls_are_parsed_as_by_the_driver(monkeypatch: pytest.MonkeyPatch, dsn: str, wanted: Mapping[str, str]) -> None:
    """Each parameter of a database URL becomes the libpq variable of the same meaning."""
    monkeypatch.delenv("PGOPTIONS", raising=False)
    environment = environment_for(dsn, application="test")
    assert {name: environment.get(name) for name in wanted} == wanted
    assert "PGPASSWORD" in environment or "x@" not in dsn


@pytest.mark.parametrize(
    ("dsn", "given", "wanted"),
    [
        ("postgresql://a,b:6432/posts", None, "read-write"),
        ("postgresql:///posts?host=a,b", None, "read-write"),
        ("postgresql://a,b/posts", "any", "any"),
        ("postgresql://a,b/posts?target_session_attrs=primary", "any", "primary"),
        ("postgresql://a/posts", None, None),
    ],
)
def test_programs_look_for_the_writable_server_too(
    monkeypatch: pytest.MonkeyPatch, dsn: str, given: str | None, wanted: str | None
) -> None:
    """Of several servers the programs choose a writable one, as the service does, unless URL or environment says which."""
    if given is None:
        monkeypatch.delenv("PGTARGETSESSIONATTRS", raising=False)
    else:
        monkeypatch.setenv("PGTARGETSESSIONATTRS", given)
    assert environment_for(dsn, application="test").get("PGTARGETSESSIONATTRS") == wanted


def test_programs_get_no_presswork_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a program has no Presswork setting, and has the variables of libpq."""
    monkeypatch.setenv("PRESSWORK_SECRET_KEYS", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PGSSLROOTCERT", "/certificates/root.pem")
    environment = environment_for("postgresql://h/posts", application="test")
    assert "secret" not in environment.values()
    assert environment["PGSSLROOTCERT"] == "/certificates/root.pem"
    assert "PGOPTIONS" not in environment


async def test_psql_and_the_driver_connect_alike(bare_dsn: str) -> None:
    """With the same URL both connect to the same database and get the session setting of the URL."""
    dsn = f"{bare_dsn}&work_mem=5MB" if "?" in bare_dsn else f"{bare_dsn}?work_mem=5MB"
    ask = "SELECT current_database() || ' ' || current_setting('work_mem')"
    connection = await asyncpg.connect(dsn)
    try:
        theirs = await connection.fetchval(ask)
    finally:
        await connection.close()
    programs = client_programs(at_least=18)
    argv: list[str | Path] = [programs.psql, "-X", "-At", "-c", ask]
    done = await asyncio.to_thread(
        subprocess.run,
        argv,
        env=dict(environment_for(dsn, application="test")),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == theirs
