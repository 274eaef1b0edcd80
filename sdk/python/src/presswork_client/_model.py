"""Typed objects of the API, which keep fields that this version does not know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, TypeAlias, TypeVar

from presswork_client._response import ApiResponse

Json: TypeAlias = Mapping[str, object]
Decode: TypeAlias = Callable[[object], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object of the API. Fields of newer servers are in `raw`, and an enumeration may have a new value."""

    _WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {}
    """The JSON name and the decoder of each attribute."""

    raw: Json = field(default_factory=dict, repr=False, compare=False)
    """The JSON object; it distinguishes an absent field from null."""
    response: ApiResponse | None = field(default=None, repr=False, compare=False)
    """The HTTP response; None for a nested object."""


M = TypeVar("M", bound=Model)


def read(model: type[M], wire: object, response: ApiResponse | None = None) -> M:
    """Decode a JSON object. Raises ValueError if it is not one."""
    if not isinstance(wire, Mapping):
        raise ValueError(f"The server did not send an object for {model.__name__}.")  # noqa: TRY004  the server's value is wrong, not the caller's type
    found = {name: decode(wire.get(key)) for name, (key, decode) in model._WIRE.items()}  # noqa: SLF001  the class that this function completes
    return model(raw=wire, response=response, **found)


def as_is(value: object) -> object:
    """Return the value unchanged."""
    return value


def instant(value: object) -> object:
    """Decode a UTC time."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def many(decode: Decode) -> Decode:
    """Decode an array."""
    return lambda value: [decode(item) for item in value] if isinstance(value, list) else value


def mapped(decode: Decode) -> Decode:
    """Decode an object with arbitrary keys."""
    return lambda value: {key: decode(item) for key, item in value.items()} if isinstance(value, dict) else value


def one(model: Callable[[], type[Model]]) -> Decode:
    """Decode an object of the API; null becomes None."""
    return lambda value: None if value is None else read(model(), value)
