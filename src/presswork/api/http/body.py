"""Read and validate JSON bodies, and report all issues of a body in one error."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import accumulate, islice
from typing import Annotated, Any, Final, Generic, Self, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from presswork.api.context import context_of, now_of
from presswork.api.http.issues import NO_NUL, issues_of, value_at
from presswork.core.errors import FieldError, Invalid, Issue, IssueCode, PayloadTooLarge, UnsupportedMediaType

MAX_BODY_BYTES: Final = 1024 * 1024
MAX_FORM_BYTES: Final = 16 * 1024
MAX_FORM_FIELDS: Final = 100
MAX_VALUES: Final = 10_000
"""Most commas of a JSON body, and most lists and objects. As many unknown fields take 30 ms to validate; a valid body has
fewer (metadata: 8,192)."""
_MAX_STRINGS: Final = 2 * MAX_VALUES
"""Most strings of as many values: each may be a string that has a name."""
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
"""A string of JSON, or what follows a quotation mark that is never closed, so that no text is scanned twice."""
MAX_DEPTH: Final = 201
"""Depth beyond which Pydantic's parser refuses JSON."""
_RAW: Final = "raw_body"
"""Name under which the request's state keeps the bytes of the body, for the fingerprint."""
_REASONS: Final = frozenset({"non_publish_mode"})
"""Issue codes that `details.reason` repeats."""


Text = Annotated[str, StringConstraints(pattern=NO_NUL)]
"""A string without NUL characters, which PostgreSQL can't store."""


def _require_text(text: str) -> str:
    if not text.strip():
        raise FieldError("has no visible character. Send at least one.", IssueCode.BLANK)
    return text


Name = Annotated[Text, AfterValidator(_require_text), Field(min_length=1, max_length=200)]
"""A name for display."""


def with_examples(*examples: JsonValue) -> ConfigDict:
    """Return the configuration of a model that shows these examples in the OpenAPI document."""
    return ConfigDict(json_schema_extra={"examples": list(examples)})


class In(BaseModel):
    """Base of request bodies: camelCase on the wire, unknown fields are rejected."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:  # noqa: ARG003  for models to override
        """Return the issues of an invalid body, plus those that depend on several fields or on the clock."""
        return issues

    def sent(self) -> Any:  # Any: a TypedDict of changes, whose keys are fields of the body
        """Return the fields that were sent."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class Out(BaseModel):
    """Base of response bodies: camelCase on the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, json_schema_serialization_defaults_required=True
    )


class FromDomain(Out):
    """Base of response bodies whose fields are attributes of one object of the domain."""

    @classmethod
    def of(cls, source: object) -> Self:
        """Convert an object of the domain."""
        return cls.model_validate(source, from_attributes=True)


Model = TypeVar("Model", bound=In)


def fingerprint_of(request: Request, path: str) -> bytes:
    """Return the SHA-256 of a path and the request's JSON body, ignoring key order and white space.

    A body whose model has no fields counts as no body.
    """
    raw: bytes = request.scope["state"].get(_RAW, b"")
    body = json.loads(raw) if raw else None
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{path}\n{text}".encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class ReadBody(Generic[Model]):
    """Dependency that reads and validates one route's body; the OpenAPI document reads the model from it."""

    model: type[Model]
    is_optional: bool = False

    async def __call__(self, request: Request) -> Model:
        """Return the body. Raises PayloadTooLarge, UnsupportedMediaType, Invalid."""
        raw = await read_body(request)
        if not raw and self.is_optional:
            raw = b"{}"
        elif not raw:
            raise Invalid(
                [
                    Issue(
                        "",
                        "The request has no body. Send JSON with Content-Type: application/json.",
                        IssueCode.JSON_MISSING,
                    )
                ]
            )
        else:
            require_json(request)
            require_few_values(raw)
        try:
            value = self.model.model_validate_json(raw)
        except ValidationError as error:
            raise self._refusal(raw, error, await now_of(await context_of(request))) from error
        if self.model.model_fields:
            request.scope["state"][_RAW] = raw
        return value

    def _refusal(self, raw: bytes, error: ValidationError, now: datetime) -> Invalid:
        errors = error.errors(include_url=False, include_input=False)
        if any(one["type"] == "json_invalid" for one in errors):
            return Invalid(issues_of(errors, given=lambda _: None))
        return _refusal_of(self.model, json.loads(raw), error, now)


