"""Errors of the embedded database."""

from presswork.core.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """The embedded database can't be started or reached. The message says what to do."""
