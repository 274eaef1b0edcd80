"""The parts of the service as supervised processes: the worker of `presswork up`, and the API processes of one port."""

import os
import socket
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from presswork.cli.run.prefork import PreforkedProcess
from presswork.cli.run.supervisor import Child
from presswork.core.setting_values import PREFIX
from presswork.platforms.settings import Settings

WORKER: Final = "worker"
WORKER_STOPS_WITHIN: Final = timedelta(seconds=30)
"""A worker drains for 8 s, and completes a token refresh in progress: its new tokens would be lost otherwise."""
API_STOPS_WITHIN: Final = timedelta(seconds=15)


def api_names(settings: Settings) -> Sequence[str]:
    """Return the names of the API processes: `api`, `api 2`, …"""
    return ["api", *(f"api {number}" for number in range(2, settings.api_processes + 1))]


def api_parts(
    settings: Settings,
    dsn: str,
    listeners: Sequence[socket.socket],
    forked: Mapping[str, PreforkedProcess] | None = None,
) -> Sequence[Child]:
    """Return an API process for each listening socket of one port."""
    environment = _build_environment(settings, dsn, listeners[0])
    return [
        _build_part(name, ("api", "--fd"), listener, environment, stops_within=API_STOPS_WITHIN, forked=forked or {})
        for name, listener in zip(api_names(settings), listeners, strict=True)
    ]


def worker_part(
    settings: Settings,
    dsn: str,
    listener: socket.socket,
    metrics: socket.socket,
    forked: Mapping[str, PreforkedProcess],
) -> Child:
    """Return the worker. `listener`: a socket of the API, from which it knows the URL at which platforms fetch media."""
    environment = _build_environment(settings, dsn, listener)
    command = ("worker", "--metrics-fd")
    return _build_part(WORKER, command, metrics, environment, stops_within=WORKER_STOPS_WITHIN, forked=forked)


def _build_part(
    name: str,
    command: Sequence[str],
    inherited: socket.socket,
    environment: Mapping[str, str],
    *,
    stops_within: timedelta,
    forked: Mapping[str, PreforkedProcess],
) -> Child:
    """Return a part. The first time it runs in the process that was forked for it, if there is one."""
    fds = (inherited.fileno(),)
    arguments = [*command, str(fds[0]), "--parent", str(os.getpid())]
    process = forked.get(name)
    return Child(
        name=name,
        argv=[sys.executable, "-P", "-m", "presswork.cli", *arguments],
        environment=environment,
        fds=fds,
        stops_within=stops_within,
        start_first=None if process is None else partial(process.start, arguments, environment, fds),
    )


def _build_environment(settings: Settings, dsn: str, listener: socket.socket) -> Mapping[str, str]:
    """Return the environment of the parts: this process's own, with the effective settings."""
    host, port = listener.getsockname()[:2]
    effective = {
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": dsn,
        "HOST": str(host),
        "PORT": str(port),
        "SANDBOX": str(settings.sandbox).lower(),
    }
    return os.environ | {PREFIX + name: value for name, value in effective.items()}
