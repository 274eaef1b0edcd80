"""The sandbox of an installation: who may call it, and its app.

The only module that imports `presswork_sandbox`, which may not be installed. So the commands that serve the sandbox import this module
when they do, after `require_sandbox`, and no other module imports it (docs/decisions/0053-make-the-sandbox-an-extra.md).
"""

import socket

from starlette.applications import Starlette

from presswork.cli.run.setup import sandbox_file
from presswork.core.clock import SystemClock
from presswork.core.errors import Unavailable
from presswork.crypto.keyring import Keyring
from presswork.platforms.sandbox_access import SandboxTokens
from presswork.platforms.settings import Settings
from presswork_sandbox.access import Access, listens_on_loopback, origin_of
from presswork_sandbox.app import create_app, create_standalone_app
from presswork_sandbox.store import StateFileBusy
from presswork_sandbox.threaded_app import ThreadedApp


def sandbox_access(
    settings: Settings, keyring: Keyring, listener: socket.socket, *, base_url: str, is_served_by_api: bool = True
) -> Access:
    """Return the access to a sandbox behind a listening socket. `base_url` is where people reach the API.

    It is open to everyone only if the socket is on loopback and, where the API serves it, no public URL is set.
    """
    own, tokens, clock = origin_of(base_url), SandboxTokens.of(settings, keyring), SystemClock()
    return Access(
        is_loopback_only=listens_on_loopback(listener) and not (is_served_by_api and settings.public_url),
        tokens=tokens.all,
        is_ticket=lambda state, ticket: tokens.is_ticket(state, ticket, now=clock.now()),
        origins=frozenset() if own is None else frozenset({own}),
    )


def printed_token(access: Access) -> str | None:
    """Return the token to show to the operator; None if callers need none."""
    return None if access.is_loopback_only else access.tokens()[0]


def open_mounted_sandbox(settings: Settings, access: Access) -> ThreadedApp:
    """Return the sandbox as a part of the API, to be closed at its end. Raises Unavailable if another process serves it."""
    try:
        return create_app(
            sandbox_file(settings),
            access=access,
            is_seed_random=True,
            with_sample_accounts=True,
            republish_after=settings.republish_after_test,
        )
    except StateFileBusy as error:
        raise Unavailable(
            f"Another process already serves the sandbox of {settings.data_dir}. Set PRESSWORK_SANDBOX_URL to its URL, "
            "such as http://127.0.0.1:8000/sandbox, or choose another folder with --data-dir."
        ) from error


def open_standalone_sandbox(settings: Settings, access: Access) -> Starlette:
    """Return the sandbox alone. Raises Unavailable if another process serves it."""
    try:
        return create_standalone_app(
            sandbox_file(settings),
            access=access,
            is_seed_random=True,
            with_sample_accounts=True,
            republish_after=settings.republish_after_test,
        )
    except StateFileBusy as error:
        raise Unavailable(
            f"Another process already serves the sandbox of {settings.data_dir}. Use that process, or choose another "
            "folder with --data-dir."
        ) from error
