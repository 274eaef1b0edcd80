"""What goes wrong with the embedded database."""

from presswork.core.errors import Unavailable


class DatabaseUnavailable(Unavailable):
    """The embedded database can't be started or reached; the message says what to do."""
