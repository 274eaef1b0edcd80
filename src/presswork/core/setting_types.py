"""Types of settings: what a value must look like, with a message that says so."""

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr, StringConstraints
from pydantic_core import PydanticCustomError

SECRET_KEY_BYTES: Final = 32

_NUMBER: Final = re.compile(r"\d+(\.\d+)?", re.ASCII)
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\]", re.ASCII | re.IGNORECASE)
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~-]{32,256}", re.ASCII)
_HTTP: Final = frozenset({"http", "https"})
SMTP_PORTS: Final = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
ROLES: Final = ("viewer", "author", "publisher", "approver", "admin")
_EMAIL: Final = re.compile(r"[^\s@<>,;\"()\\]+@[^\s@<>,;\"()\\]+\.[^\s@<>,;\"()\\.]+")
"""An e-mail address as people write it; whether it exists is not known."""
_POSTGRES: Final = ("postgresql://", "postgres://")
_FEWEST_DISTINCT_BYTES: Final = 8
"""A random key of 32 bytes has fewer only once in 10^30 keys."""


def _seconds(value: object) -> object:
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value


def _http_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        is_url = parts.scheme in _HTTP and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise PydanticCustomError("http_url", "it must be an http or https URL, like https://presswork.example.com")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().startswith(_POSTGRES):
        raise PydanticCustomError("database_url", "it must start with postgresql:// or postgres://")
    return value


def is_guessable(key: bytes) -> bool:
    """Return whether a secret key consists of a few repeated bytes, such as zeros, so that it was not drawn at random."""
    return len(set(key)) < _FEWEST_DISTINCT_BYTES


def _require_random_keys(value: SecretStr) -> SecretStr:
    """Refuse keys that can be guessed. Whether they are well-formed is checked where they are read."""
    for text in value.get_secret_value().split(","):
        try:
            key = base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
        except ValueError:
            continue
        if len(key) == SECRET_KEY_BYTES and is_guessable(key):
            raise PydanticCustomError(
                "secret_keys", "it must contain random keys only. `presswork config --new-key` prints one"
            )
    return value


def _hosts(value: str) -> str:
    if not all(_HOST.fullmatch(name.strip()) for name in value.split(",")):
        raise PydanticCustomError(
            "hosts", "it must be host names without ports, separated by commas, like api.internal"
        )
    return value


def _sandbox_token(value: SecretStr) -> SecretStr:
    if not _TOKEN.fullmatch(value.get_secret_value()):
        raise PydanticCustomError("sandbox_token", "it must have at least 32 letters, digits or - . _ ~")
    return value


def role_pairs(text: str) -> Mapping[str, str]:
    """Return roles by group, of pairs like `editors=publisher,leads=admin` or of a JSON object. Raises ValueError."""
    if text.lstrip().startswith("{"):
        found = json.loads(text)
    else:
        found = {group.strip(): role.strip() for group, _, role in (pair.rpartition("=") for pair in text.split(","))}
    if not isinstance(found, dict) or not all(group and role in ROLES for group, role in found.items()):
        raise ValueError(text)
    return found


def _role_map(value: str) -> str:
    try:
        role_pairs(value)
    except (ValueError, TypeError) as error:
        raise PydanticCustomError(
            "role_map", f"it must be pairs like editors=publisher, separated by commas; roles are {', '.join(ROLES)}"
        ) from error
    return value


def _smtp_url(value: SecretStr) -> SecretStr:
    try:
        parts = urlsplit(value.get_secret_value())
        is_url = parts.scheme in SMTP_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise PydanticCustomError("smtp_url", "it must be like smtps://user:password@mail.example.com:465")
    return value


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise PydanticCustomError("email", "it must be an e-mail address, like privacy@example.com")
    return value


def _require_visible(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise PydanticCustomError("visible", "it must be one line of visible text")
    return value.strip()


def _folder(value: Path) -> Path:
    try:
        value.expanduser()
    except RuntimeError as error:
        raise PydanticCustomError("folder", "the home folder of that user is unknown") from error
    return value


Duration = Annotated[timedelta, BeforeValidator(_seconds)]
"""A plain number is seconds, as in PRESSWORK_WORKER_LEASE=30; ISO 8601 (PT6H) is accepted too."""
Folder = Annotated[Path, AfterValidator(_folder)]
Hosts = Annotated[str, AfterValidator(_hosts)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
SecretKeys = Annotated[SecretStr, AfterValidator(_require_random_keys)]
RoleMap = Annotated[str, AfterValidator(_role_map)]
Email = Annotated[str, AfterValidator(_email), StringConstraints(max_length=254)]
OperatorName = Annotated[str, AfterValidator(_require_visible), StringConstraints(max_length=200)]
SmtpUrl = Annotated[SecretStr, AfterValidator(_smtp_url)]
SandboxToken = Annotated[SecretStr, AfterValidator(_sandbox_token)]


@dataclass(frozen=True, slots=True)
class SecretForm:
    """What a kind of secret looks like in a text."""

    pattern: str
    """A regular expression. What may come before it is looked behind, without groups."""
    marks: Sequence[str]
    """A text without any of these has no match."""
