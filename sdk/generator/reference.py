"""Generates the reference of each SDK: every method with its parameters, result and errors. `website/` makes pages of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from generator.names import EXTRA_METHODS, RESOURCES
from generator.openapi import (
    Api,
    Field,
    ListOf,
    MapOf,
    Model,
    Named,
    OneOf,
    Operation,
    Plain,
    Type,
    Union,
    camel,
    snake,
)
from generator.python import error_name

_COMMON: Final = frozenset(
    {
        "FORBIDDEN_SCOPE",
        "INTERNAL",
        "KILL_SWITCH",
        "RATE_LIMITED",
        "UNAUTHENTICATED",
        "UNAVAILABLE",
        "METHOD_NOT_ALLOWED",
    }
)
"""Codes that any call can return; listed once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """The spelling of one SDK."""

    name: str
    plain: Mapping[str, str]
    none: str
    is_python: bool

    @property
    def guide(self) -> str:
        """The name of the guide in docs/."""
        return f"sdk-{self.name.lower()}.md"

    @property
    def page(self) -> str:
        """The name of the reference, which is beside the guide on the documentation site."""
        return f"sdk-{self.name.lower()}-reference.md"

    def spelled(self, name: str) -> str:
        """Convert a name of the API, or of a method."""
        return snake(name) if self.is_python else camel(name) if "_" in name else name

    def sent(self, name: str) -> str:
        """Return the type of an object inside a request."""
        return f"params.{name}" if self.is_python else f"{name}Param"


LANGUAGES: Final = (
    Language(
        name="Python",
        plain={
            "string": "str",
            "integer": "int",
            "number": "float",
            "boolean": "bool",
            "instant": "datetime",
            "json": "JSON",
        },
        none="None",
        is_python=True,
    ),
    Language(
        name="TypeScript",
        plain={
            "string": "string",
            "integer": "number",
            "number": "number",
            "boolean": "boolean",
            "instant": "string (ISO 8601)",
            "json": "JSON",
        },
        none="null",
        is_python=False,
    ),
)


def write(api: Api, language: Language) -> str:
    """Return the text of a reference."""
    return "\n".join(_page(api, language))


def _page(api: Api, language: Language) -> Iterator[str]:
    guide = language.guide
    yield f"# The {language.name} client: reference"
    yield ""
    yield f"Every method, generated from the API. The [guide]({guide}) explains how to use them."
    yield ""
    yield "Any call can raise " + _names(_COMMON & api.codes.keys()) + "; they are not repeated below."
    yield ""
    for resource, about in RESOURCES.items():
        yield f"## {language.spelled(resource)}"
        yield ""
        yield about
        yield ""
        for operation in api.of(resource):
            yield from _method(operation, api, language)
        for name, description in EXTRA_METHODS.items():
            if name.startswith(f"{resource}."):
                yield f"### {language.spelled(resource)}.{language.spelled(name.partition('.')[2])}"
                yield ""
                yield f"{description} See the [guide]({guide})."
                yield ""
    yield "## Request objects"
    yield ""
    if language.is_python:
        yield (
            "Typed dicts: `params.Target(social_account_id=…, mode=…)`, or a dict with the same keys. The spelling of the "
            "API's JSON (`socialAccountId`) is accepted as well; its types end with `Param`, as in `params.TargetParam`."
        )
        yield ""
    for model in api.bodies:
        yield from _model(model, language.sent(model.name), api, language, sent=True)
    yield "## Response objects"
    yield ""
    for model in api.answers:
        yield from _model(model, model.name, api, language, sent=False)
    yield "## Enumerations"
    yield ""
    for choice in api.choices:
        yield f"### {choice.name}"
        yield ""
        yield ", ".join(f"`{value}`" for value in choice.values)
        yield ""
    yield "## Errors"
    yield ""
    yield "| class | code | HTTP status |"
    yield "|---|---|---|"
    for code, status in api.codes.items():
        yield f"| `{error_name(code)}` | `{code}` | {status} |"
    yield ""


def _method(operation: Operation, api: Api, language: Language) -> Iterator[str]:
    resource, method = language.spelled(operation.resource), language.spelled(operation.method)
    yield f"### {resource}.{method}"
    yield ""
    yield f"`{operation.http_method} {operation.path}` · {' '.join(operation.description.split())}"
    yield ""
    if operation.fields:
        yield "| parameter | type | meaning |"
        yield "|---|---|---|"
        yield from (_row(field, api, language, is_argument=True, sent=True) for field in operation.fields)
        yield ""
    answer = _linked(operation.answer, api, language)
    if operation.items is not None:
        answer = f"pages of {_linked(operation.items[1], api, language)}"
    own = set(operation.codes) - _COMMON
    yield f"Returns {answer}." + (f" Errors: {_names(own)}." if own else "")
    yield ""


def _model(model: Model, name: str, api: Api, language: Language, *, sent: bool) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if model.description:
        yield " ".join(model.description.split())
        yield ""
    yield "| field | type | meaning |"
    yield "|---|---|---|"
    yield from (_row(field, api, language, is_argument=not sent, sent=sent) for field in model.fields)
    yield ""


def _row(field: Field, api: Api, language: Language, *, is_argument: bool, sent: bool) -> str:
    name = language.spelled(field.name) if is_argument or language.is_python else field.name
    type_ = _linked(field.type, api, language, sent=sent)
    type_ += f" or `{language.none}`" if field.is_nullable else ""
    may = "" if field.is_required else "Optional. "
    return f"| `{name}` | {type_} | {may}{_cell(field.description)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _names(codes: set[str] | frozenset[str]) -> str:
    return ", ".join(f"`{error_name(code)}`" for code in sorted(codes))


def _linked(type_: Type, api: Api, language: Language, *, sent: bool = False) -> str:
    match type_:
        case Plain("instant") if sent:
            return "`datetime` or `str`" if language.is_python else "`Date` or `string`"
        case Plain(kind):
            return f"`{language.plain[kind]}`"
        case OneOf(values):
            return ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in values)
        case Named(name):
            shown = language.sent(name) if sent and any(model.name == name for model in api.bodies) else name
            return f"[`{shown}`](#{shown.lower().replace('.', '')})"
        case ListOf(item):
            return f"list of {_linked(item, api, language, sent=sent)}"
        case MapOf():
            return "`dict`" if language.is_python else "`Record<string, …>`"
        case Union(options):
            return " or ".join(_linked(option, api, language, sent=sent) for option in options)
    raise AssertionError(type_)
