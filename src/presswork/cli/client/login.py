"""The stored login: server, API key and project, in a file that only its owner can read."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import platformdirs

import presswork_client
from presswork.cli.output import plain_refusals, print_refusal
from presswork.core.errors import Code, PressworkError
from presswork_client import APIStatusError, Presswork

_FILE: Final = "login.json"
_TIMEOUT_SECONDS: Final = 60.0


class NotPossible(PressworkError):
    """The arguments of a command are invalid or ambiguous."""

    code = Code.VALIDATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A server, an API key, and the default project."""

    url: str
    key: str
    project: str | None = None

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
    stored = _stored()
    key = os.environ.get("PRESSWORK_API_KEY") or (stored.key if stored else None)
    url = os.environ.get("PRESSWORK_BASE_URL") or (stored.url if stored else None)
    if key is None:
        raise NotPossible("There is no API key. Run `presswork login`, or set PRESSWORK_API_KEY.")
    is_stored = stored is not None and (key, url) == (stored.key, stored.url)
    return Login(
        url=url or presswork_client.DEFAULT_BASE_URL, key=key, project=stored.project if stored and is_stored else None
    )


def store_login(login: Login) -> Path:
    """Write the login file, readable by its owner only, and return its path."""
    file = login_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(login), out)
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
    """Yield a client. An error in the block is printed on standard error, and the command exits with status 1."""
    with plain_refusals(as_json=as_json):
        found = read_login() if login is None else login
        try:
            with Presswork(api_key=found.key, base_url=found.url, timeout_seconds=timeout_seconds) as client:
                yield client
        except APIStatusError as error:
            print_refusal(error.code or Code.INTERNAL.value, error.message, error.details, as_json=as_json)
        except presswork_client.PressworkError as error:  # also for a URL or key that the client refuses
            print_refusal(Code.UNAVAILABLE.value, error.message, {}, as_json=as_json)


def _stored() -> Login | None:
    try:
        return Login(**json.loads(login_file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, OSError) as error:
        raise NotPossible(f"{login_file()} can't be read. Run `presswork login` again.") from error
