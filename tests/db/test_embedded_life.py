"""Life cycle of the embedded server: start, change of the owner, and stop with its last user."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from presswork.db.embedded import DatabaseUnavailable, describe, embedded_server
from presswork.db.embedded.account import child_command, choose_account, plan_for, programs_for
from presswork.db.embedded.binaries import server_binaries
from presswork.db.embedded.cluster import server_argv
from presswork.db.embedded.folder import Folder, find_folder, make_socket_dir, open_folder, serving_pid
from presswork.db.embedded.processes import processes_of, recorded_pid, until
from presswork.db.embedded.server import Server, bound_log

pytestmark = pytest.mark.launcher

Ask = Callable[..., object]
Users = Any  # the class is in conftest.py, which no test imports
PATIENCE: Final = timedelta(seconds=60)
NOTE: Final = "CREATE TABLE note AS SELECT 'kept' AS word"
READ: Final = "SELECT word FROM note"
FORKER: Final = """
import os, pathlib, signal, sys
from presswork.db.embedded import embedded_server
with embedded_server(pathlib.Path(sys.argv[1])):
    if os.fork() == 0:
        os.close(1), os.close(2), sys.stdin.read(), os._exit(0)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def folder_of(home: Path) -> Folder:
    folder = find_folder(home)
    assert folder is not None
    return folder


def is_gone(home: Path) -> bool:
    folder = folder_of(home)
    return not processes_of(folder) and not folder.socket_dir.exists() and not describe(home).is_running


def test_first_start_makes_a_sound_cluster(new_home: Path, ask: Ask) -> None:
    """The first start creates a UTF-8 database with checksums, durable commits, no TCP and password authentication only."""
    with embedded_server(new_home) as server:
        assert server.is_owner
        facts = {
            name: ask(server.dsn, f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "data_checksums", "listen_addresses", "server_encoding")
        }
        facts["rules"] = ask(
            server.dsn, "SELECT string_agg(type || ' ' || auth_method, ',') FROM pg_hba_file_rules WHERE error IS NULL"
        )
        facts["zone"] = ask(server.dsn, "SHOW timezone")
        facts["order"] = ask(server.dsn, "SELECT string_agg(x, '' ORDER BY x) FROM (VALUES ('a'), ('B'), ('ä')) v (x)")
        password = folder_of(new_home).read_password()
        assert password not in repr(server)
        with pytest.raises(Exception, match="password authentication failed"):
            ask(server.dsn.replace(password, "guess"), "SELECT 1")
    assert facts == {
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "listen_addresses": "",
        "server_encoding": "UTF8",
        "rules": "local scram-sha-256",
        "zone": "UTC",
        "order": "Baä",
    }
    assert folder_of(new_home).password_file.stat().st_mode & 0o777 == 0o600
    assert is_gone(new_home)


@pytest.mark.exhaustive
def test_restart_keeps_data(home: Path, ask: Ask) -> None:
    """Committed data survives a restart, and no server runs in between."""
    with embedded_server(home) as server:
        ask(server.dsn, NOTE)
    assert is_gone(home)
    with embedded_server(home) as server:
        assert ask(server.dsn, READ) == "kept"
        assert describe(home).owner_pid == os.getpid()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_second_process_attaches_and_takes_over(home: Path, users: Users, ask: Ask, ask_again: Ask) -> None:
    """When the owner stops, the other process owns the server at the same URL; when both stop, the server stops."""
    first = users.come(home)
    second = users.come(home)
    assert (first.was_owner, second.was_owner, first.dsn) == (True, False, second.dsn)
    ask(first.dsn, NOTE)
    assert ask(second.dsn, READ) == "kept"
    first.leave()
    assert ask_again(second.dsn, READ) == "kept"
    assert second.is_owner
    second.leave()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_attached_process_leaves_the_server_alone(home: Path, users: Users, ask: Ask) -> None:
    """An attached process that stops or is killed does not affect the owner."""
    owner = users.come(home)
    users.come(home).leave()
    users.come(home).kill()
    assert ask(owner.dsn, "SELECT 1") == 1
    assert len(owner.lines()) == 1
    owner.leave()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_arrival_during_the_stop(home: Path, users: Users, ask_again: Ask) -> None:
    """A process that starts while the owner stops gets a server and owns it."""
    owner = users.come(home)
    late = users.begin(home)
    owner.leave()
    late.read_answer()
    assert ask_again(late.dsn, "SELECT 1") == 1
    assert late.is_owner
    late.leave()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_server_dies_with_a_killed_owner(home: Path, users: Users, ask: Ask) -> None:
    """kill -9 of the only user ends the server; the next start reads the committed data."""
    owner = users.come(home)
    ask(owner.dsn, NOTE)
    owner.kill()
    assert until(lambda: not processes_of(folder_of(home)), within=PATIENCE)
    with embedded_server(home) as server:
        assert ask(server.dsn, READ) == "kept"
    assert is_gone(home)


