"""Where a person is sent after a login: only to hosts that the key names, and never in a way that two parsers read
differently. Pure.
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from presswork.core.errors import Code, PressworkError

MAX_CHARACTERS: Final = 2048
ERROR_PARAMETER: Final = "layers_oauth_error"

# The characters of RFC 3986 and nothing else: browsers read a backslash as a slash and drop tabs and line breaks.
_CHARACTERS: Final = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII)
_FORM: Final = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:(?P<userinfo>[^/?#]*)@)?"
    r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<rest>[/?][^#]*)?",
    re.ASCII | re.IGNORECASE,
)
_LAST_PORT: Final = 65_535


class ReturnUrlNotAllowed(PressworkError):
    """The key may not send people there."""

    code = Code.RETURN_URL_NOT_ALLOWED


@dataclass(frozen=True, slots=True)
class ReturnUrl:
    """An absolute http(s) URL, kept as it came, with the parts that decide whether it is allowed."""

    text: str
    scheme: str
    host: str
    has_user: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read one. Raises ValueError, with a sentence for the caller, on anything but a plain absolute URL."""
        if "#" in text:
            raise ValueError("must have no fragment: leave out the # and what follows it")
        form = _FORM.fullmatch(text) if _CHARACTERS.fullmatch(text) else None
        if form is None or int(form["port"] or 0) > _LAST_PORT:
            raise ValueError(
                "must be an absolute https URL like https://app.example.com/connected, "
                "with everything but plain ASCII percent-encoded"
            )
        return cls(text, form["scheme"].lower(), form["host"].lower().strip("[]"), form["userinfo"] is not None)

    def require_allowed(self, domains: Sequence[str]) -> Self:
        """Return this URL if a key with these return domains may use it. Raises ReturnUrlNotAllowed.

        A domain allows exactly its host; `*.example.com` allows every host below example.com, but not itself. Plain
        http is for loopback hosts only, and a URL with a user name in front of its host is never allowed.
        """
        if self.has_user:
            raise self._refused("Leave out the user name in front of the host.", domains)
        if not any(_covers(domain, self.host) for domain in domains):
            raise self._refused("Use a host of its return domains, or make a key with `--return-domain`.", domains)
        if self.scheme == "http" and not _is_loopback(self.host):
            raise self._refused("Use https; plain http is for this machine only.", domains)
        return self

    def _refused(self, advice: str, domains: Sequence[str]) -> ReturnUrlNotAllowed:
        return ReturnUrlNotAllowed(
            f"This key may not send people to this address on {self.host}. {advice}",
            host=self.host,
            allowedDomains=list(domains),
        )

    def with_error(self, code: str) -> str:
        """Return the URL with `layers_oauth_error` added; what its query holds stays."""
        joint = "" if self.text.endswith(("?", "&")) else ("&" if "?" in self.text else "?")
        return f"{self.text}{joint}{ERROR_PARAMETER}={code}"


def _covers(domain: str, host: str) -> bool:
    domain = domain.strip().lower().strip("[]")
    if domain.startswith("*."):
        return host.endswith(domain[1:]) and len(host) > len(domain) - 1
    return host == domain


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
