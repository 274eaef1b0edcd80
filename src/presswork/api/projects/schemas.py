"""Types of fields that several domains share."""

from typing import Annotated

from pydantic import AfterValidator, Field

from presswork.api.http.body import Out, Text, with_examples
from presswork.core.errors import FieldError, IssueCode
from presswork.projects.model import is_timezone


def _require_known_timezone(name: str) -> str:
    if not is_timezone(name):
        raise FieldError(
            "is not the name of an IANA time zone. Send one like Europe/Lisbon or America/New_York.",
            IssueCode.INVALID_CHOICE,
        )
    return name


Zone = Annotated[Text, AfterValidator(_require_known_timezone), Field(max_length=100, examples=["Europe/Lisbon"])]
"""The name of a time zone."""


class Progress(Out):
    """How much is done."""

    model_config = with_examples({"done": 1200, "total": 5064})

    done: int
    total: int | None = Field(description="Null until it is counted.")
