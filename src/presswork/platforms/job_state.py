"""What a connector stores of a post between attempts, as typed documents, so that another worker can resume."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Self, TypeVar, get_type_hints

from pydantic import ConfigDict, JsonValue, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from presswork.platforms.port import Job

Value = TypeVar("Value")

IN_CAMEL_CASE: Final = ConfigDict(alias_generator=to_camel)
"""The `__pydantic_config__` of a dataclass whose fields are stored in camelCase, as those of `JobState` are."""
_KEPT: Final = "keep_"
_ADAPTERS: Final[dict[object, TypeAdapter[object]]] = {}
"""By the type of what is stored, of which there are some dozens. To build one takes 0.7 ms, to read a value 0.01 ms."""


def parse_stored(kind: type[Value], stored: JsonValue) -> Value | None:
    """Return a stored value; None where there is none, or it can't be read as one of this kind."""
    try:
        value = None if stored is None else _get_adapter(kind).validate_python(stored)
    except ValidationError:
        return None
    return value if isinstance(value, kind) else None


def as_stored(value: object) -> JsonValue:
    """Return the form in which `parse_stored` reads a dataclass."""
    stored: JsonValue = _get_adapter(type(value)).dump_python(value, mode="json", by_alias=True)
    return stored


def _get_adapter(kind: type[object]) -> TypeAdapter[object]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A part of `Job.state`: a subclass declares its fields, each with a default; how they are read and written is the same for all.

    A field is stored under its name in camelCase (`video_id` as `videoId`), so that a field may be added at any time. A name that
    begins with `keep_` stays as it is: the worker keeps those keys when a post starts over. A default is not stored.
    """

    @classmethod
    def load(cls, state: Mapping[str, JsonValue]) -> Self:
        """Load it from a job's state. Never raises: a field that is missing or can't be read has its default."""
        values: dict[str, object] = {}
        for name, kind in get_type_hints(cls).items():
            if (stored := state.get(_name_key(name))) is not None:
                with suppress(ValidationError):
                    values[name] = _get_adapter(kind).validate_python(stored)
        return cls(**values)

    def as_state(self) -> dict[str, JsonValue]:
        """Return the form that is stored; None removes a key."""
        state, default = {}, type(self)()
        for name, kind in get_type_hints(type(self)).items():
            value = getattr(self, name)
            is_default = value == getattr(default, name)
            state[_name_key(name)] = (
                None if is_default else _get_adapter(kind).dump_python(value, mode="json", by_alias=True)
            )
        return state

    async def save(self, job: Job) -> None:
        """Store what has changed before continuing. Load, `replace` and save without a call between: the last one wins."""
        await job.save(**self._list_changes(job))

    def save_later(self, job: Job) -> None:
        """Store what has changed with the next write of the post: only what the next attempt can find out again."""
        job.save_later(**self._list_changes(job))

    def _list_changes(self, job: Job) -> dict[str, JsonValue]:
        return {key: value for key, value in self.as_state().items() if value != job.state.get(key)}


def _name_key(name: str) -> str:
    return name if name.startswith(_KEPT) else to_camel(name)
