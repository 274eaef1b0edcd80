"""Create the cluster, and build the server's command line."""

import os
import secrets
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Final

from presswork.db.embedded.account import Account, child_command, child_environment, give, plan_for
from presswork.db.embedded.binaries import Binaries
from presswork.db.embedded.child import FOLDER
from presswork.db.embedded.errors import DatabaseUnavailable
from presswork.db.embedded.folder import NAME, Folder, refusing, remove_leftovers

_BUILTIN_LOCALE_MAJOR: Final = 17
"""PostgreSQL 17 added a built-in C.UTF-8: code point order, the same on every system."""
_HBA: Final = "# Written by Presswork: the Unix socket only, with the password.\nlocal all all scram-sha-256\n"
_INCLUDED_TAIL_BYTES: Final = 2000
_LONGEST_RUN: Final = timedelta(minutes=2)

SETTINGS: Final = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "password_encryption": "scram-sha-256",
    "shared_buffers": "128MB",
    "wal_buffers": "1MB",  # a commit writes them out; what PostgreSQL derives from shared_buffers is 4 MB
    "max_locks_per_transaction": "32",  # on average over all connections: 7,000 in total, and a dump needs some hundred
    "max_pred_locks_per_transaction": "10",  # only serializable transactions need them, and there are none
    "max_wal_senders": "0",  # no standby can connect: there is only the Unix socket
    "max_logical_replication_workers": "0",  # no subscriptions, so no launcher process for them
    "max_connections": "200",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "cluster_name": NAME,
}
"""Passed on the command line, so that editing a file in the cluster can't weaken them."""

_SETTINGS_SINCE: Final = {
    18: {
        "io_method": "sync"
    },  # backends read by themselves, as before 18, instead of three processes that do it for them
}
"""Settings that only newer major versions know."""


def initialised_major(folder: Folder) -> int | None:
    """Return the major version that created the cluster, or None if there is no cluster."""
    try:
        text = (folder.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DatabaseUnavailable(f"{folder.cluster} can't be read: {error.strerror}.") from error
    return int(text.partition(".")[0])


def check_major(folder: Folder, binaries: Binaries) -> None:
    """Raise DatabaseUnavailable, with the commands to migrate, if another major version created the cluster."""
    made_by = initialised_major(folder)
    if made_by is None or made_by == binaries.major:
        return
    owner = folder.cluster.stat().st_uid
    as_owner = "" if owner == os.geteuid() else f"setpriv --reuid={owner} --clear-groups "  # pg_ctl refuses root
    raise DatabaseUnavailable(
        f"{folder.cluster} was created by PostgreSQL {made_by}, and the installed programs are PostgreSQL {binaries.version}."
        " Nothing was changed. To move the data over, with the programs of"
        f" PostgreSQL {made_by} in $OLD (such as /usr/lib/postgresql/{made_by}/bin):\n"
        f"  export PGPASSWORD=\"$(cat '{folder.password_file}')\"\n"
        f"  {as_owner}$OLD/pg_ctl -D '{folder.cluster}' -w -o \"-c listen_addresses='' -k /tmp\" start\n"
        f"  $OLD/pg_dump -h /tmp -U {NAME} -Fc -f presswork.dump {NAME}\n"
        f"  {as_owner}$OLD/pg_ctl -D '{folder.cluster}' -w stop\n"
        f"  mv '{folder.path}' '{folder.path}.{made_by}'\n"
        "then run `presswork up`, and while it runs:\n"
        f"  export PGPASSWORD=\"$(cat '{folder.password_file}')\"\n"
        f"  {binaries.bin_dir}/pg_restore -h '{folder.socket_dir}' -U {NAME} -d {NAME} --clean --if-exists"
        " presswork.dump",
        made_by=made_by,
        programs=binaries.version,
    )


def _run(folder: Folder, account: Account, *argv: str, text: str) -> None:
    """Run a PostgreSQL program to its end as the server's account. Raises DatabaseUnavailable."""
    try:
        done = subprocess.run(  # noqa: S603 -- Presswork's own program and plan
            child_command(plan_for(folder.path, account, list(argv))),
            input=text,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=_LONGEST_RUN.total_seconds(),
            env=child_environment(),
            cwd="/",
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise DatabaseUnavailable(f"{Path(argv[0]).name} took longer than {_LONGEST_RUN}.") from error
    if done.returncode != 0 or "ERROR:" in done.stdout:
        tail = done.stdout[-_INCLUDED_TAIL_BYTES:].strip()
        raise DatabaseUnavailable(f"{Path(argv[0]).name} failed with status {done.returncode}: {tail}")


def _run_sql(folder: Folder, binaries: Binaries, account: Account, place: str, *statements: str) -> None:
    """Run statements, one line each, in single-user mode: no server, no socket, no password."""
    quiet = ["-c", "log_min_error_statement=panic", "-c", "log_checkpoints=off"]  # the statements contain the password
    argv = [str(binaries.postgres), "--single", "-D", f"{FOLDER}/{place}", *quiet, "postgres"]
    _run(folder, account, *argv, text="".join(f"{line}\n" for line in statements))


def _password_statement(password: str) -> str:
    return f"ALTER ROLE {NAME} PASSWORD '{password}'"  # generated, URL-safe


def initialise(folder: Folder, binaries: Binaries, account: Account) -> bool:
    """Create the cluster with its role, password and database unless it exists; return whether it was created.

    It is created in a folder next to the final one and renamed in one step: a first start that is killed leaves nothing
    that the next one would mistake for a cluster. Only the owner of the lock may call this.
    Raises DatabaseUnavailable.
    """
    remove_leftovers(folder)
    if initialised_major(folder) is not None:
        give(folder.cluster, account)
        if not folder.password_file.exists():
            statement = _password_statement(folder.make_password())
            _run_sql(folder, binaries, account, "cluster", statement)
        return False
    work = folder.path / f"init-{secrets.token_hex(4)}"
    with refusing():
        work.mkdir(mode=0o700)
        give(work, account)
        password = folder.make_password()
    try:
        place = f"{work.name}/cluster"
        locale = ["--locale=C"]
        if binaries.major >= _BUILTIN_LOCALE_MAJOR:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        argv = [str(binaries.initdb), "-D", f"{FOLDER}/{place}", "-U", NAME, "--auth=peer", "--data-checksums"]
        _run(folder, account, *argv, "--encoding=UTF8", *locale, text="")
        _write_hba(work)
        statements = (_password_statement(password), f"CREATE DATABASE {NAME}")
        _run_sql(folder, binaries, account, place, *statements)
        with refusing():
            (work / "cluster").rename(folder.cluster)
            handle = os.open(folder.path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return True


def _write_hba(work: Path) -> None:
    """Replace pg_hba.conf. As root the folder belongs to another account, so symbolic links are not followed."""
    with refusing():
        cluster = os.open(work / "cluster", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            handle = os.open("pg_hba.conf", os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, dir_fd=cluster)
        finally:
            os.close(cluster)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(_HBA)


def server_argv(folder: Folder, binaries: Binaries) -> list[str]:
    """Return the command line of the server, with the placeholder `FOLDER` for the database folder."""
    place = str(folder.socket_dir)
    if folder.socket_dir.parent == folder.path:
        place = f"{FOLDER}/{folder.socket_dir.name}"
    quoted = place.replace('"', '""')
    argv = [str(binaries.postgres), "-D", f"{FOLDER}/{folder.cluster.name}"]
    settings = {**SETTINGS, "unix_socket_directories": f'"{quoted}"'}
    for major, added in _SETTINGS_SINCE.items():
        settings |= added if binaries.major >= major else {}
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return argv
