"""The caller of a command, for the audit log."""

import getpass
import os

from presswork.callers.model import Actor, ActorKind


def login_name() -> str:
    """Return the user's login name, or the user id if it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user without an entry in /etc/passwd
        return f"uid {os.getuid()}"


def here() -> Actor:
    """Return the caller of this command."""
    return Actor(kind=ActorKind.COMMAND_LINE, name=login_name())
