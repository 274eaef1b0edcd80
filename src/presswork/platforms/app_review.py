"""What the review of an operator's app asks for, as each platform's folder states it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Address(StrEnum):
    """An address of an installation that a platform's developer portal asks for."""

    REDIRECT_URI = "redirect_uri"
    WEBHOOK = "webhook"
    DEAUTHORIZE = "deauthorize"
    DATA_DELETION = "data_deletion"
    PRIVACY = "privacy"
    TERMS = "terms"
    SERVICE = "service"
    HOST = "host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a developer portal, and the address that belongs there."""

    label: str
    where: str
    """The page of the portal."""
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class AppReview:
    """What is pasted into, written for and shown to a platform's reviewers, for the app of one login. In English."""

    title: str
    portal: str
    """URL of the developer portal."""
    fields: Sequence[Field]
    scopes: Mapping[str, str]
    """For each permission that the login requests: what Presswork does with it, in a sentence for the form."""
    requirements: Sequence[str]
    """What the review needs besides, and no program can check."""
    demo: Sequence[str]
    """The scenes of the screen recording, after the one that shows the app itself."""
    removal: str
    """Where a person removes the app at the platform, as a sentence for the page about data deletion."""
