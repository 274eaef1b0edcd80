"""Writes the Python SDK's generated modules."""

import keyword
from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Final

from generator.form import (
    Field,
    Form,
    ListOf,
    MapOf,
    Model,
    Named,
    OneOf,
    Operation,
    Plain,
    Type,
    Union,
    pascal,
)
from generator.names import BY_HAND, RESOURCES

_HEAD: Final = '"""{about}\n\nWritten by `python -m generator`; change the API or the generator, not this file.\n"""\n'
_PLAIN: Final[Mapping[str, str]] = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "instant": "datetime",
    "json": "object",
    "null": "None",
}


def write(form: Form) -> Mapping[str, str]:
    """Return each file's text by its path below the package."""
    return {
        "_generated/__init__.py": '"""Written by `python -m generator`."""\n',
        "_generated/errors.py": _errors(form),
        "choices.py": _choices(form),
        "models.py": _models(form),
        "params.py": _params(form),
        "_generated/calls.py": _calls(form),
        **{f"_generated/{resource}.py": _resource_module(resource, form) for resource in RESOURCES},
        "_generated/resources.py": _resources(),
        "_generated/events.py": _events(form),
    }


def error_name(code: str) -> str:
    """Return the class of an error code: NOT_FOUND, NotFoundError."""
    return f"{pascal(code)}Error"


def _errors(form: Form) -> str:
    lines = [_HEAD.format(about="One class for each code of the API."), ""]
    lines += ["from collections.abc import Mapping", "from typing import Final", ""]
    lines += ["from presswork_client.errors import APIStatusError", ""]
    for code, status in form.codes.items():
        lines += ["", f"class {error_name(code)}(APIStatusError):", f'    """{status} {code}."""', ""]
    lines += ["", "BY_CODE: Final[Mapping[str, type[APIStatusError]]] = {"]
    lines += [f'    "{code}": {error_name(code)},' for code in form.codes]
    lines += ["}", '"""Which class stands for a code; one that is not here is an APIStatusError."""', ""]
    return "\n".join(lines)


def _choices(form: Form) -> str:
    lines = [_HEAD.format(about="Values that are one of a few. A newer server may send others."), ""]
    lines += ["from typing import Literal, TypeAlias", ""]
    for choice in form.choices:
        values = ", ".join(f'"{value}"' for value in choice.values)
        lines += ["", f"{choice.name}: TypeAlias = Literal[{values}]", *_doc(choice.description, indent="")]
    return "\n".join([*lines, ""])


def _models(form: Form) -> str:
    lines = [_HEAD.format(about="What the API answers."), ""]
    lines += ["from __future__ import annotations", ""]
    lines += [
        "from collections.abc import Mapping",
        "from dataclasses import dataclass",
        "from datetime import datetime",
    ]
    lines += ["from typing import ClassVar, Literal, TypeAlias", ""]
    lines += ["from presswork_client import choices", ""]
    lines += ["from presswork_client._model import Decode, Model, as_is, instant, many, mapped, one", ""]
    for model in form.answers:
        lines += _model(model, form)
    return "\n".join(lines)


def _model(model: Model, form: Form) -> Iterator[str]:
    yield ""
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {model.name}(Model):"
    yield from _doc(model.description or f"{model.name}, as the API answers it.", indent="    ")
    yield ""
    yield "    WIRE: ClassVar[Mapping[str, tuple[str, Decode]]] = {"
    for field in model.fields:
        yield f'        "{_attribute(field)}": ("{field.name}", {_decoder(field.type, form)}),'
    yield "    }"
    yield ""
    for field in model.fields:
        yield f"    {_attribute(field)}: {_annotation(field, form)}"
        yield from _doc(_said(field), indent="    ")
    yield ""


def _annotation(field: Field, form: Form) -> str:
    text = _type(field.type, form, sent=False)
    return f"{text} | None" if (field.is_nullable or not field.is_required) and text != "None" else text


def _said(field: Field) -> str:
    absent = "" if field.is_required else " None where it is absent."
    return f"{field.description}{absent}".strip()


def _attribute(field: Field) -> str:
    name = field.python_name
    return f"{name}_" if keyword.iskeyword(name) or name in ("raw", "response") else name


def _decoder(type_: Type, form: Form) -> str:
    match type_:
        case Plain("instant"):
            return "instant"
        case Named(name) if any(model.name == name for model in form.answers):
            return f"one(lambda: {name})"
        case ListOf(item):
            inner = _decoder(item, form)
            return "as_is" if inner == "as_is" else f"many({inner})"
        case MapOf(item):
            inner = _decoder(item, form)
            return "as_is" if inner == "as_is" else f"mapped({inner})"
        case _:
            return "as_is"


