"""The stored login: server, API key and project, in a file that only its owner can read."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import platformdirs

import presswork_client
from presswork.core.errors import Code, PressworkError

_FILE: Final = "login.json"


class NotPossible(PressworkError):
    """The arguments of a command are invalid or ambiguous."""

    code = Code.VALIDATION


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
