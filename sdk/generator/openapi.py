"""Reads the OpenAPI document into the model that both SDKs are generated from."""

import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from generator.names import FORMS, METHODS, RESOURCES, STREAMS

Json = Mapping[str, object]
_REF: Final = "#/components/schemas/"
_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SINGLE_WORDS: Final = {"TikTok": "Tiktok", "OAuth": "Oauth"}
"""Names with inner capitals that count as one word."""


class UnsupportedDocument(Exception):
    """The document has something that the generator does not support; the message says what, and where."""


@dataclass(frozen=True, slots=True)
class Plain:
    """A scalar: string, integer, number, boolean, instant, json, null."""

    kind: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice of literal values."""

    values: tuple[str | bool, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A model or an enumeration of the document."""

    name: str


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class MapOf:
    """An object with arbitrary keys."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class Union:
    """One of several shapes."""

    options: tuple["Type", ...]


Type = Plain | OneOf | Named | ListOf | MapOf | Union


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A property of a model, or a parameter of an operation."""

    name: str
    type: Type
    is_nullable: bool
    is_required: bool
    description: str

    @property
    def python_name(self) -> str:
        """The name in Python; one of its keywords, such as `from`, has an underscore behind it."""
        name = snake(self.name)
        return f"{name}_" if keyword.iskeyword(name) else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """An object with named properties."""

    name: str
    description: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """An enumeration."""

    name: str
    description: str
    values: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation."""

    id: str
    resource: str
    method: str
    http_method: str
    path: str
    summary: str
    description: str
    path_fields: Sequence[Field]
    query_fields: Sequence[Field]
    fixed_query: Mapping[str, str]
    """Parameters that the method sends with one value."""
    body_fields: Sequence[Field]
    body_name: str | None
    answer: Named
    items: tuple[str, Type] | None
    """The field of a page that has the rows, and their type."""
    codes: Sequence[str]

    @property
    def is_write(self) -> bool:
        """Whether the call is sent with an idempotency key."""
        return self.http_method != "GET"

    @property
    def fields(self) -> Sequence[Field]:
        """Return every parameter: those of the path, then the required ones, then the others."""
        rest = [*self.query_fields, *self.body_fields]
        return [
            *self.path_fields,
            *(field for field in rest if field.is_required),
            *(field for field in rest if not field.is_required),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """The API, as the emitters use it."""

    version: str
    operations: Sequence[Operation]
    answers: Sequence[Model]
    """Models of responses."""
    bodies: Sequence[Model]
    """Models of values inside request bodies."""
    choices: Sequence[Choice]
    codes: Mapping[str, int]
    """Every error code, with its HTTP status."""
    events: Mapping[str, Model]
    """Webhook events by type."""

    def of(self, resource: str) -> Sequence[Operation]:
        """Return the operations of a resource."""
        return [operation for operation in self.operations if operation.resource == resource]


def snake(name: str) -> str:
    """Convert a name of the API to Python: scheduledPostId becomes scheduled_post_id."""
    for word, plain in _SINGLE_WORDS.items():
        name = name.replace(word, plain)
    return _WORD_BOUNDARY.sub("_", name).replace("-", "_").lower()


def camel(name: str) -> str:
    """Convert a Python name to TypeScript: publish_now becomes publishNow."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def pascal(name: str) -> str:
    """Convert a Python name or an error code to a class name: social_accounts becomes SocialAccounts."""
    return "".join(word.capitalize() for word in name.lower().split("_"))


def read(document: Json) -> Api:
    """Read the document. Raises UnsupportedDocument, also for an operation that has no name in names.py."""
    return _Reader(document).api()


