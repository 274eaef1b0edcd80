"""Structured logs: one rich line per unit of work, and never a secret."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from presswork.settings import Settings

_SECRET_NAME: Final = re.compile(
    r"(token|secret|password|authorization|signature|api_key|code_verifier)$", re.IGNORECASE
)
_SECRET_TEXT: Final = re.compile(
    r"lp_(?:live|test)_[A-Z2-7]{16}_[A-Za-z0-9_-]{43}"
    r"|whsec_[A-Za-z0-9+/=_-]{16,}"
    r"|(?<![A-Za-z])(?:act|rft|clt)\.[A-Za-z0-9!._-]{8,}"
    r"|(?<![A-Za-z0-9])(?:IG|EAA)[A-Za-z0-9_-]{24,}"
    r"|(?<=[?&]signature=)[A-Za-z0-9_-]+"
    r"|(?<=[?&]access_token=)[^&\s]+"
    r"|(?<=[?&]upload_token=)[^&\s]+"
    r"|(?<=://)[^/@\s:]+:[^/@\s]+(?=@)"
)
HIDDEN: Final = "[hidden]"


def redact(text: str) -> str:
    """Return the text with every known form of a secret blotted out."""
    return _SECRET_TEXT.sub(HIDDEN, text)


def _hide_secrets(
    _logger: Any,  # structlog's own signature
    _method: str,
    event: MutableMapping[str, Any],  # structlog's own signature: a log line holds anything
) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if _SECRET_NAME.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = redact(value)
    return event


def set_up_logs(settings: Settings) -> None:
    """Route structlog and the standard library's loggers to standard error, in one format."""
    is_text = settings.log_format == "text" or (settings.log_format == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    rendered: list[structlog.typing.Processor] = (
        [_hide_secrets, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if is_text
        else [structlog.processors.format_exc_info, _hide_secrets, structlog.processors.JSONRenderer()]
    )
    level = getattr(logging, settings.log_level.upper())
    structlog.configure(
        processors=[*shared, *rendered],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=rendered, foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
