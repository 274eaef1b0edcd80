"""The dependencies of the routes, created once per process, and the FastAPI dependencies that provide them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from fastapi import Depends, Request

from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.registry import Platforms
from presswork.platforms.settings import Settings

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The dependencies of one API process: those of most routes, and the parts that a few resources use."""

    settings: Settings
    pool: Pool
    clock: Clock
    keyring: Keyring
    platforms: Platforms
    base_url: str
    """URL at which clients reach this API, without a trailing slash."""
    parts: Sequence[object]
    """The other dependencies, each of another type; those of most calls come first."""

    def part(self, kind: type[_Part]) -> _Part:
        """Return the dependency of a type. Raises TypeError if the process was started without it."""
        for part in self.parts:
            if isinstance(part, kind):
                return part
        raise TypeError(f"the application was started without {kind.__name__}")


async def context_of(request: Request) -> Context:
    """Return the context of the process. Raises TypeError if the request carries none."""
    context = request.scope.get("context")
    if not isinstance(context, Context):
        raise TypeError("the application was started without its context")
    return context


async def now_of(context: Annotated[Context, Depends(context_of)]) -> datetime:
    """Return the instant of the call, UTC."""
    return context.clock.now().astimezone(UTC)


Ctx = Annotated[Context, Depends(context_of)]
Now = Annotated[datetime, Depends(now_of)]