@pytest.mark.exhaustive
def test_killed_owner_is_replaced(home: Path, users: Users, ask: Ask, ask_again: Ask) -> None:
    """After kill -9 of the owner one of two other users takes over, and no committed data is lost."""
    owner = users.come(home)
    guests = [users.come(home), users.come(home)]
    ask(owner.dsn, NOTE)
    owner.kill()
    assert ask_again(guests[0].dsn, READ) == "kept"
    assert until(lambda: sum(guest.is_owner for guest in guests) == 1, within=PATIENCE)
    for guest in guests:
        guest.leave()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_killed_postmaster_is_restarted(home: Path, users: Users, ask: Ask, ask_again: Ask) -> None:
    """After kill -9 of the postmaster the owner restarts it with the same data and URL."""
    owner = users.come(home)
    ask(owner.dsn, NOTE)
    killed = owner.server_pid()
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: owner.server_pid() != killed, within=PATIENCE)
    assert ask_again(owner.dsn, READ) == "kept"
    owner.leave()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_stuck_backend_of_a_killed_postmaster(home: Path, users: Users, ask_again: Ask) -> None:
    """A stopped backend does not notice that its postmaster died; the owner kills it and continues."""
    owner = users.come(home)
    folder = folder_of(home)
    backend = ask_again(owner.dsn, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'")
    assert isinstance(backend, int)
    killed = owner.server_pid()
    os.kill(backend, signal.SIGSTOP)
    os.kill(killed, signal.SIGKILL)
    assert until(lambda: owner.server_pid() != killed, within=PATIENCE)
    assert backend not in processes_of(folder)
    assert ask_again(owner.dsn, "SELECT 1") == 1
    owner.leave()
    assert is_gone(home)


@pytest.mark.exhaustive
def test_stale_pid_file_of_another_program(home: Path, ask: Ask) -> None:
    """A stale postmaster.pid with the process id of another program does not prevent a start."""
    with embedded_server(home) as server:
        ask(server.dsn, NOTE)
        note = folder_of(home).pid_file.read_text()
    account = folder_of(home).cluster.stat().st_uid
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, user=account if os.geteuid() == 0 else None) as stranger:
        _, _, rest = note.partition("\n")
        folder_of(home).pid_file.write_text(f"{stranger.pid}\n{rest}")
        with embedded_server(home) as server:
            assert ask(server.dsn, READ) == "kept"
        assert stranger.poll() is None
    assert is_gone(home)


@pytest.mark.exhaustive
def test_first_start_killed_half_way(new_home: Path, users: Users, ask: Ask) -> None:
    """A first start that is killed during initdb leaves no folder that the next start mistakes for a cluster."""
    path = new_home / "postgres"
    user = users.begin(new_home)
    assert until(lambda: any(path.glob("init-*/cluster/global")), within=PATIENCE)
    user.kill()
    assert not (path / "cluster").exists()
    with embedded_server(new_home) as server:
        assert ask(server.dsn, "SELECT 1") == 1
    assert not list(path.glob("init-*"))