def _type(type_: Type, form: Form, *, sent: bool) -> str:
    match type_:
        case Plain("instant") if sent:
            return "datetime | str"
        case Plain(kind):
            return _PLAIN[kind]
        case OneOf(values):
            return (
                f"Literal[{', '.join(repr(value) if isinstance(value, bool) else _quoted(value) for value in values)}]"
            )
        case Named(name):
            if any(choice.name == name for choice in form.choices):
                return f"choices.{name}"
            return f"params.{name}Param" if sent else name
        case ListOf(item):
            return f"{'Sequence' if sent else 'list'}[{_type(item, form, sent=sent)}]"
        case MapOf(item):
            return f"Mapping[str, {_type(item, form, sent=sent)}]"
        case Union(options):
            return " | ".join(_type(option, form, sent=sent) for option in options)
    raise AssertionError(type_)


def _quoted(value: str) -> str:
    return f'"{value}"'


def _params(form: Form) -> str:
    lines = [_HEAD.format(about="What is sent inside a call, in the API's own spelling: dicts with types."), ""]
    lines += ["from __future__ import annotations", ""]
    lines += ["from collections.abc import Mapping, Sequence", "from datetime import datetime"]
    lines += ["from typing import Literal, NotRequired, TypedDict", ""]
    lines += ["from presswork_client import choices", ""]
    for model in form.bodies:
        lines += ["", f"class {model.name}Param(TypedDict):", *_doc(model.description, indent="    "), ""]
        for field in model.fields:
            text = _type(field.type, form, sent=True).replace("params.", "")
            text = f"{text} | None" if field.is_nullable else text
            lines += [f"    {field.name}: {text if field.is_required else f'NotRequired[{text}]'}"]
            lines += _doc(field.description, indent="    ")
        lines += [""]
    return "\n".join(lines)


def _calls(form: Form) -> str:
    lines = [_HEAD.format(about="Every operation of the API."), ""]
    lines += ["from typing import Final", ""]
    lines += ["from presswork_client._calls import Call", "from presswork_client import models", ""]
    for one in form.operations:
        lines += [
            f"{one.id.upper()}: Final = Call(",
            f'    method="{one.http_method}", path="{one.path}", answer=models.{one.answer.name}, takes_key={one.takes_key}',
            ")",
        ]
    return "\n".join([*lines, ""])


def _resource_module(resource: str, form: Form) -> str:
    lines = [_HEAD.format(about=RESOURCES[resource]), ""]
    lines += ["from __future__ import annotations", ""]
    lines += ["from collections.abc import Mapping, Sequence", "from datetime import datetime"]
    lines += ["from typing import TYPE_CHECKING, Literal", ""]
    lines += ["from presswork_client._absent import NOT_GIVEN, NotGiven", "from presswork_client._calls import Options"]
    lines += ["from presswork_client import choices, models, params", "from presswork_client._generated import calls"]
    lines += ["from presswork_client._pages import AsyncPages, Page", ""]
    lines += ["if TYPE_CHECKING:", "    from presswork_client._client import AsyncPresswork, Presswork", ""]
    for is_async in (False, True):
        lines += _resource(resource, form, is_async=is_async)
    return "\n".join(lines)


def _resources() -> str:
    lines = [_HEAD.format(about="Every resource of a client, by name."), ""]
    lines += ["from __future__ import annotations", ""]
    lines += ["from typing import TYPE_CHECKING", ""]
    for resource in RESOURCES:
        module = f"_{resource}" if resource in BY_HAND else f"_generated.{resource}"
        names = ", ".join(_class_of_client(resource, is_async=is_async) for is_async in (False, True))
        lines += [f"from presswork_client.{module} import {names}"]
    lines += ["", "if TYPE_CHECKING:", "    from presswork_client._client import AsyncPresswork, Presswork", ""]
    return "\n".join([*lines, *_root(is_async=False), *_root(is_async=True)])


def _class_of_client(resource: str, *, is_async: bool) -> str:
    """Return the class that a client has for a resource: the generated one, or what is built on it by hand."""
    if resource in BY_HAND:
        return f"{'Async' if is_async else ''}{BY_HAND[resource]}"
    return _class(resource, is_async=is_async)


def _class(resource: str, *, is_async: bool) -> str:
    prefix = "Async" if is_async else ""
    return f"{prefix}{pascal(resource)}{'Calls' if resource in BY_HAND else ''}"


def _resource(resource: str, form: Form, *, is_async: bool) -> Iterator[str]:
    client = "AsyncPresswork" if is_async else "Presswork"
    yield ""
    yield f"class {_class(resource, is_async=is_async)}:"
    yield from _doc(RESOURCES[resource], indent="    ")
    yield ""
    yield f"    def __init__(self, client: {client}) -> None:"
    yield '        """Take the client that makes the calls."""'
    yield "        self._client = client"
    for operation in form.of(resource):
        yield from _method(operation, form, is_async=is_async)
    yield ""


