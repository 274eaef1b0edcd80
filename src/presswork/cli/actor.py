"""Who sits at the command line, as the audit log tells it."""

import getpass
import os

from presswork.audit.model import Actor, ActorKind


def login_name() -> str:
    """Return the user's name on this machine, or the number where it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user that no list knows
        return f"uid {os.getuid()}"


def here() -> Actor:
    """Return who runs this command."""
    return Actor(kind=ActorKind.COMMAND_LINE, name=login_name())
