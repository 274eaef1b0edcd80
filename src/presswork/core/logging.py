"""Structured logs: one line with all fields per unit of work, without secrets.

Secrets are recognized by their form (API keys, platform tokens, signatures), by the name of their field, and those of
the settings by their value. Uncaught exceptions are logged in the same way, so that tracebacks contain no secrets.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from functools import lru_cache
from types import TracebackType
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import structlog
from pydantic import SecretStr

from presswork.core.log_text import TextRenderer
from presswork.core.setting_types import SecretForm
from presswork.core.settings import CoreSettings
from presswork.core.visible import visible

_SECRET_NAME: Final = re.compile(
    r"(token|secret|secret_keys?|password|authorization|signature|api_key|code_verifier)$", re.IGNORECASE
)
_FORMS: Final = (
    SecretForm(r"lp_(?:live|test)_[A-Z2-7]{16}_[A-Za-z0-9_-]{43}", ("lp_",)),
    SecretForm(r"lps_[A-Za-z0-9_-]{43}", ("lps_",)),
    SecretForm(r"whsec_[A-Za-z0-9+/=_-]{16,}", ("whsec_",)),
    SecretForm(r"(?<![\w-])eyJ[\w-]{8,}(?:\.[\w-]*){1,2}", ("eyJ",)),  # a JWT
    SecretForm(r"(?<=[?&]signature=)[A-Za-z0-9_-]+", ("signature=",)),
    SecretForm(r"(?<=[?&]access_token=)[^&\s]+", ("token=",)),
    SecretForm(r"(?<=[?&]refresh_token=)[^&\s]+", ("token=",)),
    SecretForm(r"(?<=[?&]upload_token=)[^&\s]+", ("token=",)),
    SecretForm(r"(?<=[?&]client_secret=)[^&\s]+", ("client_secret=",)),
    SecretForm(r"(?<=[#?&]token=)[A-Za-z0-9_-]{16,}", ("token=",)),
    SecretForm(r"(?<=presswork_session=)[A-Za-z0-9_-]{16,}", ("_session=",)),
    SecretForm(r"(?<=(?:Bearer|bearer) )[A-Za-z0-9!._~+/=%-]{8,}", ("earer ",)),
    SecretForm(r"(?<=DPoP )[A-Za-z0-9!._~+/=%-]{16,}", ("DPoP ",)),
    SecretForm(r"(?<=(?:Basic|basic) )[A-Za-z0-9+/=_-]{8,}", ("asic ",)),
    SecretForm(r"(?<=://)[^/@\s:]+:[^/@\s]+(?=@)", ("://",)),
    SecretForm(r"(?<![\w+])\+[1-9][0-9]{7,14}(?![0-9])", ("+",)),  # a phone number, which is personal data
)
"""Secrets that are no platform's own. `platforms/settings.py` adds those of platforms."""
_SHORTEST: Final = 6
"""A shorter value may occur in a text by coincidence."""
_KEY_SEPARATOR: Final = ","
_URLS: Final = frozenset({"database_url", "smtp_url"})
"""Settings of which only the password is a secret."""
HIDDEN: Final = "[hidden]"
_NUMBERS: Final = (bool, int, float)


class _KnownSecrets:
    """What secrets look like, and the values of this process's secret settings, to find them in any text."""

    def __init__(self) -> None:
        self.longest_first: Sequence[str] = ()
        self._forms: Sequence[SecretForm] = ()
        self.learn_forms(_FORMS)

    def learn(self, settings: CoreSettings) -> None:
        forms = {form for value in secret_values(settings) for form in (value, quote(value, safe=""))}
        self.longest_first = sorted(forms, key=len, reverse=True)

    def learn_forms(self, forms: Sequence[SecretForm]) -> None:
        self._forms = tuple(dict.fromkeys((*forms, *self._forms)))
        self.pattern = re.compile("|".join(form.pattern for form in self._forms))
        self.marks = tuple({mark: None for form in self._forms for mark in form.marks})
        """A text without any of these has no match of the pattern, which needs a hundred times as long to find that out."""


