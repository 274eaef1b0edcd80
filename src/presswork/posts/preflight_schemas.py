"""The answer of preflight: a verdict for every target."""

from typing import Final

from pydantic import ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from presswork.api.body import Out
from presswork.api.ids import AccountRef
from presswork.core.errors import Code
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice

_ERROR: Final[JsonDict] = {
    "code": "MEDIA_REJECTED",
    "message": "The video is 14 min 3 s; this account may post up to 10 min on TikTok. Publish a shorter one.",
    "details": {"reason": "duration", "value": 843, "limit": 600, "unit": "seconds", "item": 1},
}
_WARNING: Final[JsonDict] = {
    "code": "TOO_MANY_HASHTAGS",
    "message": "The caption has 8 hashtags; Instagram's own app allows 5.",
    "details": {"value": 8, "limit": 5, "unit": "hashtags"},
}


class PreflightError(Out):
    """Something that would be refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERROR]})

    code: Code | FailureCode = Field(
        description="The code that publishing would answer with, or the one that the post would fail with on its platform."
    )
    message: str = Field(description="What is wrong, with the numbers, and what to do.")
    details: dict[str, JsonValue] = Field(
        description="The same for programs; of a platform's limit: its `reason`, `value`, `limit` and `unit`."
    )


class PreflightWarning(Out):
    """Something that is accepted, and may not be as the caller wishes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WARNING]})

    code: Advice
    message: str
    details: dict[str, JsonValue]


class TargetVerdict(Out):
    """What would become of one target."""

    social_account_id: AccountRef
    ok: bool = Field(description="Nothing that is known now would keep it from being published.")
    errors: list[PreflightError]
    warnings: list[PreflightWarning]


class PreflightAnswer(Out):
    """A verdict for every target, in their order."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "ok": False,
                    "errors": [],
                    "targets": [
                        {
                            "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
                            "ok": True,
                            "errors": [],
                            "warnings": [_WARNING],
                        },
                        {
                            "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
                            "ok": False,
                            "errors": [_ERROR],
                            "warnings": [],
                        },
                    ],
                }
            ]
        }
    )

    ok: bool = Field(description="The container and every target are fine.")
    errors: list[PreflightError] = Field(description="What is wrong with the container, for all targets alike.")
    targets: list[TargetVerdict]
