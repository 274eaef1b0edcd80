"""The pages of the API reference, from the OpenAPI document: one a tag, and one of the objects that several tags use."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from website.pages import Page

Json = Mapping[str, Any]  # Any: an OpenAPI document has nested JSON values of all types
Calls = Mapping[str, Sequence[tuple[str, str]]]
"""By error code, the label and the URL in api/ of each operation that can return it."""

OBJECTS: Final = "objects"
"""Name of the page of shared objects."""
_REF: Final = "#/components/schemas/"
_COMMON: Final = frozenset(
    {"FORBIDDEN_SCOPE", "INTERNAL", "KILL_SWITCH", "RATE_LIMITED", "UNAUTHENTICATED", "UNAVAILABLE"}
)
"""Codes that almost every call can return; the overview lists them once."""
_LIMITS: Final = {
    "minimum": "≥ {}",
    "maximum": "≤ {}",
    "exclusiveMinimum": "> {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "default": "default `{}`",
}


def write(document: Json) -> tuple[Sequence[Page], Calls]:
    """Return the pages, and which operations return each error code."""
    return _Reference(document).pages()


class _Reference:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas: Json = document["components"]["schemas"]
        self._about = {tag["name"]: tag["description"] for tag in document["tags"]}
        self._operations: dict[str, list[tuple[str, str, Json]]] = {tag: [] for tag in self._about}
        for part in ("paths", "webhooks"):
            for path, methods in document[part].items():
                for method, operation in methods.items():
                    shown = f"{method.upper()} {path}" if part == "paths" else f"message {path}"
                    self._operations[operation["tags"][0]].append((shown, _anchor(operation), operation))
        self._home = self._homes()

    def pages(self) -> tuple[Sequence[Page], Calls]:
        calls: dict[str, list[tuple[str, str]]] = {}
        for tag, operations in self._operations.items():
            for shown, anchor, operation in operations:
                for code in _codes(operation):
                    calls.setdefault(code, []).append((f"`{shown}`", f"{_slug(tag)}.md#{anchor}"))
        texts = [("index", "API reference", self._overview(), "see every call of the API")]
        texts += [(_slug(tag), tag, self._tag(tag), "") for tag in self._about]
        texts.append((OBJECTS, "Shared objects", self._shared(), ""))
        pages = [
            Page(
                path=f"api/{name}.md",
                title=title,
                section="Reference",
                group="API reference",
                text="\n".join(lines),
                about=about,
            )
            for name, title, lines, about in texts
        ]
        return pages, calls

    def _homes(self) -> Mapping[str, str]:
        """Return the page of each object: that of the only tag that uses it, or the page of shared objects."""
        users: dict[str, set[str]] = {}
        for tag, operations in self._operations.items():
            for _, _, operation in operations:
                for name in self._reachable(operation):
                    users.setdefault(name, set()).add(tag)
        return {
            name: _slug(next(iter(users[name]))) if len(users.get(name, ())) == 1 else OBJECTS for name in self._schemas
        }

    def _reachable(self, value: object) -> set[str]:
        found, waiting = set[str](), [value]
        while waiting:
            for name in re.findall(rf'"{_REF}(\w+)"', json.dumps(waiting.pop())):
                if name not in found:
                    found.add(name)
                    waiting.append(self._schemas[name])
        return found

    def _overview(self) -> Iterator[str]:
        yield "# API reference\n"
        yield f"Version {self._document['info']['version']} of the API, from its OpenAPI document. An installation serves the "
        yield "document at `/openapi.json`, and at `/docs` a page that can send each call. The [API guide](../api-guide.md)"
        yield "explains how the calls work together.\n"
        yield "| calls | what they do |"
        yield "|---|---|"
        yield from (f"| [{tag}]({_slug(tag)}.md) | {about} |" for tag, about in self._about.items())
        yield f"| [Shared objects]({OBJECTS}.md) | Objects of several of them. |"
        yield "\n## What holds for every call\n"
        yield "A call with a key sends `Authorization: Bearer lp_…`. Almost every call can return these errors, which the pages "
        yield f"do not repeat: {', '.join(map(_code_link, sorted(_COMMON)))}. The body of every error is an "
        yield f"[ErrorEnvelope]({OBJECTS}.md#errorenvelope).\n"

    def _tag(self, tag: str) -> Iterator[str]:
        yield f"# {tag}\n"
        yield f"{self._about[tag]}\n"
        operations = self._operations[tag]
        yield "| call | what it does |"
        yield "|---|---|"
        for shown, anchor, operation in operations:
            yield f"| [`{shown}`](#{anchor}) | {operation['summary']} |"
        yield ""
        for shown, anchor, operation in operations:
            yield from self._operation(shown, anchor, operation, _slug(tag))
        objects = [name for name, home in self._home.items() if home == _slug(tag)]
        if objects:
            yield "## Objects\n"
            for name in objects:
                yield from self._object(name, _slug(tag))

    def _shared(self) -> Iterator[str]:
        yield "# Shared objects\n"
        yield "Objects that calls of several groups take or return.\n"
        for name, home in self._home.items():
            if home == OBJECTS:
                yield from self._object(name, OBJECTS, level="##")

    def _operation(self, shown: str, anchor: str, operation: Json, here: str) -> Iterator[str]:
        yield f"## {operation['summary']} {{#{anchor}}}\n"
        yield f"```http\n{shown}\n```\n"
        scope = operation.get("x-required-scope")
        yield f"{operation.get('description', '').replace(f'Scope: `{scope}`.', '').strip()}\n"
        if not shown.startswith("message "):
            if scope:
                yield f"**Scope:** `{scope}`\n"
            elif operation.get("security"):
                yield "**Scope:** any key or session\n"
            else:
                yield "**Scope:** none, the call needs no key\n"
        if operation.get("parameters"):
            yield "| parameter | in | type | meaning |"
            yield "|---|---|---|---|"
            for one in operation["parameters"]:
                text = _cell(one.get("description", "") or one["schema"].get("description", ""))
                must = "**Required.** " if one.get("required") and one["in"] != "path" else ""
                limits = _limits(one["schema"])
                yield f"| `{one['name']}` | {one['in']} | {self._type(one['schema'], here)} | {must}{text}{limits} |"
            yield ""
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            media, sent = next(iter(content.items()))
            word = "" if operation["requestBody"].get("required") else " (optional)"
            yield f"**Body**{word}: {self._type(sent.get('schema', {}), here)}, `{media}`\n"
            yield from _examples(sent)
        for status, response in operation["responses"].items():
            if status.startswith(("2", "3")):
                body: Json = next(iter(response.get("content", {}).values()), {})
                kind = f": {self._type(body['schema'], here)}" if "schema" in body else ""
                yield f"**Response {status}**{kind}. {_cell(response['description'])}\n"
                yield from _examples(body)
        errors = [code for code in _codes(operation) if code not in _COMMON]
        if errors:
            yield f"**Errors:** {', '.join(map(_code_link, errors))}\n"

    def _object(self, name: str, here: str, level: str = "###") -> Iterator[str]:
        schema = self._schemas[name]
        yield f"{level} {name} {{#{name.lower()}}}\n"
        if schema.get("description"):
            yield f"{' '.join(schema['description'].split())}\n"
        if "enum" in schema:
            yield f"One of {_values(schema['enum'])}.\n"
        elif "properties" in schema:
            required = schema.get("required", ())
            yield "| field | type | meaning |"
            yield "|---|---|---|"
            for field, one in schema["properties"].items():
                must = "" if field in required else "Optional. "
                yield f"| `{field}` | {self._type(one, here)} | {must}{_cell(one.get('description', ''))}{_limits(one)} |"
            yield ""
            if schema.get("examples"):
                yield from _examples({"example": schema["examples"][0]})
        else:
            yield f"{self._type(schema, here)}\n"

    def _type(self, schema: Json, here: str) -> str:
        if "$ref" in schema:
            name = schema["$ref"].removeprefix(_REF)
            home = self._home[name]
            return f"[{name}]({'' if home == here else f'{home}.md'}#{name.lower()})"
        for word in ("anyOf", "oneOf"):
            if word in schema:
                return " or ".join(dict.fromkeys(self._type(one, here) for one in schema[word]))
        if "allOf" in schema:
            return self._type(schema["allOf"][0], here)
        if "const" in schema:
            return f"`{json.dumps(schema['const'])}`"
        if "enum" in schema:
            return _values(schema["enum"])
        match schema.get("type"):
            case "array":
                return f"list of {self._type(schema.get('items', {}), here)}"
            case "object":
                values = schema.get("additionalProperties")
                return f"object of {self._type(values, here)}" if isinstance(values, dict) and values else "object"
            case "string" if "format" in schema:
                return f"string ({schema['format']})"
            case str() as kind:
                return kind
            case _:
                return "any JSON"


def _codes(operation: Json) -> Sequence[str]:
    """Return the error codes of an operation, in the order of their status."""
    found = dict[str, None]()
    for response in operation["responses"].values():
        for content in response.get("content", {}).values():
            if content.get("schema", {}).get("$ref") == f"{_REF}ErrorEnvelope":
                found.update(dict.fromkeys(content.get("examples", {})))
    return list(found)


def _examples(body: Json) -> Iterator[str]:
    """Yield the examples of a body; objects are JSON."""
    values = [body["example"]] if "example" in body else [one["value"] for one in body.get("examples", {}).values()]
    for value in values:
        yield "```json"
        yield json.dumps(value, indent=2, ensure_ascii=False)
        yield "```\n"


def _limits(schema: Json) -> str:
    found = [text.format(json.dumps(schema[name])) for name, text in _LIMITS.items() if schema.get(name) is not None]
    return f" ({', '.join(found)})" if found else ""


def _values(values: Sequence[object]) -> str:
    return ", ".join(f"`{value}`" for value in values)


def _code_link(code: str) -> str:
    return f"[`{code}`](../errors/{code}.md)"


def _anchor(operation: Json) -> str:
    return str(operation["operationId"]).replace("_", "-")


def _slug(tag: str) -> str:
    return tag.lower().replace(" ", "-")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
