"""What is fixed about a platform: names, hosts, operations. Each platform's folder has its own; `registry.py` has the list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from presswork_sandbox.quantities import Quantity
from presswork_sandbox.wire import JSONValue

SERVER: Final = r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?"
"""Regular expression of the host of a server that a person can choose, as in `luna@mastodon.example`."""


class SettingKind(StrEnum):
    """What a setting of an account can be."""

    FLAG = "flag"  # true or false
    COUNT = "count"  # a whole number from 0 to 100,000
    TEXT = "text"  # a string, or null
    TEXTS = "texts"  # a list of strings, or null


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAccount:
    """One account of a new sandbox."""

    handle: str
    tier: str
    display_name: str
    creator_info: Mapping[str, JSONValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformFacts:
    """What is fixed about a platform."""

    name: str
    """As in the control surface."""
    brand: str
    """As pages write it."""
    hosts: frozenset[str]
    """First path segments below /sandbox that programs call."""
    authorize_paths: str
    """Regular expression of the paths of its authorize pages, below /sandbox and without a slash at the end."""
    program_paths: str = ""
    """Regular expression of the paths below /sandbox that programs call on hosts whose names are not known in advance."""
    operations: Sequence[str]
    """Operations of faults and of the journal."""
    job_operations: frozenset[str]
    """Those operations for which the faults stuck_processing and media_error can be set."""
    tokenless_operations: frozenset[str] = frozenset({"token", "app_token", "client_token", "upload"})
    """Those operations for which the fault token_expired can't be set: their calls carry no token."""
    has_numeric_codes: bool
    """Whether the error codes that the fault platform_error names are numbers."""
    kinds: Mapping[str, str]
    """Kinds of posts, and what the pages call them."""
    kind_of_media: Mapping[str, str]
    """The kind of a post that a managed provider publishes, by media type; what is missing can't be published."""
    ids_of: Callable[[int, str], tuple[str, str]]
    """Returns the id of an account, and its id for one app, from its number in this sandbox and 64 characters that look random."""
    glyph: str
    """Its sign on pages: the content of an SVG of 24 by 24."""
    handle_prefix: str = ""
    """What the platform writes before a handle."""
    privacy_names: Mapping[str, str] = field(default_factory=lambda: {"PUBLIC_TO_EVERYONE": ""})
    """What the pages write about a post's privacy; "" hides it."""
    settings: Mapping[str, SettingKind] = field(default_factory=dict)
    """More fields of accounts on the control surface."""
    metrics: Mapping[str, Quantity] = field(default_factory=dict)
    """Its own names of numbers, and what each is or is made of."""
    samples: Sequence[SampleAccount] = ()
    """Its accounts in a new sandbox. An authorize page preselects the first one: it can be published to."""
