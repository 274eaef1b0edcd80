"""Adds the options of the platforms to the schemas of targets and posts."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, Field, JsonValue, ValidationInfo, create_model, field_validator
from pydantic.alias_generators import to_snake

from presswork.core.errors import FieldError
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.options import OptionField

Model = TypeVar("Model", bound=BaseModel)

_FIELDS: Final[Mapping[str, str]] = {to_snake(option.name): option.name for option in OPTIONS}
"""The wire name of each option, by the name of its field. `to_snake` is slow, so it is not called for each target."""
NO_OPTIONS: Final[Mapping[str, JsonValue]] = {option.name: None for option in OPTIONS}
"""The options of an example that has none."""


def accepts_options(model: type[Model]) -> type[Model]:
    """Add every option as an optional field of a request body. The body's `mode` comes before them."""
    return _extend_model(model, is_request=True)


def shows_options(model: type[Model]) -> type[Model]:
    """Add every option as a field of a response body; null: not requested."""
    return _extend_model(model, is_request=False)


def sent_options(body: BaseModel) -> dict[str, JsonValue]:
    """Return the options that a body contains, by their wire names, as they are stored: with a null for what is unset."""
    if body.model_fields_set.isdisjoint(_FIELDS):
        return {}
    return {name: value for name, value in option_changes(body).items() if value is not None}


def option_changes(body: BaseModel) -> dict[str, JsonValue]:
    """Return the options that a body contains, as `sent_options`, with None for those that it removes."""
    sent = {name: getattr(body, field) for field, name in _FIELDS.items() if field in body.model_fields_set}
    return {
        name: value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else value
        for name, value in sent.items()
    }


def _extend_model(model: type[Model], *, is_request: bool) -> type[Model]:
    fields: dict[str, Any] = {}  # as create_model accepts them
    validators: dict[str, Callable[..., Any]] = {}
    for option in OPTIONS:
        name = to_snake(option.name)
        description = option.description if is_request else None
        fields[name] = (option.schema | None, Field(default=None if is_request else ..., description=description))
        if is_request and option.refused:
            validators[f"_check_mode_of_{name}"] = field_validator(name, mode="after")(_mode_check(option))
    return create_model(
        model.__name__,
        __base__=model,
        __doc__=model.__doc__,
        __module__=model.__module__,
        __validators__=validators,
        **fields,
    )


def _mode_check(option: OptionField) -> Callable[[object, ValidationInfo], object]:
    def check(value: object, info: ValidationInfo) -> object:
        refusal = option.refused.get(info.data["mode"]) if "mode" in info.data else None
        if value is not None and refusal is not None:
            raise FieldError(*refusal)
        return value

    return check
