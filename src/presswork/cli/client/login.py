"""Who this person is to which server: kept in a file that only they can read."""

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
_ANSWERED_WITHIN_SECONDS: Final = 60.0


class NotPossible(PressworkError):
    """A command can't be carried out as it was given."""

    code = Code.VALIDATION


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A server, a key, and the project that commands are about where none is named."""

    url: str
    key: str
    project: str | None = None

    def __repr__(self) -> str:
        """Never the key."""
        return f"Login(url={self.url!r}, project={self.project!r})"


def login_file() -> Path:
    """Return where the login is kept: PRESSWORK_LOGIN_FILE, or the user's configuration folder."""
    named = os.environ.get("PRESSWORK_LOGIN_FILE")
    return Path(named) if named else platformdirs.user_config_path("presswork") / _FILE


def read_login() -> Login:
    """Return the login: of the environment (PRESSWORK_API_KEY, PRESSWORK_BASE_URL) over what `presswork login` kept.

    Raises NotPossible where there is none.
    """
    kept = _kept()
    key = os.environ.get("PRESSWORK_API_KEY") or (kept.key if kept else None)
    url = os.environ.get("PRESSWORK_BASE_URL") or (kept.url if kept else None)
    if key is None:
        raise NotPossible("There is no key to call with. Run `presswork login`, or set PRESSWORK_API_KEY.")
    is_kept = kept is not None and (key, url) == (kept.key, kept.url)
    return Login(
        url=url or presswork_client.DEFAULT_BASE_URL, key=key, project=kept.project if kept and is_kept else None
    )


def keep_login(login: Login) -> Path:
    """Write the login, readable by its owner only, and return where."""
    file = login_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(asdict(login), out)
    draft.replace(file)
    return file


def forget_login() -> bool:
    """Remove the login; False if there was none."""
    file = login_file()
    is_there = file.exists()
    file.unlink(missing_ok=True)
    return is_there


@contextmanager
def calling(
    login: Login | None = None, *, as_json: bool, timeout_seconds: float = _ANSWERED_WITHIN_SECONDS
) -> Iterator[Presswork]:
    """Yield a client. What is not possible, or refused, or not answered, becomes one sentence on standard error and
    status 1."""
    with plain_refusals(as_json=as_json):
        found = read_login() if login is None else login
        with Presswork(api_key=found.key, base_url=found.url, timeout_seconds=timeout_seconds) as client:
            try:
                yield client
            except APIStatusError as error:
                print_refusal(error.code or Code.INTERNAL.value, error.message, error.details, as_json=as_json)
            except presswork_client.PressworkError as error:
                print_refusal(Code.UNAVAILABLE.value, error.message, {}, as_json=as_json)


def _kept() -> Login | None:
    try:
        return Login(**json.loads(login_file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, OSError) as error:
        raise NotPossible(f"{login_file()} can't be read. Run `presswork login` again.") from error
