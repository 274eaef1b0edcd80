"""Filling in texts when a post goes out: the values of variables, and parameters of links. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlsplit

from linkify_it import LinkifyIt  # type: ignore[import-untyped]  # it has no types

from presswork.projects.model import UTM, VARIABLE_NAME, FillValues

_VARIABLE: Final = re.compile(rf"\{{\{{\s*({VARIABLE_NAME})\s*\}}\}}", re.ASCII)
_PLATFORM: Final = "{platform}"
_DOMAIN: Final = re.compile(r"[\w-]{1,63}(?:\.[\w-]{1,63})*")
_QUOTES: Final = "“”’»›…"
"""Characters that belong to the sentence where they end a link, beyond those that the library knows."""
_LINKS: Final = LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
for _schema in ("ftp:", "mailto:", "//"):
    _LINKS.add(_schema, None)


class UnknownVariables(ValueError):
    """Texts name variables that have no value."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"no value for {', '.join(names)}")
        self.names: Final = tuple(names)


def names_in(text: str) -> Sequence[str]:
    """Return the variables that a text names, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def missing_in(text: str, values: FillValues) -> Sequence[str]:
    """Return the variables that a text names and that have no value; none where braces have no meaning."""
    known = values.variables
    return [] if known is None else [name for name in names_in(text) if name not in known]


def fill_text(text: str, values: FillValues, *, platform: str) -> str:
    """Return a text with the values of its variables, and its links with their parameters. Raises UnknownVariables.

    A value is not searched for variables again, but for links.
    """
    if unknown := missing_in(text, values):
        raise UnknownVariables(unknown)
    if (variables := values.variables) is not None:
        text = _VARIABLE.sub(lambda found: variables[found[1]], text)
    return text if values.utm is None else _extend_links(text, values.utm, platform)


def fill_url(url: str, values: FillValues, *, platform: str) -> str:
    """Return a URL with the parameters that it gets."""
    return url if values.utm is None else _extend_url(url, values.utm, platform)


def without_platform(values: FillValues) -> FillValues:
    """Return the values that are the same on every platform: without link parameters of which one names the platform."""
    names_it = values.utm is not None and any(_PLATFORM in text for text in _parameters(values.utm).values())
    return replace(values, utm=None) if names_it else values


def used_values(values: FillValues, texts: Sequence[str]) -> FillValues:
    """Return the values that some texts use."""
    if values.variables is None:
        return values
    used = {name for text in texts for name in names_in(text)}
    return replace(values, variables={name: text for name, text in values.variables.items() if name in used})


def domain_of(text: str) -> str | None:
    """Return a domain as hosts are compared with it, or None if it is none."""
    try:
        host = text.strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    return host if _DOMAIN.fullmatch(host) else None


def _extend_links(text: str, utm: UTM, platform: str) -> str:
    parts, end = [], 0
    for found in _LINKS.match(text) or ():
        link = text[found.index : found.last_index].rstrip(_QUOTES)
        parts += [text[end : found.index], _extend_url(link, utm, platform)]
        end = found.index + len(link)
    return "".join([*parts, text[end:]])


def _extend_url(url: str, utm: UTM, platform: str) -> str:
    """Return a URL with the parameters that it does not have yet; everything else in it stays as it is written."""
    if not _is_of(url, utm.domains):
        return url
    before, hash_sign, fragment = url.partition("#")
    base, _, query = before.partition("?")
    own = {pair.partition("=")[0] for pair in query.split("&")}
    added = [
        f"{name}={quote(value.replace(_PLATFORM, platform), safe='')}"
        for name, value in _parameters(utm).items()
        if name not in own
    ]
    if not added:
        return url
    pairs = [*([query] if query else []), *added]
    return f"{base}?{'&'.join(pairs)}{hash_sign}{fragment}"


def _is_of(url: str, domains: Sequence[str]) -> bool:
    try:
        parts = urlsplit(url)
        host = domain_of(parts.hostname or "")
    except ValueError:
        return False
    is_web = parts.scheme.lower() in ("http", "https")
    return is_web and host is not None and any(host == one or host.endswith(f".{one}") for one in domains)


def _parameters(utm: UTM) -> Mapping[str, str]:
    values = {"utm_source": utm.source, "utm_medium": utm.medium, "utm_campaign": utm.campaign}
    return {name: value for name, value in values.items() if value is not None}
