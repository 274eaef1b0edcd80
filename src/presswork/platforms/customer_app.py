"""The apps of customers, as the registry opens platforms with them. Reading them is the caller's: it knows the database."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from presswork.core.errors import Unavailable
from presswork.platforms.login import AppCredentials


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerApp:
    """An app that a customer registered with a platform."""

    id: UUID
    name: str
    """By which people recognize it. Errors name it."""
    credentials: AppCredentials
    version: int
    """Another one after each change."""


class CustomerApps(Protocol):
    """Where the apps of customers are read."""

    async def read(self, app_id: UUID) -> CustomerApp:
        """Return an app. Raises Unavailable if it can't be used."""
        ...

    async def versions(self, app_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """Return the current versions of these apps, those that were deleted apart."""
        ...


class NoCustomerApps:
    """For a process that knows no apps of customers."""

    async def read(self, app_id: UUID) -> CustomerApp:  # noqa: ARG002  the protocol's parameter
        """Raise Unavailable."""
        raise Unavailable("This process can't read the platform apps of customers.")

    async def versions(self, app_ids: Collection[UUID]) -> Mapping[UUID, int]:  # noqa: ARG002  as above
        """Return nothing."""
        return {}