def validated(model: type[Model], body: JsonValue, *, now: datetime) -> Model:
    """Return a body that was built from other input. Raises Invalid with the issues that such a body of a call would have."""
    try:
        return model.model_validate_json(json.dumps(body))
    except ValidationError as error:
        raise _refusal_of(model, body, error, now) from error


def _refusal_of(model: type[In], body: JsonValue, error: ValidationError, now: datetime) -> Invalid:
    errors = error.errors(include_url=False, include_input=False)
    issues = issues_of(errors, given=lambda one: value_at(body, one["loc"]), model=model)
    issues = model.further_issues(body, issues, now=now)
    reason = next((issue.code for issue in issues if issue.code in _REASONS), None)
    return Invalid(issues, reason=reason)


def body_of(model: type[Model], *, is_optional: bool = False) -> Any:
    """Return the dependency for `Annotated[Model, body_of(Model)]`."""
    return Depends(ReadBody(model, is_optional))


def require_json(request: Request) -> None:
    """Raise UnsupportedMediaType unless the Content-Type header names JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType("The body is not declared as JSON. Send it with Content-Type: application/json.")


def require_few_values(raw: bytes) -> None:
    """Raise Invalid if a JSON body has so many values that parsing it would hold up other requests.

    Counts commas, and brackets that open a list or an object: in the whole body first, which is fast, then outside its
    strings. A body that is nested too deeply near its beginning is left to the parser, which stops there.
    """
    if not (_has_many_commas(raw) or _has_many_brackets(raw)):
        return
    strings = [string.span() for string in islice(_STRING.finditer(raw), _MAX_STRINGS + 1)]
    has_many_strings = len(strings) > _MAX_STRINGS
    bare = _cut_spans(strings, raw[: strings[-1][1]] if has_many_strings else raw)
    if _has_many_commas(bare) or ((has_many_strings or _has_many_brackets(bare)) and not _is_too_deep(bare)):
        sentence = f"The body has more than {MAX_VALUES:,} values. Send fewer."
        raise Invalid([Issue("", sentence, IssueCode.TOO_MANY_VALUES)])


def _has_many_commas(text: bytes) -> bool:
    return text.count(b",") > MAX_VALUES


def _has_many_brackets(text: bytes) -> bool:
    return text.count(b"[") + text.count(b"{") > MAX_VALUES


def _cut_spans(spans: Sequence[tuple[int, int]], raw: bytes) -> bytes:
    starts, ends = [0, *(end for _, end in spans)], [*(start for start, _ in spans), len(raw)]
    return b"".join(raw[start:end] for start, end in zip(starts, ends, strict=True))


def _is_too_deep(bare: bytes) -> bool:
    """Return whether the parser stops at the depth of one of the first brackets."""
    brackets = re.finditer(rb"[\[{]|[\]}]", bare)
    depths = accumulate(1 if bracket[0] in b"[{" else -1 for bracket in islice(brackets, MAX_VALUES))
    return max(depths, default=0) > MAX_DEPTH


async def read_body(request: Request, *, max_bytes: int = MAX_BODY_BYTES) -> bytes:
    """Return the raw body. Raises PayloadTooLarge as soon as it exceeds the limit."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(chunks)


async def read_form(request: Request, *, max_bytes: int = MAX_FORM_BYTES) -> list[tuple[str, str]]:
    """Return the fields of a form in their order. Raises PayloadTooLarge, and Invalid for too many fields or no UTF-8."""
    raw = await read_body(request, max_bytes=max_bytes)
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError as error:
        sentence = f"The form is not valid UTF-8, or has more than {MAX_FORM_FIELDS} fields. Send fewer, as UTF-8."
        raise Invalid([Issue("", sentence, IssueCode.BAD_FORM)]) from error


def require_no_body(request: Request) -> None:
    """Raise PayloadTooLarge if a request has a body."""
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        raise PayloadTooLarge("This route accepts no body. Send the request without one.", maxBytes=0)


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The body is larger than {max_bytes} bytes. Send media by URL or presigned upload, not in the body.",
        maxBytes=max_bytes,
    )
