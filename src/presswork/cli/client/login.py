"""The stored login: server, API key and project, in a file that only its owner can read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import platformdirs

import presswork_client
from presswork.cli.output import plain_refusals, print_refusal
from presswork.core.errors import Code, PressworkError, Unavailable
from presswork_client import APIStatusError, Presswork

_FILE: Final = "login.json"
_TIMEOUT_SECONDS: Final = 60.0
_CONNECT_TIMEOUT_SECONDS: Final = 5.0


class NotPossible(PressworkError):
    """The arguments of a command are invalid or ambiguous."""

    code = Code.VALIDATION


class Unreachable(Unavailable):
    """No connection to the server can be opened."""

    def __init__(self, login: "Login", error: httpx2.TransportError) -> None:
        """Build the message, which names the URL and where it is from."""
        is_late = isinstance(error, httpx2.ConnectTimeout)
        reason = f"no connection within {_CONNECT_TIMEOUT_SECONDS:g} s" if is_late else _reason(error)
        super().__init__(
            f"{login.url} can't be reached: {reason}. Check the URL, which is from {login.url_source}, and that the server is "
            "running.",
            url=login.url,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A server, an API key, and the default project."""

    url: str
    key: str
    project: str | None = None
    url_source: str = "--url"
    key_source: str = "your input"

    def __repr__(self) -> str:
        """Show the login without its key."""
        return f"Login(url={self.url!r}, project={self.project!r})"


def login_file() -> Path:
    """Return the path of the login file: PRESSWORK_LOGIN_FILE, or one in the user's configuration folder."""
    named = os.environ.get("PRESSWORK_LOGIN_FILE")
    return Path(named) if named else platformdirs.user_config_path("presswork") / _FILE


def read_login() -> Login:
    """Return the login of PRESSWORK_API_KEY and PRESSWORK_BASE_URL, or the one stored by `presswork login`.

    Raises NotPossible if there is none.
    """
    stored, file = _stored(), f"{login_file()}, which `presswork login` stored"
    key, key_source = os.environ.get("PRESSWORK_API_KEY"), "PRESSWORK_API_KEY"
    url, url_source = os.environ.get("PRESSWORK_BASE_URL"), "PRESSWORK_BASE_URL"
    if not key and stored:
        key, key_source = stored.key, file
    if not url and stored:
        url, url_source = stored.url, file
    if not url:
        url, url_source = presswork_client.DEFAULT_BASE_URL, "the default"
    require_url(url, url_source)
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


def require_url(url: str, source: str) -> None:
    """Raise NotPossible unless the text is an http or https URL."""
    if not url.startswith(("http://", "https://")):
        raise NotPossible(
            f"{url!r} is not the address of a server. It is from {source}; use a URL such as https://presswork.example.com."
        )


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
def calling(
    login: Login | None = None, *, as_json: bool, timeout_seconds: float = _TIMEOUT_SECONDS
) -> Iterator[Presswork]:
    """Yield a client. An error in the block is printed on standard error, and the command exits with status 1.

    A server that can't be reached is not tried again: the command fails at once and names its URL.
    """
    with plain_refusals(as_json=as_json):
        found = read_login() if login is None else login
        try:
            with (
                _FailFast(found) as http,
                Presswork(
                    api_key=found.key, base_url=found.url, timeout_seconds=timeout_seconds, http_client=http
                ) as client,
            ):
                yield client
        except presswork_client.UnauthenticatedError as error:
            message = (
                f"{found.url} does not accept the API key, which is from {found.key_source}. Run `presswork login` with "
                "another one; `presswork key create` creates one."
            )
            print_refusal(Code.UNAUTHENTICATED.value, message, error.details, as_json=as_json)
        except presswork_client.KillSwitchError as error:
            message = f"{error.message} The key is from {found.key_source}."
            print_refusal(Code.KILL_SWITCH.value, message, error.details, as_json=as_json)
        except APIStatusError as error:
            code = error.code or Code.INTERNAL.value
            print_refusal(code, error.message, error.details, as_json=as_json, doc_url=error.doc_url)
        except presswork_client.APIConnectionError as error:
            repeat = (
                ""
                if error.idempotency_key is None
                else " The call may have had its effect: check before you repeat it."
            )
            message = f"{found.url} did not respond ({_reason(error)}). Check that the server is running.{repeat}"
            print_refusal(Code.UNAVAILABLE.value, message, {"url": found.url}, as_json=as_json)
        except presswork_client.PressworkError as error:  # also for a URL or key that the client refuses
            message = f"{error.message} The server is {found.url}, from {found.url_source}."
            print_refusal(Code.UNAVAILABLE.value, message, {"url": found.url}, as_json=as_json)


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


def _reason(error: BaseException) -> str:
    """Return the operating system's message below an error of the HTTP client, or that error's own."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror[:1].lower() + cause.strerror[1:]
        cause = cause.__cause__ or cause.__context__
    return str(error) or type(error).__name__


def _stored() -> Login | None:
    try:
        return Login(**json.loads(login_file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, OSError) as error:
        raise NotPossible(f"{login_file()} can't be read. Run `presswork login` again.") from error
