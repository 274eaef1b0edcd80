"""JSON bodies: read once, validated as a whole, with every issue reported at once."""

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints, ValidationError
from pydantic.alias_generators import to_camel

from presswork.api.context import context_of, now_of
from presswork.api.envelope import NO_NUL, issues_of
from presswork.core.errors import Invalid, Issue, PayloadTooLarge, UnsupportedMediaType

MAX_BODY_BYTES: Final = 1024 * 1024
_RAW: Final = "raw_body"
"""Where a request's state has the bytes of its body, for its fingerprint."""
_REASONS: Final = frozenset({"non_publish_mode"})
"""Issue codes that `details.reason` repeats, for programs that look there."""


Text = Annotated[str, StringConstraints(pattern=NO_NUL)]
"""A string that can be stored: PostgreSQL has no NUL."""


class In(BaseModel):
    """A body that comes in: camelCase on the wire, unknown fields refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    @classmethod
    def further_issues(cls, body: JsonValue, issues: list[Issue], *, now: datetime) -> list[Issue]:  # noqa: ARG003  for models to override
        """Return the issues of a body that was refused, with those that take a look at the whole of it or at the clock."""
        return issues


class Out(BaseModel):
    """A body that goes out: camelCase on the wire."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, json_schema_serialization_defaults_required=True
    )


Model = TypeVar("Model", bound=In)


def fingerprint_of(request: Request, path: str) -> bytes:
    """Return SHA-256 over a path and a request's body compared as JSON: key order and white space don't count.

    A body whose model has no fields says nothing, and counts as none.
    """
    raw: bytes = request.scope["state"].get(_RAW, b"")
    body = json.loads(raw) if raw else None
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(f"{path}\n{text}".encode("utf-8", "surrogatepass")).digest()


@dataclass(frozen=True)
class ReadBody(Generic[Model]):
    """Dependency that reads and validates one route's body; the OpenAPI generator finds the model here."""

    model: type[Model]
    is_optional: bool = False

    async def __call__(self, request: Request) -> Model:
        """Return the body. Raises PayloadTooLarge, UnsupportedMediaType, Invalid."""
        raw = await read_body(request)
        if not raw and self.is_optional:
            raw = b"{}"
        elif not raw:
            raise Invalid(
                [Issue("", "A JSON body is required. Send one with Content-Type: application/json.", "json_missing")]
            )
        else:
            require_json(request)
        try:
            value = self.model.model_validate_json(raw)
        except ValidationError as error:
            raise self._refusal(raw, error, await now_of(await context_of(request))) from error
        if self.model.model_fields:
            request.scope["state"][_RAW] = raw
        return value

    def _refusal(self, raw: bytes, error: ValidationError, now: datetime) -> Invalid:
        issues = issues_of(error.errors(include_url=False, include_input=False))
        if any(issue.code == "json_invalid" for issue in issues):
            return Invalid(issues)
        issues = self.model.further_issues(json.loads(raw), issues, now=now)
        reason = next((issue.code for issue in issues if issue.code in _REASONS), None)
        return Invalid(issues, reason=reason)


def body_of(model: type[Model], *, is_optional: bool = False) -> Any:
    """Return the dependency for `Annotated[Model, body_of(Model)]`."""
    return Depends(ReadBody(model, is_optional))


def require_json(request: Request) -> None:
    """Raise UnsupportedMediaType unless the body is said to be JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise UnsupportedMediaType("The body must be JSON: send it with Content-Type: application/json.")


async def read_body(request: Request) -> bytes:
    """Return the raw body. Raises PayloadTooLarge past 1 MiB, without reading on."""
    length = request.headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length) > MAX_BODY_BYTES:
        raise _too_large()
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > MAX_BODY_BYTES:
            raise _too_large()
    return bytes(chunks)


def _too_large() -> PayloadTooLarge:
    return PayloadTooLarge(
        f"The body is over {MAX_BODY_BYTES} bytes. Send media by URL or by presigned upload, not in the body.",
        maxBytes=MAX_BODY_BYTES,
    )
