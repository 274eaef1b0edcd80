"""The connection of a command to its server: the client, and what an error means for the person.

It loads the client, which takes longer than everything else of a command: other modules import this one when a command runs, so that
help and completion do without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NoReturn

import httpx2

import presswork_client
from presswork.cli.client.login import Login, read_login
from presswork.cli.output import plain_refusals, print_refusal
from presswork.core.errors import Code, Unavailable
from presswork_client import Presswork

_TIMEOUT_SECONDS: Final = 60.0
_CONNECT_TIMEOUT_SECONDS: Final = 5.0


class Unreachable(Unavailable):
    """No connection to the server can be opened."""

    def __init__(self, login: Login, error: httpx2.TransportError) -> None:
        is_late = isinstance(error, httpx2.ConnectTimeout)
        reason = f"no connection within {_CONNECT_TIMEOUT_SECONDS:g} s" if is_late else _find_reason(error)
        super().__init__(
            f"{login.url} can't be reached: {reason}. Check the URL, which is from {login.url_source}, and that the server is "
            "running.",
            url=login.url,
        )


@contextmanager
def calling(login: Login | None = None, *, as_json: bool) -> Iterator[Presswork]:
    """Yield a client. An error in the block is printed on standard error, and the command exits with status 1.

    A server that can't be reached is not tried again: the command fails at once and names its URL.
    """
    with plain_refusals(as_json=as_json):
        found = read_login() if login is None else login
        connect = partial(Presswork, api_key=found.key, base_url=found.url, timeout_seconds=_TIMEOUT_SECONDS)
        try:
            with _FailFast(found) as http, connect(http_client=http) as client:
                yield client
        except presswork_client.PressworkError as error:
            _refuse(error, found, as_json=as_json)


def _refuse(error: presswork_client.PressworkError, login: Login, *, as_json: bool) -> NoReturn:
    """Print an error of the client and exit with status 1. Servers and keys are named by where they are from."""
    refuse = partial(print_refusal, as_json=as_json)
    match error:
        case presswork_client.UnauthenticatedError():
            refuse(
                Code.UNAUTHENTICATED,
                f"{login.url} does not accept the API key, which is from {login.key_source}. Run `presswork login` with "
                "another one; `presswork key create` creates one.",
                error.details,
            )
        case presswork_client.KillSwitchError():
            refuse(Code.KILL_SWITCH, f"{error.message} The key is from {login.key_source}.", error.details)
        case presswork_client.APIStatusError():
            refuse(error.code or Code.INTERNAL, error.message, error.details, doc_url=error.doc_url)
        case presswork_client.APIConnectionError():
            is_write = error.idempotency_key is not None
            repeat = " The call may have had its effect: check before you repeat it." if is_write else ""
            message = f"{login.url} did not respond ({_find_reason(error)}). Check that the server is running.{repeat}"
        case _:  # also for a URL or key that the client refuses
            message = f"{error.message} The server is {login.url}, from {login.url_source}."
    refuse(Code.UNAVAILABLE, message, {"url": login.url})


class _FailFast(httpx2.Client):
    """Raises Unreachable, which the client does not retry, where no connection can be opened."""

    def __init__(self, login: Login) -> None:
        super().__init__()
        self._login: Final = login

    def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:  # Any: as httpx2 declares them
        """Send a request."""
        timeout = request.extensions.get("timeout", {})
        request.extensions["timeout"] = {**timeout, "connect": _CONNECT_TIMEOUT_SECONDS}
        try:
            return super().send(request, **options)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise Unreachable(self._login, error) from error


def _find_reason(error: BaseException) -> str:
    """Return the operating system's message below an error of the HTTP client, or that error's own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__
