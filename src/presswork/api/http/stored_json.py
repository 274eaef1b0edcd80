"""Fields of responses whose JSON is sent as it is stored.

Parsing, validating and serializing nested JSON of a page takes seconds, during which the event loop serves no other request.
"""

from secrets import token_hex
from typing import Annotated

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue, SerializationInfo, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from presswork.core.json_text import JSONText


class StoredTexts:
    """The stored texts of one response: the serializer leaves a mark for each, because it can't write JSON text."""

    def __init__(self) -> None:
        self._mark = ""
        self._texts: list[str] = []

    def add(self, text: str) -> str:
        """Keep the next text, and return the string to serialize in its place."""
        if not self._texts:
            self._mark = token_hex(16)  # no other text of the response contains it
        self._texts.append(text)
        return self._mark

    def inserted_into(self, serialized: str) -> str:
        """Return the serialized model with the texts in place of the marks, in the order in which they were added."""
        if not self._texts:
            return serialized
        before, *parts = serialized.split(f'"{self._mark}"')
        pieces = [before]
        for text, part in zip(self._texts, parts, strict=True):
            pieces += (text, part)
        return "".join(pieces)


def _mark_text(text: str, info: SerializationInfo[StoredTexts]) -> str:
    return info.context.add(text)


class _StoredObject:
    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        as_mark = core_schema.plain_serializer_function_ser_schema(
            _mark_text, info_arg=True, return_schema=core_schema.str_schema()
        )
        return core_schema.str_schema(serialization=as_mark)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(TypeAdapter(dict[str, JsonValue]).core_schema)


class _StoredValue(_StoredObject):
    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(TypeAdapter(JsonValue).core_schema)


StoredObject = Annotated[JSONText, _StoredObject]
"""A JSON object that a response contains as its stored text. In the OpenAPI document it is an object."""
StoredValue = Annotated[JSONText, _StoredValue]
"""The same of any JSON."""
