"""Decides who may call the sandbox of an installation."""

import socket

from presswork.core.clock import SystemClock
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring
from presswork.platforms.sandbox_access import SandboxTokens
from presswork_sandbox.access import Access, listens_on_loopback, origin_of


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
