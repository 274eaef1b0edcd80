"""The answer of preflight: a verdict for every target."""

from typing import Final, Self

from pydantic import ConfigDict, Field, JsonValue, TypeAdapter
from pydantic.config import JsonDict

from presswork.api.body import Out
from presswork.api.ids import AccountRef
from presswork.core.errors import Code, PressworkError
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Problem, Warned
from presswork.posts import preflight

_DETAILS: Final = TypeAdapter(dict[str, JsonValue])
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

    @classmethod
    def of(cls, error: PressworkError | Problem) -> Self:
        """Shape a refusal of ours or a problem that the platform would have."""
        return cls(code=error.code, message=error.message, details=_DETAILS.validate_python(dict(error.details)))


class PreflightWarning(Out):
    """Something that is accepted, and may not be as the caller wishes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_WARNING]})

    code: Advice
    message: str
    details: dict[str, JsonValue]

    @classmethod
    def of(cls, warning: Warned) -> Self:
        """Shape one."""
        return cls(code=warning.code, message=warning.message, details=dict(warning.details))


class TargetVerdict(Out):
    """What would become of one target."""

    social_account_id: AccountRef
    ok: bool = Field(description="Nothing that is known now would keep it from being published.")
    errors: list[PreflightError]
    warnings: list[PreflightWarning]

    @classmethod
    def of(cls, verdict: preflight.TargetVerdict) -> Self:
        """Shape one."""
        return cls(
            social_account_id=verdict.social_account_id,
            ok=verdict.is_ok,
            errors=[PreflightError.of(error) for error in verdict.errors],
            warnings=[PreflightWarning.of(warning) for warning in verdict.warnings],
        )


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

    @classmethod
    def of(cls, verdict: preflight.Verdict) -> Self:
        """Shape the whole."""
        return cls(
            ok=verdict.is_ok,
            errors=[PreflightError.of(refusal) for refusal in verdict.refusals],
            targets=[TargetVerdict.of(target) for target in verdict.targets],
        )
