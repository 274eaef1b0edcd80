"""The places where secrets could appear: files, responses and output of an installation. Add new places here."""

import asyncio
import contextlib
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import ZipFile

import asyncpg
import httpx2
import psutil
from tests.cli.program import Presswork, Up
from tests.sandbox_journal import read_journal

from presswork.backup.programs import client_programs, environment_for

_COMMANDS = (
    ("config",),
    ("config", "--json"),
    ("doctor", "--json"),
    ("key", "list", "--json"),
    ("operator", "list", "--json"),
    ("provider", "list", "--json"),
    ("secrets", "status", "--json"),
)


async def of_database(dsn: str) -> Mapping[str, bytes]:
    """Return the dump of the whole database in SQL, and each row of each table as JSON."""
    programs = client_programs(at_least=18)
    environment = dict(environment_for(dsn, application="test"))
    dumped = await asyncio.to_thread(
        subprocess.run, [programs.pg_dump], env=environment, capture_output=True, check=True
    )
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            """SELECT tablename, format('SELECT to_jsonb(t)::text AS row FROM public.%I t', tablename) AS rows
                 FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"""
        )
        rows = {
            f"table {table['tablename']}": "\n".join(
                row["row"] for row in await connection.fetch(table["rows"])
            ).encode()
            for table in tables
        }
    finally:
        await connection.close()
    return {"pg_dump": dumped.stdout, **rows}


def of_processes(up: Up) -> Iterator[tuple[str, bytes]]:
    """Yield the command lines of processes, which every user of the machine can see."""
    for process in up.children():
        with contextlib.suppress(psutil.NoSuchProcess):  # a database process may have ended
            yield f"command line of {process.pid}", " ".join(process.cmdline()).encode()


def of_commands(beside: Presswork) -> Iterator[tuple[str, bytes]]:
    """Yield the output of commands."""
    for command in _COMMANDS:
        done = beside.run(*command)
        yield f"presswork {' '.join(command)}", f"{done.stdout}{done.stderr}".encode()


def of_backup(beside: Presswork, file: Path) -> Iterator[tuple[str, bytes]]:
    """Yield a backup without keys: the dump as text, and all other members except the sandbox's state."""
    beside.json("backup", str(file), "--without-keys")
    with ZipFile(file) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "database.dump":
                restored = subprocess.run(
                    [client_programs(at_least=18).pg_restore, "-f", "-"],
                    input=content,
                    capture_output=True,
                    check=True,
                )
                yield "dump in the backup", restored.stdout
            elif not name.startswith("sandbox/"):
                yield f"{name} in the backup", content


def of_files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield all files that processes left in a folder, like logs and core dumps."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


async def of_service(browser: httpx2.AsyncClient, worker_metrics: str) -> Mapping[str, bytes]:
    """Return the public responses of a service and its worker, and the sandbox's request log."""
    paths = (
        worker_metrics,
        "/metrics",
        "/readyz",
        "/healthz",
        "/openapi.json",
        "/sandbox/",
    )
    journal = json.dumps(await read_journal(browser.get), ensure_ascii=False).encode()
    return {path: (await browser.get(path)).content for path in paths} | {"/sandbox/control/requests": journal}
