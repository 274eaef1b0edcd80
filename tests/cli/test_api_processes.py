"""Several API processes on one port: they share the connections, replace each other, and stop together."""

import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest
from chaos.ports import free_port
from tests.cli.program import (
    PATIENCE_SECONDS,
    PROGRAM,
    Presswork,
    all_gone,
    arguments_of,
    environment,
    running_up,
    until,
)

CONNECTIONS = 40
"""Each is accepted by one of two processes at random: that one of them accepts none happens once in 2^39 runs."""


@contextmanager
def running_api(folder: Path, dsn: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run `presswork api --processes 2` on a port until the block ends."""
    with (folder / "api.log").open("ab") as log:
        process = subprocess.Popen(
            [*PROGRAM, "api", "--processes", "2", "--port", str(port)],
            env=environment(data_dir=str(folder / "data"), database_url=dsn, sandbox="false"),
            cwd=folder,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def answers(port: int) -> bool:
    """Return whether an API process answers."""
    try:
        with httpx2.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            return client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
    except httpx2.HTTPError:
        return False


def apis_of(parent: int) -> list[psutil.Process]:
    """Return the API processes of a parent."""
    return [child for child in psutil.Process(parent).children() if "api" in arguments_of(child)]


def accepted(process: psutil.Process, port: int) -> int:
    """Return the number of client connections of a process."""
    return sum(
        one.status == psutil.CONN_ESTABLISHED and one.laddr.port == port for one in process.net_connections("tcp")
    )


def share_connections(processes: Sequence[psutil.Process], port: int) -> bool:
    """Open connections to a port, and return whether each of its processes gets some of them."""
    with ExitStack() as stack:
        for _ in range(CONNECTIONS):
            stack.enter_context(closing(socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)))
        until(lambda: sum(accepted(one, port) for one in processes) >= CONNECTIONS, within=5)
        return all(accepted(one, port) for one in processes)


@pytest.mark.exhaustive
@pytest.mark.slow
def test_two_processes_share_a_port(dsn: str, tmp_path: Path) -> None:
    """Both accept connections; a killed one is replaced while the other serves; SIGTERM ends all."""
    port = free_port()
    with running_api(tmp_path, dsn, port) as api:
        assert until(lambda: len(apis_of(api.pid)) == 2 and answers(port))
        first, second = apis_of(api.pid)
        assert until(lambda: share_connections([first, second], port))
        first.kill()
        assert until(lambda: {one.pid for one in apis_of(api.pid)} - {first.pid, second.pid} != set())
        assert until(lambda: share_connections(apis_of(api.pid), port))
        last = apis_of(api.pid)
        assert second in last
        api.send_signal(signal.SIGTERM)
        assert api.wait(PATIENCE_SECONDS) == 0
        assert all_gone(last)


@pytest.mark.exhaustive
def test_a_port_of_another_program_is_not_shared(presswork: Presswork) -> None:
    """A port on which another program listens is refused, although its owner would share it too."""
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = presswork.run("api", "--processes", "2", "--port", str(port), sandbox="false")
    assert done.status == 1
    assert f"can't listen on 127.0.0.1 port {port}" in done.stderr


def test_an_api_with_the_sandbox_is_one_process(presswork: Presswork) -> None:
    """The refusal names the settings that allow several processes."""
    done = presswork.run("api", "--processes", "2", "--port", "0")
    assert done.status == 1
    assert "an API that serves the sandbox is one process" in done.stderr
    assert "PRESSWORK_SANDBOX=false, or run `presswork sandbox` and set PRESSWORK_SANDBOX_URL" in done.stderr


@pytest.mark.exhaustive
@pytest.mark.slow
def test_up_runs_several(tmp_path: Path) -> None:
    """`presswork up` runs as many as PRESSWORK_API_PROCESSES says, and leaves none behind."""
    with running_up(tmp_path / "data", api_processes="2", sandbox="false") as up:
        children = up.children()
        apis = apis_of(up.process.pid)
        assert len(apis) == 2
        assert until(lambda: share_connections(apis, int(up.url.rpartition(":")[2])))
        assert up.stop() == 0
        assert all_gone(children)
