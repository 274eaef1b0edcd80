"""Writes the reference of each SDK: every method with its parameters, its answer and its errors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from generator.form import Field, Form, ListOf, MapOf, Model, Named, OneOf, Operation, Plain, Type, Union, camel, snake
from generator.names import RESOURCES
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
"""Codes that any call may get; told once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How one SDK spells things."""

    name: str
    file: str
    plain: Mapping[str, str]
    none: str
    is_python: bool

    def spelled(self, name: str) -> str:
        """Spell a name of the API, or of a method."""
        return snake(name) if self.is_python else camel(name) if "_" in name else name


LANGUAGES: Final = (
    Language(
        name="Python",
        file="sdk-python-reference.md",
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
        file="sdk-typescript-reference.md",
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


def write(form: Form) -> Mapping[str, str]:
    """Return each page's text by its name in docs/."""
    return {language.file: "\n".join(_page(form, language)) for language in LANGUAGES}


def _page(form: Form, language: Language) -> Iterator[str]:
    guide = f"sdk-{language.name.lower()}.md"
    yield f"# The {language.name} client: reference"
    yield ""
    yield f"Every method, generated from the code. How to use them is in the [guide]({guide})."
    yield ""
    yield "Any call may be refused with " + _names(_COMMON & form.codes.keys()) + "; it is not repeated below."
    yield ""
    for resource, about in RESOURCES.items():
        yield f"## {language.spelled(resource)}"
        yield ""
        yield about
        yield ""
        for operation in form.of(resource):
            yield from _method(operation, form, language)
    yield "## What is sent"
    yield ""
    if language.is_python:
        yield "Inside a call these are dicts in the API's own spelling; `params` has a `TypedDict` for each."
        yield ""
    for model in form.bodies:
        yield from _model(model, f"{model.name}Param", form, language, sent=True)
    yield "## What comes back"
    yield ""
    for model in form.answers:
        yield from _model(model, model.name, form, language, sent=False)
    yield "## Values that are one of a few"
    yield ""
    for choice in form.choices:
        yield f"### {choice.name}"
        yield ""
        yield ", ".join(f"`{value}`" for value in choice.values)
        yield ""
    yield "## Errors"
    yield ""
    yield "| class | code | HTTP status |"
    yield "|---|---|---|"
    for code, status in form.codes.items():
        yield f"| `{error_name(code)}` | `{code}` | {status} |"
    yield ""


def _method(operation: Operation, form: Form, language: Language) -> Iterator[str]:
    resource, method = language.spelled(operation.resource), language.spelled(operation.method)
    yield f"### {resource}.{method}"
    yield ""
    yield f"`{operation.http_method} {operation.path}` · {' '.join(operation.description.split())}"
    yield ""
    if operation.fields:
        yield "| parameter | type | |"
        yield "|---|---|---|"
        yield from (_row(field, form, language, is_argument=True, sent=True) for field in operation.fields)
        yield ""
    answer = _linked(operation.answer, form, language)
    if operation.items is not None:
        answer = f"pages of {_linked(operation.items[1], form, language)}"
    own = set(operation.codes) - _COMMON
    yield f"Returns {answer}." + (f" Errors: {_names(own)}." if own else "")
    yield ""


def _model(model: Model, name: str, form: Form, language: Language, *, sent: bool) -> Iterator[str]:
    yield f"### {name}"
    yield ""
    if model.description:
        yield " ".join(model.description.split())
        yield ""
    yield "| field | type | |"
    yield "|---|---|---|"
    yield from (_row(field, form, language, is_argument=not sent, sent=sent) for field in model.fields)
    yield ""


def _row(field: Field, form: Form, language: Language, *, is_argument: bool, sent: bool) -> str:
    name = language.spelled(field.name) if is_argument else field.name
    type_ = _linked(field.type, form, language, sent=sent)
    type_ += f" or `{language.none}`" if field.is_nullable else ""
    may = "" if field.is_required else "Optional. "
    return f"| `{name}` | {type_} | {may}{_cell(field.description)} |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _names(codes: set[str] | frozenset[str]) -> str:
    return ", ".join(f"`{error_name(code)}`" for code in sorted(codes))


def _linked(type_: Type, form: Form, language: Language, *, sent: bool = False) -> str:
    match type_:
        case Plain("instant") if sent:
            return "`datetime` or `str`" if language.is_python else "`Date` or `string`"
        case Plain(kind):
            return f"`{language.plain[kind]}`"
        case OneOf(values):
            return ", ".join(f"`{str(value).lower() if isinstance(value, bool) else value}`" for value in values)
        case Named(name):
            shown = f"{name}Param" if sent and any(model.name == name for model in form.bodies) else name
            return f"[`{shown}`](#{shown.lower()})"
        case ListOf(item):
            return f"list of {_linked(item, form, language, sent=sent)}"
        case MapOf():
            return "`dict`" if language.is_python else "`Record<string, …>`"
        case Union(options):
            return " or ".join(_linked(option, form, language, sent=sent) for option in options)
    raise AssertionError(type_)