_known: Final = _KnownSecrets()


def hide_forms(forms: Sequence[SecretForm]) -> None:
    """Hide what looks like these secrets in all texts from now on."""
    _known.learn_forms(forms)


def hide_secrets_of(settings: CoreSettings) -> None:
    """Hide the secrets of these settings in all texts from now on, instead of those of former ones."""
    _known.learn(settings)


def secret_values(settings: CoreSettings) -> Iterator[str]:
    """Yield each secret of the settings: the password of a URL, and each key of a list."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            for part in value.get_secret_value().split(_KEY_SEPARATOR):
                secret = _password_of(part) if name in _URLS else part.strip()
                if len(secret) >= _SHORTEST:
                    yield secret


def _password_of(url: str) -> str:
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""


def redact(text: str) -> str:
    """Return a text with every recognized secret replaced."""
    for value in _known.longest_first:
        if value in text:
            text = text.replace(value, HIDDEN)
    for mark in _known.marks:
        if mark in text:
            return _known.pattern.sub(HIDDEN, text)
    return text


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    """Return whether a field of this name has a secret."""
    return _SECRET_NAME.search(name) is not None


def _redact_value(value: Any) -> Any:  # Any: a log field has any type
    """Return a value with its secrets replaced, at any depth. Other types than JSON's are converted to text."""
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, _NUMBERS):
        return value
    if isinstance(value, dict):
        return {str(name): HIDDEN if _is_secret(str(name)) else _redact_value(part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value(part) for part in value]
    return redact(str(value))


def _hide_secrets(
    _logger: Any,  # structlog's signature
    _method: str,
    event: MutableMapping[str, Any],  # structlog's signature: a log field has any type
) -> MutableMapping[str, Any]:
    for name, value in event.items():
        event[name] = HIDDEN if _is_secret(name) else _redact_value(value)
    return event


def _show_controls(
    _logger: Any,  # structlog's signature
    _method: str,
    event: MutableMapping[str, Any],  # structlog's signature: a log field has any type
) -> MutableMapping[str, Any]:
    """Make control characters visible. JSON escapes most of them by itself; text on a terminal does not."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = visible(value)
    return event


_as_json: Final = json.JSONEncoder().encode


def _render_json(
    _logger: Any,  # structlog's signature
    _method: str,
    event: MutableMapping[str, Any],  # structlog's signature: a log field has any type
) -> str:
    """Render an event whose values are types of JSON, as `_hide_secrets` leaves them."""
    return _as_json(event)


def set_up_logs(settings: CoreSettings) -> None:
    """Send structlog and standard library logs to standard error in one format."""
    is_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    # Formats tracebacks before secrets are replaced. They contain source lines and no variables.
    rendered: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        _hide_secrets,
        *([_show_controls] if is_text else []),
        TextRenderer(is_terminal=sys.stderr.isatty()) if is_text else _render_json,
    ]
    hide_secrets_of(settings)
    level = getattr(logging, settings.log_level.upper())
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    of_others = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered]
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=of_others, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    _log_crashes()


def _log_crashes() -> None:
    """Log uncaught exceptions of the process and its threads. Python would print them with their secrets."""
    log = structlog.get_logger()

    def crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            log.critical("crashed", exc_info=(kind, error, trace))

    def thread_crashed(crash: threading.ExceptHookArgs) -> None:
        if crash.exc_value is not None and not issubclass(crash.exc_type, SystemExit):
            log.critical("thread crashed", exc_info=(crash.exc_type, crash.exc_value, crash.exc_traceback))

    def unraisable(left: "sys.UnraisableHookArgs") -> None:
        log.error("unraisable exception", at=left.err_msg or "", exc_info=left.exc_value or True)

    sys.excepthook = crashed
    threading.excepthook = thread_crashed
    sys.unraisablehook = unraisable
