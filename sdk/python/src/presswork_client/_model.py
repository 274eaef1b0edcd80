"""Reading answers into typed objects, without losing what this version does not know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Self, TypeAlias

from presswork_client._answers import ApiResponse

Json: TypeAlias = Mapping[str, object]
Decode: TypeAlias = Callable[[object], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object of the API. Fields that a newer server adds are in `raw`; a choice may hold a value that is new."""

    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {}
    """Each attribute's name on the wire, and how its value is read."""

    raw: Json = field(default_factory=dict, repr=False, compare=False)
    """The object as it came: tells a field that is absent from one that is null."""
    response: ApiResponse | None = field(default=None, repr=False, compare=False)
    """The HTTP answer that this came in; None for an object inside another."""

    @classmethod
    def from_wire(cls, wire: object, response: ApiResponse | None = None) -> Self:
        """Read an object. Raises ValueError if it is none."""
        if not isinstance(wire, Mapping):
            raise ValueError(f"{cls.__name__} was expected, and the server sent something else.")  # noqa: TRY004  the server's value is wrong, not the caller's type
        read = {name: decode(wire.get(key)) for name, (key, decode) in cls.WIRE.items()}
        return cls(raw=wire, response=response, **read)


def as_is(value: object) -> object:
    """Return a plain value as it came."""
    return value


def instant(value: object) -> object:
    """Read an instant, UTC."""
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def many(decode: Decode) -> Decode:
    """Read an array."""
    return lambda value: [decode(item) for item in value] if isinstance(value, list) else value


def mapped(decode: Decode) -> Decode:
    """Read an object with free keys."""
    return lambda value: {key: decode(item) for key, item in value.items()} if isinstance(value, dict) else value


def one(model: Callable[[], type[Model]]) -> Decode:
    """Read an object of the API; null stays None."""
    return lambda value: None if value is None else model().from_wire(value)
