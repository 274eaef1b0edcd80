"""The `presswork-sandbox` command: serve the fake platforms alone, on one port."""

import argparse
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import platformdirs
import uvicorn

from presswork_sandbox import __version__
from presswork_sandbox.access import TOKEN_HEADER, Access, listens_on_loopback
from presswork_sandbox.app import create_standalone_app
from presswork_sandbox.late_effects import MARGIN, REPUBLISH_AFTER
from presswork_sandbox.store import StateFileBusy, state_file_in

DISTRIBUTION: Final = "presswork-sandbox"
DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8001
TOKEN_VARIABLE: Final = "PRESSWORK_SANDBOX_TOKEN"  # noqa: S105  the variable's name
MAX_REPUBLISH_AFTER_SECONDS: Final = 3600
_BACKLOG: Final = 2048
_GRACE_SECONDS: Final = 10
_ALL_ADDRESSES: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  compared with, not bound to


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Return the exit code: 0 after a stop, 1 where the sandbox can't start."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with listen(options.host, options.port) as listener:
            serve(options.data_dir.expanduser(), listener, republish_after=options.republish_after)
    except KeyboardInterrupt:
        return 0
    except StateFileBusy:
        return _fail(
            f"Another process already serves the sandbox in {options.data_dir}. Use that process, or choose another "
            "folder with --data-dir."
        )
    except OSError as error:
        return _fail(
            f"Can't listen on {options.host} port {options.port}, or write to {options.data_dir}: {error}. Choose "
            "another address with --host and --port, or another folder with --data-dir."
        )
    return 0


def serve(data_dir: Path, listener: socket.socket, *, republish_after: timedelta) -> None:
    """Serve the sandbox whose state is in `data_dir` on a listening socket.

    One that other machines can reach needs a token, which is printed unless the environment has it. Raises StateFileBusy,
    and KeyboardInterrupt once it has stopped after a signal.
    """
    is_loopback_only = listens_on_loopback(listener)
    token = os.environ.get(TOKEN_VARIABLE) or secrets.token_urlsafe(32)
    access = Access(is_loopback_only=is_loopback_only, tokens=lambda: (token,))
    app = create_standalone_app(
        state_file_in(data_dir),
        access=access,
        is_seed_random=not is_loopback_only,
        with_sample_accounts=True,
        republish_after=republish_after,
    )
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    print(f"Sandbox: {url_of(listener)}/sandbox/  (data in {data_dir}, stop with Ctrl-C)", flush=True)  # noqa: T201  the command's output
    if not is_loopback_only and TOKEN_VARIABLE not in os.environ:
        print(f"Token: {token}  (send it in the header {TOKEN_HEADER}; {TOKEN_VARIABLE} sets it)", flush=True)  # noqa: T201  as above
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening TCP socket; port 0 chooses a free port. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol must be named: asyncio sets TCP_NODELAY only on sockets that say TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL at which a client on this machine reaches a listening socket."""
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in _ALL_ADDRESSES else host
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=DISTRIBUTION,
        description="Serve fake Instagram, Facebook Login, TikTok and Twilio APIs for tests.",
    )
    parser.add_argument("--host", default=DEFAULT_HOST, help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=_port,
        default=DEFAULT_PORT,
        help="port to listen on; 0 chooses a free port (default: %(default)s)",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="FOLDER",
        default=platformdirs.user_data_path(DISTRIBUTION),
        help="folder of the sandbox's state (default: %(default)s)",
    )
    parser.add_argument(
        "--republish-after",
        type=_seconds,
        metavar="SECONDS",
        default=REPUBLISH_AFTER,
        help="how long clients wait after a lost answer before they repeat the call; the delay of a late_effect fault is at "
        f"least {MARGIN.total_seconds():g} second shorter (default: {REPUBLISH_AFTER.total_seconds():g})",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


def _seconds(text: str) -> timedelta:
    if not text.isdecimal() or not 1 <= int(text[:5]) <= MAX_REPUBLISH_AFTER_SECONDS:
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {MAX_REPUBLISH_AFTER_SECONDS}")
    return timedelta(seconds=int(text))


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _fail(message: str) -> int:
    print(message, file=sys.stderr)  # noqa: T201  the command's output
    return 1
