"""Find misspelt variables: those with our prefix that nothing reads."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

from presswork.core.setting_values import OTHER_VARIABLES, PREFIX

_OF_TESTS: Final = re.compile(r"PRESSWORK_TESTS?_\w+")
_OF_KUBERNETES: Final = re.compile(
    r"PRESSWORK_(?:\w+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
"""Kubernetes sets these in each container for a service whose name begins with `presswork`, and `…_PORT` as a URL."""
_LINK: Final = re.compile(r"(?:tcp|udp|sctp)://", re.IGNORECASE)
_SIMILAR: Final = 0.6


def unknown_variables(given: Mapping[str, str | None], settings: Iterable[str]) -> Mapping[str, str]:
    """Return each variable with our prefix that is none of these settings and that nothing else reads, with the most similar
    name that exists, or an empty text.

    Names are compared without regard to case, as pydantic-settings reads them. Values are never part of the result.
    """
    known = {f"{PREFIX}{name.upper()}" for name in settings} | OTHER_VARIABLES
    by_rest = {name.removeprefix(PREFIX): name for name in known}
    found = {}
    for name, value in given.items():
        upper = name.upper()
        is_foreign = upper.startswith(PREFIX) and upper not in known
        is_link = upper.endswith("_PORT") and _LINK.match(value or "") is not None
        if is_foreign and not is_link and not _OF_TESTS.fullmatch(upper) and not _OF_KUBERNETES.fullmatch(upper):
            similar = get_close_matches(upper.removeprefix(PREFIX), by_rest, n=1, cutoff=_SIMILAR)
            found[upper] = by_rest[similar[0]] if similar else ""
    return found
