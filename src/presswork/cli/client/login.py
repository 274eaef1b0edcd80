"""The stored login: server, API key and project, in a file that only its owner can read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

import httpx2
import platformdirs

import presswork_client
from presswork.cli.output import plain_refusals, print_refusal
from presswork.core.errors import Code, PressworkError, Unavailable
from presswork_client import Presswork

_FILE: Final = "login.json"
_TIMEOUT_SECONDS: Final = 60.0
_CONNECT_TIMEOUT_SECONDS: Final = 5.0


class NotPossible(PressworkError):
    """The arguments of a command are invalid or ambiguous."""

    code = Code.VALIDATION


class Unreachable(Unavailable):
    """No connection to the server can be opened."""

    def __init__(self, login: "Login", error: httpx2.TransportError) -> None:
        is_late = isinstance(error, httpx2.ConnectTimeout)
        reason = f"no connection within {_CONNECT_TIMEOUT_SECONDS:g} s" if is_late else _find_reason(error)
        super().__init__(
            f"{login.url} can't be reached: {reason}. Check the URL, which is from {login.url_source}, and that the server is "
            "running.",
            url=login.url,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A server, an API key, and the default project."""

    url: str
    key: str = field(repr=False)
    project: str | None = None
    url_source: str = "--url"
    key_source: str = "your input"


def login_file() -> Path:
    """Return the path of the login file: PRESSWORK_LOGIN_FILE, or one in the user's configuration folder."""
    named = os.environ.get("PRESSWORK_LOGIN_FILE")
    return Path(named) if named else platformdirs.user_config_path("presswork") / _FILE


def read_login() -> Login:
    """Return the login of PRESSWORK_API_KEY and PRESSWORK_BASE_URL, or the one stored by `presswork login`.

    Raises NotPossible if there is none.
    """
    stored = _read_file()
    url, url_source = choose_url(None, stored)
    key, key_source = os.environ.get("PRESSWORK_API_KEY"), "PRESSWORK_API_KEY"
    if not key and stored:
        key, key_source = stored.key, stored.key_source
    if not key:
        raise NotPossible("There is no API key. Run `presswork login`, or set PRESSWORK_API_KEY.")
    is_stored = stored is not None and (key, url) == (stored.key, stored.url)
    return Login(
        url=url.rstrip("/"),
        key=key,
        project=stored.project if stored and is_stored else None,
        url_source=url_source,
        key_source=key_source,
    )


def choose_url(option: str | None, stored: Login | None) -> tuple[str, str]:
    """Return the URL of the server, and where it is from. Raises NotPossible unless it is an http or https URL."""
    candidates = (
        (option, "--url"),
        (os.environ.get("PRESSWORK_BASE_URL"), "PRESSWORK_BASE_URL"),
        *([(stored.url, stored.url_source)] if stored else []),
        (presswork_client.DEFAULT_BASE_URL, "the default"),
    )
    url, source = next((url, source) for url, source in candidates if url)
    if not url.startswith(("http://", "https://")):
        raise NotPossible(
            f"{url!r} is not the address of a server. It is from {source}; use a URL such as https://presswork.example.com."
        )
    return url, source


def _read_file() -> Login | None:
    source = f"{login_file()}, which `presswork login` stored"
    try:
        stored = json.loads(login_file().read_text(encoding="utf-8"))
        return Login(**stored, url_source=source, key_source=source)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, OSError) as error:
        raise NotPossible(f"{login_file()} can't be read. Run `presswork login` again.") from error


def store_login(login: Login) -> Path:
    """Write the login file, readable by its owner only, and return its path."""
    file = login_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump({"url": login.url, "key": login.key, "project": login.project}, out)
    draft.replace(file)
    return file


def forget_login() -> bool:
    """Delete the login file; return False if there was none."""
    file = login_file()
    is_there = file.exists()
    file.unlink(missing_ok=True)
    return is_there


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
