"""Writes the TypeScript SDK's generated modules."""

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
    camel,
    pascal,
)
from generator.names import BY_HAND, RESOURCES
from generator.python import error_name

_HEAD: Final = "// {about}\n// Written by `python -m generator`; change the API or the generator, not this file.\n"
_PLAIN: Final[Mapping[str, str]] = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "instant": "string",
    "json": "unknown",
    "null": "null",
}


def write(form: Form) -> Mapping[str, str]:
    """Return each file's text by its path below src/."""
    return {
        "generated/errors.ts": _errors(form),
        "generated/models.ts": _models(form),
        "generated/params.ts": _params(form),
        "generated/events.ts": _events(form),
        **{f"generated/{_file(resource)}.ts": _resource_module(resource, form) for resource in RESOURCES},
        "generated/resources.ts": _resources(),
    }


def _file(resource: str) -> str:
    return resource.replace("_", "-")


def _errors(form: Form) -> str:
    lines = [
        _HEAD.format(about="One class for each code of the API."),
        'import { APIStatusError } from "../errors.js";',
    ]
    for code, status in form.codes.items():
        lines += ["", f"/** {status} {code}. */", f"export class {error_name(code)} extends APIStatusError {{}}"]
    lines += ["", "/** Which class stands for a code; one that is not here is an APIStatusError. */"]
    lines += ["export const errorsByCode: Readonly<Record<string, typeof APIStatusError>> = {"]
    lines += [f"  {code}: {error_name(code)}," for code in form.codes]
    return "\n".join([*lines, "};", ""])


def _models(form: Form) -> str:
    lines = [_HEAD.format(about="What the API answers, and values that are one of a few.")]
    for choice in form.choices:
        values = " | ".join(_literal(value) for value in choice.values)
        lines += [*_doc(f"{choice.description} A newer server may send others.", indent="")]
        lines += [f"export type {choice.name} = {values};", ""]
    for model in form.answers:
        lines += [*_doc(model.description or f"{model.name}, as the API answers it.", indent="")]
        lines += [f"export interface {model.name} {{"]
        for field in model.fields:
            lines += [*_doc(field.description, indent="  ")]
            mark = "" if field.is_required else "?"
            lines += [f"  readonly {field.name}{mark}: {_nullable(field, form, sent=False)};"]
        lines += ["}", ""]
    return "\n".join(lines)


def _params(form: Form) -> str:
    names = sorted({*_names_of(form.bodies), *_names_of(form.operations)} & {choice.name for choice in form.choices})
    lines = [_HEAD.format(about="What is sent.")]
    lines += [f'import type {{ {", ".join(names)} }} from "./models.js";', ""]
    for model in form.bodies:
        lines += [*_doc(model.description, indent=""), f"export interface {model.name}Param {{"]
        lines += [*_members(model.fields, form)]
        lines += ["}", ""]
    for operation in form.operations:
        if operation.fields:
            lines += [f"/** What {camel(operation.resource)}.{camel(operation.method)} takes. */"]
            lines += [f"export interface {_params_name(operation)} {{", *_members(operation.fields, form), "}", ""]
    return "\n".join(lines)


def _members(fields: Sequence[Field], form: Form) -> Iterator[str]:
    for field in fields:
        yield from _doc(field.description, indent="  ")
        text = _nullable(field, form, sent=True)
        yield (
            f"  readonly {field.name}: {text};"
            if field.is_required
            else f"  readonly {field.name}?: {text} | undefined;"
        )


def _names_of(things: Sequence[Model] | Sequence[Operation]) -> Iterator[str]:
    for thing in things:
        for field in thing.fields:
            yield from _names_in(field.type)


def _names_in(type_: Type) -> Iterator[str]:
    match type_:
        case Named(name):
            yield name
        case ListOf(item) | MapOf(item):
            yield from _names_in(item)
        case Union(options):
            for option in options:
                yield from _names_in(option)
        case _:
            return


def _params_name(operation: Operation) -> str:
    return f"{pascal(operation.resource)}{pascal(operation.method)}Params"


def _nullable(field: Field, form: Form, *, sent: bool) -> str:
    text = _type(field.type, form, sent=sent)
    return f"{text} | null" if field.is_nullable else text


def _type(type_: Type, form: Form, *, sent: bool) -> str:
    match type_:
        case Plain("instant") if sent:
            return "Date | string"
        case Plain(kind):
            return _PLAIN[kind]
        case OneOf(values):
            return " | ".join(str(value).lower() if isinstance(value, bool) else _literal(value) for value in values)
        case Named(name):
            return f"{name}Param" if sent and any(model.name == name for model in form.bodies) else name
        case ListOf(item):
            inner = _type(item, form, sent=sent)
            return f"readonly ({inner})[]" if "|" in inner else f"readonly {inner}[]"
        case MapOf(item):
            return f"Readonly<Record<string, {_type(item, form, sent=sent)}>>"
        case Union(options):
            return " | ".join(_type(option, form, sent=sent) for option in options)
    raise AssertionError(type_)


def _literal(value: str | bool) -> str:
    return f'"{value}"'


