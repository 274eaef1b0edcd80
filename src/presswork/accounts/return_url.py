"""Validate return URLs: the host must be a return domain of the key, and all URL parsers must read the URL alike. Pure."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from presswork.core.errors import Code, FieldError, IssueCode, PressworkError

MAX_CHARACTERS: Final = 2048
ERROR_PARAMETER: Final = "layers_oauth_error"

# Only the characters of RFC 3986: browsers read a backslash as a slash and drop tabs and line breaks.
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
    """The URL is not on a return domain of the key, or not safe."""

    code = Code.RETURN_URL_NOT_ALLOWED


@dataclass(frozen=True, slots=True)
class ReturnUrl:
    """An absolute http(s) URL, unchanged, with the parts that decide whether it is allowed."""

    text: str
    scheme: str
    host: str
    has_user: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a URL. Raises FieldError on anything but a plain absolute URL."""
        if "#" in text:
            raise FieldError("has a fragment. Remove the # and the text after it.", IssueCode.INVALID_FORMAT)
        form = _FORM.fullmatch(text) if _CHARACTERS.fullmatch(text) else None
        if form is None or int(form["port"] or 0) > _LAST_PORT:
            raise FieldError(
                "is not an absolute URL. Send one like https://app.example.com/connected, with everything but plain ASCII "
                "percent-encoded.",
                IssueCode.INVALID_FORMAT,
            )
        return cls(text, form["scheme"].lower(), form["host"].lower().strip("[]"), form["userinfo"] is not None)

    def require_allowed(self, domains: Sequence[str]) -> Self:
        """Return this URL if it is allowed for these return domains. Raises ReturnUrlNotAllowed.

        A domain allows exactly its host; `*.example.com` allows every subdomain of example.com, but not example.com. Plain
        http is allowed for loopback hosts only, and a user name in front of the host never.
        """
        if self.has_user:
            raise self._build_refusal("Remove the user name in front of the host.", domains)
        if not any(_matches_domain(domain, self.host) for domain in domains):
            raise self._build_refusal(
                "Use one of the key's return domains, or create a key with `--return-domain`.", domains
            )
        if self.scheme == "http" and not _is_loopback(self.host):
            raise self._build_refusal("Use https; plain http is allowed for this machine only.", domains)
        return self

    def _build_refusal(self, advice: str, domains: Sequence[str]) -> ReturnUrlNotAllowed:
        return ReturnUrlNotAllowed(
            f"This key may not redirect to this URL on {self.host}. {advice}",
            host=self.host,
            allowedDomains=list(domains),
        )

    def with_error(self, code: str) -> str:
        """Return the URL with `layers_oauth_error` added to its query."""
        joint = "" if self.text.endswith(("?", "&")) else ("&" if "?" in self.text else "?")
        return f"{self.text}{joint}{ERROR_PARAMETER}={code}"


def _matches_domain(domain: str, host: str) -> bool:
    domain = domain.strip().lower().strip("[]")
    if domain.startswith("*."):
        parent = domain[1:]
        return parent != "." and host.endswith(parent) and len(host) > len(parent)
    return host == domain


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
