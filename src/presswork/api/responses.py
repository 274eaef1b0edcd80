"""Answers: a model written as JSON once, straight to bytes."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer, as it is sent and as it is stored under an idempotency key."""

    status: int
    body: bytes
    is_replay: bool = False

    @classmethod
    def of(cls, model: BaseModel, *, status: int = 200, exclude_none: bool = False) -> "Reply":
        """Write a model; with `exclude_none`, what does not apply is absent rather than null."""
        return cls(status, model.model_dump_json(by_alias=True, exclude_none=exclude_none).encode())

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """Return it as a response; a replay says so."""
        all_headers = {**(headers or {}), **({"Idempotent-Replayed": "true"} if self.is_replay else {})}
        return Response(self.body, status_code=self.status, media_type="application/json", headers=all_headers)


def answer(model: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Write a model as the answer."""
    return Reply.of(model, status=status).response(headers)