def _resource_module(resource: str, form: Form) -> str:
    operations = form.of(resource)
    models = sorted({name for one in operations for name in _returned(one)})
    params = sorted(_params_name(one) for one in operations if one.fields)
    lines = [_HEAD.format(about=RESOURCES[resource])]
    lines += ['import type { RequestOptions } from "../calls.js";', 'import type { Transport } from "../transport.js";']
    if any(one.items for one in operations):
        lines += ['import type { Pages } from "../pages.js";']
    if any(not one.items for one in operations):
        lines += ['import type { ApiPromise } from "../responses.js";']
    lines += [f'import type {{ {", ".join(models)} }} from "./models.js";']
    if params:
        lines += [f'import type {{ {", ".join(params)} }} from "./params.js";']
    lines += ["", *_doc(RESOURCES[resource], indent=""), f"export class {_class(resource)} {{"]
    lines += ["  constructor(protected readonly client: Transport) {}"]
    for operation in operations:
        lines += _method(operation, form)
    return "\n".join([*lines, "}", ""])


def _returned(operation: Operation) -> Iterator[str]:
    yield operation.answer.name
    if operation.items is not None:
        yield from _names_in(operation.items[1])


def _class(resource: str) -> str:
    return f"{pascal(resource)}{'Calls' if resource in BY_HAND else ''}"


def _method(operation: Operation, form: Form) -> Iterator[str]:
    name, answer = camel(operation.method), operation.answer.name
    yield ""
    yield from _method_doc(operation)
    params = ""
    if operation.fields:
        default = "" if any(field.is_required for field in operation.fields) else " = {}"
        params = f"params: {_params_name(operation)}{default}, "
    if operation.items is not None:
        rows, item = operation.items[0], _type(operation.items[1], form, sent=False)
        yield f"  {name}({params}options?: RequestOptions): Pages<{item}, {answer}> {{"
        start = f"this.client.page<{item}, {answer}>("
        rest = f"(answer) => answer.{rows}, "
    else:
        yield f"  {name}({params}options?: RequestOptions): ApiPromise<{answer}> {{"
        start, rest = f"this.client.call<{answer}>(", ""
    if operation.fields:
        names = ", ".join(field.name for field in operation.fields)
        yield f"    const {{ {names} }} = params;"
    yield f"    return {start}"
    key = "true" if operation.takes_key else "false"
    yield f'      {{ method: "{operation.http_method}", path: "{operation.path}", takesKey: {key} }},'
    if rest:
        yield f"      {rest.strip()}"
    yield f"      {_parts(operation)},"
    yield "      options,"
    yield "    );"
    yield "  }"


def _parts(operation: Operation) -> str:
    parts = [
        f"{name}: {{ {', '.join(field.name for field in fields)} }}"
        for name, fields in (
            ("path", operation.path_fields),
            ("query", operation.query_fields),
            ("body", operation.body_fields),
        )
        if fields
    ]
    if operation.body_name and not operation.body_fields:
        parts.append("body: {}")
    return f"{{ {', '.join(parts)} }}" if parts else "{}"


def _method_doc(operation: Operation) -> Iterator[str]:
    yield "  /**"
    for index, paragraph in enumerate([f"{operation.summary}.", *operation.description.split("\n\n")]):
        if index:
            yield "   *"
        yield from (f"   * {line}" for line in wrap(paragraph, 112, break_long_words=False))
    if operation.codes:
        names = f"@throws {', '.join(error_name(code) for code in operation.codes)}."
        yield "   *"
        yield from (f"   * {line}" for line in wrap(names, 112, break_long_words=False))
    yield "   */"


def _resources() -> str:
    lines = [_HEAD.format(about="Every resource of a client, by name.")]
    lines += [
        'import type { Call, Parts, RequestOptions } from "../calls.js";',
        'import type { Transport } from "../transport.js";',
    ]
    lines += ['import type { Pages } from "../pages.js";', 'import type { ApiPromise } from "../responses.js";']
    for resource in RESOURCES:
        folder = ".." if resource in BY_HAND else "."
        lines += [f'import {{ {BY_HAND.get(resource, _class(resource))} }} from "{folder}/{_file(resource)}.js";']
    lines += [
        "",
        "/** Every resource of a client, by name. */",
        "export abstract class Resources implements Transport {",
    ]
    for resource in RESOURCES:
        lines += [*_doc(RESOURCES[resource], indent="  ")]
        lines += [f"  readonly {camel(resource)} = new {BY_HAND.get(resource, _class(resource))}(this);"]
    lines += [
        "",
        "  abstract call<T>(call: Call, parts: Parts, options?: RequestOptions): ApiPromise<T>;",
        "  abstract page<T, P>(",
        "    call: Call,",
        "    rows: (answer: P) => readonly T[],",
        "    parts: Parts,",
        "    options?: RequestOptions,",
        "  ): Pages<T, P>;",
        "  abstract put(url: string, file: Blob, headers: Readonly<Record<string, string>>): Promise<void>;",
        "}",
    ]
    return "\n".join([*lines, ""])


def _events(form: Form) -> str:
    names = sorted({model.name for model in form.events.values()})
    lines = [_HEAD.format(about="What a webhook tells.")]
    lines += [f'import type {{ {", ".join(names)} }} from "./models.js";', ""]
    lines += ["/** One of the events; `type` tells which. */"]
    return "\n".join([*lines, f"export type WebhookEvent = {' | '.join(names)};", ""])


def _doc(text: str, *, indent: str) -> Iterator[str]:
    """Yield a comment, or nothing."""
    text = " ".join(text.split()).replace("*/", "* /")
    if not text:
        return
    lines = wrap(text, 112 - len(indent), break_long_words=False)
    if len(lines) == 1:
        yield f"{indent}/** {lines[0]} */"
        return
    yield f"{indent}/**"
    yield from (f"{indent} * {line}" for line in lines)
    yield f"{indent} */"