class _Reader:
    def __init__(self, document: Json) -> None:
        self._document = document
        self._schemas = _object(_object(document["components"])["schemas"])
        self._answers: dict[str, None] = {}
        self._bodies: dict[str, None] = {}

    def api(self) -> Api:
        operations = [
            operation
            for path, methods in _object(self._document["paths"]).items()
            if path != "/metrics"
            for method, described in _object(methods).items()
            if _object(described)["operationId"] not in STREAMS
            for operation in self._operations(path, method, _object(described))
        ]
        events = self._events()
        self._reference("ValidationIssue", sent=False)  # no response is one: it is inside the details of an error
        order = list(RESOURCES)
        operations.sort(key=lambda one: (order.index(one.resource), list(METHODS).index(one.id)))
        return Api(
            version=str(_object(self._document["info"])["version"]),
            operations=operations,
            answers=[self._model(name) for name in sorted(self._answers) if self._is_model(name)],
            bodies=[self._model(name) for name in sorted(self._bodies) if self._is_model(name)],
            choices=[
                self._choice(name) for name in sorted({*self._answers, *self._bodies}) if not self._is_model(name)
            ],
            codes=self._codes(),
            events=events,
        )

    def _operations(self, path: str, method: str, described: Json) -> Iterator[Operation]:
        """Yield an operation, once for each form of its response."""
        name = str(described["operationId"])
        parameter, forms = FORMS.get(name, ("", {name: None}))
        for (form, value), answer in zip(forms.items(), self._answers_of(described), strict=True):
            fixed = {} if value is None else {parameter: value}
            yield self._operation(path, method, described, form, answer, without=parameter, fixed_query=fixed)

    def _operation(
        self,
        path: str,
        method: str,
        described: Json,
        name: str,
        answer: Named,
        *,
        without: str,
        fixed_query: Mapping[str, str],
    ) -> Operation:
        if name not in METHODS:
            raise UnsupportedDocument(f"{method.upper()} {path} ({name}) has no name in generator/names.py.")
        resource, _, call = METHODS[name].partition(".")
        parameters = [_object(one) for one in _list(described.get("parameters", []))]
        body, is_body_required = self._body(described)
        return Operation(
            id=name,
            resource=resource,
            method=call,
            http_method=method.upper(),
            path=path,
            summary=str(described["summary"]),
            description=str(described.get("description", "")),
            path_fields=[self._parameter(one) for one in parameters if one["in"] == "path"],
            query_fields=[
                self._parameter(one)
                for one in parameters
                if one["in"] == "query" and one["name"] not in ("cursor", without)
            ],
            fixed_query=fixed_query,
            body_fields=[] if body is None else self._model(body, sent=True, all_optional=not is_body_required).fields,
            body_name=body,
            answer=answer,
            items=self._items(answer, parameters),
            codes=sorted(self._codes_of(described)),
        )

    def _parameter(self, parameter: Json) -> Field:
        type_, is_nullable = self._type(_object(parameter["schema"]), sent=True)
        return Field(
            name=str(parameter["name"]),
            type=type_,
            is_nullable=is_nullable,
            is_required=bool(parameter.get("required")),
            description=str(parameter.get("description", "")),
        )

    def _body(self, described: Json) -> tuple[str | None, bool]:
        if "requestBody" not in described:
            return None, False
        body = _object(described["requestBody"])
        schema = _object(_object(_object(body["content"])["application/json"])["schema"])
        return _named(schema), bool(body.get("required"))

    def _answers_of(self, described: Json) -> Sequence[Named]:
        """Return the models of a successful response: one for each of its forms."""
        for status, answer in _object(described["responses"]).items():
            if status.startswith("2"):
                schema = _object(_object(_object(_object(answer)["content"])["application/json"])["schema"])
                type_, _ = self._type(schema, sent=False)
                forms = type_.options if isinstance(type_, Union) else (type_,)
                if named := [form for form in forms if isinstance(form, Named)]:
                    return named
        raise UnsupportedDocument(f"{described['operationId']} has no successful response with a model.")

    def _items(self, answer: Named, parameters: Sequence[Json]) -> tuple[str, Type] | None:
        """Return the rows of a page, if the operation has a cursor."""
        if not any(one["name"] == "cursor" for one in parameters):
            return None
        (rows,) = [field for field in self._model(answer.name).fields if isinstance(field.type, ListOf)]
        assert isinstance(rows.type, ListOf)  # noqa: S101  selected above
        return rows.name, rows.type.item

    def _codes_of(self, described: Json) -> set[str]:
        return {
            code
            for status, answer in _object(described["responses"]).items()
            if not status.startswith("2") and "content" in _object(answer)
            for code in _object(_object(_object(_object(answer)["content"])["application/json"]).get("examples", {}))
        }

    def _codes(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for methods in _object(self._document["paths"]).values():
            for described in _object(methods).values():
                for status, answer in _object(_object(described)["responses"]).items():
                    if status.startswith(("4", "5")) and "content" in _object(answer):
                        content = _object(_object(answer)["content"]).get("application/json", {})
                        for code in _object(_object(content).get("examples", {})):
                            found[code] = int(status)
        return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))

    def _events(self) -> Mapping[str, Model]:
        found: dict[str, Model] = {}
        for name, methods in _object(self._document.get("webhooks", {})).items():
            post = _object(_object(methods)["post"])
            schema = _object(_object(_object(_object(post["requestBody"])["content"])["application/json"])["schema"])
            self._type(schema, sent=False)
            found[name] = self._model(_named(schema))
        return found

    def _is_model(self, name: str) -> bool:
        return "enum" not in self._schema(name)

    def _schema(self, name: str) -> Json:
        return _object(self._schemas[name])

    def _model(self, name: str, *, sent: bool = False, all_optional: bool = False) -> Model:
        schema = self._schema(name)
        required = [] if all_optional else _list(schema.get("required", []))
        fields = []
        for key, described in _object(schema.get("properties", {})).items():
            type_, is_nullable = self._type(_object(described), sent=sent)
            fields.append(
                Field(
                    name=key,
                    type=type_,
                    is_nullable=is_nullable,
                    is_required=key in required,
                    description=str(_object(described).get("description", "")),
                )
            )
        return Model(name=name, description=str(schema.get("description", "")), fields=fields)

    def _choice(self, name: str) -> Choice:
        schema = self._schema(name)
        values = [str(value) for value in _list(schema["enum"])]
        return Choice(name=name, description=str(schema.get("description", "")), values=values)

    def _type(self, schema: Json, *, sent: bool) -> tuple[Type, bool]:
        """Return a schema's type, and whether it is nullable."""
        match schema:
            case {"$ref": str()}:
                return self._reference(_named(schema), sent=sent), False
            case {"anyOf": options} | {"oneOf": options}:
                kinds = [self._type(_object(option), sent=sent)[0] for option in _list(options)]
                left = tuple(kind for kind in kinds if kind != Plain("null"))
                return (left[0] if len(left) == 1 else Union(left)), len(left) < len(kinds)
            case {"const": str() | bool() as value}:
                return OneOf((value,)), False
            case {"enum": values}:
                return OneOf(tuple(str(value) for value in _list(values))), False
            case {"type": "array", "items": item}:
                return ListOf(self._type(_object(item), sent=sent)[0]), False
            case {"type": "object", "additionalProperties": dict() as item}:
                return MapOf(self._type(item, sent=sent)[0]), False
            case {"type": "object"}:
                return MapOf(Plain("json")), False
            case {"type": "string", "format": "date-time"}:
                return Plain("instant"), False
            case {"type": "string" | "integer" | "number" | "boolean" | "null" as kind}:
                return Plain(str(kind)), False
            case _:
                if "type" in schema:
                    raise UnsupportedDocument(f"No type is known for {dict(schema)}.")
                return Plain("json"), False

    def _reference(self, name: str, *, sent: bool) -> Type:
        if not {"type", "enum", "properties", "anyOf", "oneOf"} & self._schema(name).keys():
            return Plain("json")
        seen = self._bodies if sent else self._answers
        if name not in seen:
            seen[name] = None
            if self._is_model(name):
                self._model(name, sent=sent)  # collects the models that it refers to
        return Named(name)


def _named(schema: Json) -> str:
    return str(schema["$ref"]).removeprefix(_REF)


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise UnsupportedDocument(f"Expected an object, found {value!r}.")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise UnsupportedDocument(f"Expected a list, found {value!r}.")
    return value