def _method(operation: Operation, form: Form, *, is_async: bool) -> Iterator[str]:
    is_list = operation.items is not None
    model = f"models.{operation.answer.name}"
    returns = model
    if operation.items is not None:
        row = _type(operation.items[1], form, sent=False)
        returns = f"{'AsyncPages' if is_async else 'Page'}[models.{row}, {model}]"
    yield ""
    yield f"    {'async ' if is_async and not is_list else ''}def {operation.method}("
    yield "        self,"
    yield "        *,"
    for field in operation.fields:
        yield f"        {_argument(field, form)},"
    if operation.takes_key:
        yield "        idempotency_key: str | None = None,"
    yield "        timeout_seconds: float | NotGiven | None = NOT_GIVEN,"
    yield "        max_retries: int | None = None,"
    yield "        extra_headers: Mapping[str, str] | None = None,"
    yield f"    ) -> {returns}:"
    yield from _method_doc(operation)
    call = f"calls.{operation.id.upper()}"
    start = "await " if is_async and not is_list else ""
    yield f"        return {start}self._client.{'page' if is_list else 'call'}("
    yield f"            {call},"
    if operation.items is not None:
        yield f"            lambda answer: answer.{operation.items[0]},"
    yield f"            path={_mapping(operation.path_fields)},"
    yield f"            query={_mapping(operation.query_fields)},"
    if not is_list:
        yield f"            body={_mapping(operation.body_fields) if operation.body_name else None},"
    yield "            options=Options("
    if operation.takes_key:
        yield "                idempotency_key=idempotency_key,"
    yield "                timeout_seconds=timeout_seconds, max_retries=max_retries, extra_headers=extra_headers or {},"
    yield "            ),"
    yield "        )"


def _argument(field: Field, form: Form) -> str:
    text = _type(field.type, form, sent=True)
    if field.is_nullable:
        text = f"{text} | None"
    return (
        f"{field.python_name}: {text}" if field.is_required else f"{field.python_name}: {text} | NotGiven = NOT_GIVEN"
    )


def _mapping(fields: Sequence[Field]) -> str:
    return "{" + ", ".join(f'"{field.name}": {field.python_name}' for field in fields) + "}"


def _method_doc(operation: Operation) -> Iterator[str]:
    paragraphs = [f"{operation.summary}.", *operation.description.split("\n\n")]
    yield f'        """{paragraphs[0]}'
    for paragraph in paragraphs[1:]:
        yield ""
        yield from (f"        {line}" for line in wrap(paragraph, 104, break_long_words=False))
    said = [field for field in operation.fields if field.description]
    if said:
        yield ""
        yield "        Args:"
        for field in said:
            text = f"{field.python_name}: {' '.join(field.description.split())}"
            yield from (
                f"            {line}" for line in wrap(text, 100, subsequent_indent="    ", break_long_words=False)
            )
    if operation.codes:
        yield ""
        names = f"Raises: {', '.join(error_name(code) for code in operation.codes)}."
        yield from (f"        {line}" for line in wrap(names, 104, break_long_words=False))
    yield '        """'


def _root(*, is_async: bool) -> Iterator[str]:
    prefix = "Async" if is_async else ""
    yield ""
    yield f"class {prefix}Resources:"
    yield '    """Every resource of a client, by name."""'
    yield ""
    yield f"    def __init__(self, client: {prefix}Presswork) -> None:"
    yield '        """Take the client that makes the calls."""'
    for resource in RESOURCES:
        yield f"        self.{resource} = {_class_of_client(resource, is_async=is_async)}(client)"
        yield from _doc(RESOURCES[resource], indent="        ")
    yield ""


def _events(form: Form) -> str:
    lines = [_HEAD.format(about="What a webhook tells, by its type."), ""]
    lines += ["from collections.abc import Mapping", "from typing import Final, TypeAlias", ""]
    names = sorted({model.name for model in form.events.values()})
    lines += ["from presswork_client import models", ""]
    union = " | ".join(f"models.{name}" for name in names)
    lines += [f"WebhookEvent: TypeAlias = {union}", '"""One of the events; `type` tells which."""', ""]
    lines += ["BY_TYPE: Final[Mapping[str, type[WebhookEvent]]] = {"]
    lines += [f'    "{name}": models.{model.name},' for name, model in form.events.items()]
    return "\n".join([*lines, "}", '"""Which model an event of a type is."""', ""])


def _doc(text: str, *, indent: str) -> Iterator[str]:
    """Yield a docstring, or nothing."""
    text = " ".join(text.split()).replace("\\", "\\\\")
    if not text:
        return
    lines = wrap(text, 112 - len(indent), break_long_words=False)
    if len(lines) == 1:
        yield f'{indent}"""{lines[0]}"""'
        return
    yield f'{indent}"""{lines[0]}'
    yield from (f"{indent}{line}" for line in lines[1:])
    yield f'{indent}"""'