@pytest.mark.exhaustive
def test_four_concurrent_first_starts(new_home: Path, users: Users, ask: Ask) -> None:
    """Four processes start concurrently on a missing folder: one cluster, one owner, four users."""
    four = [users.begin(new_home) for _ in range(4)]
    for user in four:
        user.read_answer()
    assert [user.refusal for user in four] == [""] * 4
    assert sum(user.was_owner for user in four) == 1
    identifiers = {ask(user.dsn, "SELECT system_identifier FROM pg_control_system()") for user in four}
    assert len(identifiers) == 1
    for user in sorted(four, key=lambda user: user.was_owner):
        user.leave()
    assert is_gone(new_home)


@pytest.mark.exhaustive
def test_one_process_uses_it_twice(home: Path, ask_again: Ask) -> None:
    """A second use in one process attaches to the first, and takes over when the first ends."""
    with embedded_server(home) as outer:
        inner_is_up, outer_is_down, ended = threading.Event(), threading.Event(), threading.Event()
        seen: list[bool] = []

        def use() -> None:
            with embedded_server(home) as inner:
                seen.append(inner.is_owner)
                inner_is_up.set()
                outer_is_down.wait(PATIENCE.total_seconds())
                ask_again(inner.dsn, "SELECT 1")
                seen.append(inner.is_owner)
            ended.set()

        thread = threading.Thread(target=use)
        thread.start()
        assert inner_is_up.wait(PATIENCE.total_seconds())
        assert outer.is_owner
    outer_is_down.set()
    assert ended.wait(PATIENCE.total_seconds())
    thread.join()
    assert seen == [False, True]
    assert is_gone(home)


@pytest.mark.exhaustive
def test_forked_child_does_not_hold_the_lock(home: Path, users: Users) -> None:
    """A forked child that survives the owner holds neither the lock nor the server."""
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", FORKER, str(home)], stdin=subprocess.PIPE, stderr=subprocess.PIPE
    ) as owner:
        assert owner.wait(PATIENCE.total_seconds()) == -signal.SIGKILL
        user = users.come(home)  # the forked child still reads from standard input
        assert user.was_owner
        user.leave()
    assert is_gone(home)


def test_watchdog_ends_the_server(home: Path) -> None:
    """A watchdog on a pipe ends the server where the kernel has no parent-death signal."""
    folder = open_folder(home)
    with embedded_server(home):
        pass
    account = choose_account(folder)
    server = Server(folder, programs_for(account, server_binaries()), account, guard="watchdog")
    assert server.wait_until_ready(threading.Event())
    assert recorded_pid(folder) == server.pid
    server.close_pipes()  # as the kernel does when the owner ends
    assert until(lambda: not processes_of(folder), within=PATIENCE)
    server._process.wait()


@pytest.mark.exhaustive
def test_manually_started_server_is_not_stopped(home: Path) -> None:
    """A server that an administrator started on the cluster keeps running; the start fails with its process id."""
    with embedded_server(home):
        pass
    folder = folder_of(home)
    account = choose_account(folder)
    binaries = programs_for(account, server_binaries())
    make_socket_dir(folder, uid=account.uid, gid=account.gid)
    argv = [word.replace("cluster_name=presswork", "cluster_name=hand") for word in server_argv(folder, binaries)]
    plan = plan_for(folder.path, account, argv)
    with subprocess.Popen(child_command(plan), stderr=subprocess.DEVNULL, start_new_session=True) as stranger:
        try:
            assert until(lambda: serving_pid(folder) == stranger.pid, within=PATIENCE)
            with pytest.raises(DatabaseUnavailable, match=f"process {stranger.pid}"), embedded_server(home):
                pass
            assert recorded_pid(folder) == stranger.pid
        finally:
            stranger.send_signal(signal.SIGINT)


def test_log_is_bounded(new_home: Path) -> None:
    """A log over its limit is rotated, and the older file deleted."""
    folder = open_folder(new_home)
    folder.log.write_bytes(b"old\n" * 3_000_000)
    bound_log(folder)
    bound_log(folder)
    assert (folder.log.stat().st_size, folder.log.with_name("server.log.1").stat().st_size) == (0, 12_000_000)
