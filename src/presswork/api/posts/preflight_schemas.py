"""The response of preflight: a verdict for every target."""

from typing import Final, Self

from pydantic import Field, JsonValue, TypeAdapter
from pydantic.config import JsonDict

from presswork.api.http.body import Out, with_examples
from presswork.api.http.ids import AccountRef, AssetRef
from presswork.api.posts.post_schemas import PostTexts
from presswork.core.errors import Code, PressworkError
from presswork.core.timestamps import Instant
from presswork.platforms import port
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Problem, Warned
from presswork.posts import preflight
from presswork.posts.budgets import in_units

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
    """A reason why publishing would be refused or would fail."""

    model_config = with_examples(_ERROR)

    code: Code | FailureCode = Field(
        description="The code that publishing would return, or the code with which the post would fail on its platform."
    )
    message: str = Field(description="What is wrong, with the values, and what to do.")
    details: dict[str, JsonValue] = Field(
        description="The same in machine-readable form. For a platform's limit: `reason`, `value`, `limit` and `unit`."
    )

    @classmethod
    def of(cls, error: PressworkError | Problem) -> Self:
        """Build it from a refusal by Presswork or a problem with a platform's limit."""
        return cls(code=error.code, message=error.message, details=_DETAILS.validate_python(dict(error.details)))


class PreflightWarning(Out):
    """Something that is accepted but may have an unwanted effect."""

    model_config = with_examples(_WARNING)

    code: Advice
    message: str
    details: dict[str, JsonValue]

    @classmethod
    def of(cls, warning: Warned) -> Self:
        """Build it from the domain object."""
        return cls(code=warning.code, message=warning.message, details=dict(warning.details))


class PreflightPart(Out):
    """One part of the thread that a target becomes."""

    text: str
    media: list[AssetRef]


class QuotaCost(Out):
    """What a post uses of a quota of the operator's app, which all accounts share."""

    model_config = with_examples({"units": 550, "unitsPerDay": 10000})

    units: int = Field(
        description="Units of YouTube's Data API: 50 to make the video visible, 50 for the first comment, the thumbnail and each "
        "playlist, 400 for each file with captions. Reads of its status, 1 each, are not counted; the upload has a quota of its own."
    )
    units_per_day: int = Field(description="The units of a day, until midnight Pacific time.")

    @classmethod
    def of(cls, cost: port.QuotaCost) -> Self:
        """Build it from the domain object."""
        return cls(units=cost.units, units_per_day=cost.units_per_day)


class EstimatedCost(Out):
    """What posts cost the operator of the app at most: each part of a thread, alternative texts and first comments included."""

    model_config = with_examples({"amount": 0.215, "currency": "USD"})

    amount: float = Field(description="In units of the currency.")
    currency: str = Field(description="ISO 4217 code.")

    @classmethod
    def of(cls, cost: port.Money) -> Self:
        """Build it from the domain object."""
        return cls(amount=in_units(cost.amount), currency=cost.currency)


class TargetVerdict(Out):
    """The errors and warnings of one target."""

    social_account_id: AccountRef
    ok: bool = Field(description="Whether nothing known now prevents publishing.")
    errors: list[PreflightError]
    warnings: list[PreflightWarning]
    parts: list[PreflightPart] | None = Field(
        description="The parts in which this target is published, as they are sent; null for a single post."
    )
    texts: PostTexts | None = Field(
        description="The texts that go out, with the values of variables and the parameters of links; null where the project fills in "
        "nothing, and where a variable has no value."
    )
    quota_cost: QuotaCost | None = Field(description="null where the platform charges the operator's app nothing.")
    estimated_cost: EstimatedCost | None = Field(description="null where posts on the platform are free.")

    @classmethod
    def of(cls, verdict: preflight.TargetVerdict) -> Self:
        """Build it from the domain object."""
        return cls(
            social_account_id=verdict.social_account_id,
            ok=verdict.is_ok,
            errors=[PreflightError.of(error) for error in verdict.errors],
            warnings=[PreflightWarning.of(warning) for warning in verdict.warnings],
            parts=[
                PreflightPart(text=part.text, media=[media.asset_id for media in part.media]) for part in verdict.parts
            ]
            or None,
            texts=None if verdict.texts is None else PostTexts.of(verdict.texts),
            quota_cost=None if verdict.quota_cost is None else QuotaCost.of(verdict.quota_cost),
            estimated_cost=None if verdict.cost is None else EstimatedCost.of(verdict.cost),
        )


class PreflightResult(Out):
    """A verdict for every target, in order."""

    model_config = with_examples(
        {
            "ok": False,
            "scheduledFor": None,
            "errors": [],
            "warnings": [],
            "estimatedCost": {"amount": 0.015, "currency": "USD"},
            "targets": [
                {
                    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
                    "ok": True,
                    "errors": [],
                    "warnings": [_WARNING],
                    "parts": None,
                    "texts": {"caption": "Call +351 21 000 0000 to order.", "firstComment": None},
                    "quotaCost": None,
                    "estimatedCost": {"amount": 0.015, "currency": "USD"},
                },
                {
                    "socialAccountId": "sa_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
                    "ok": False,
                    "errors": [_ERROR],
                    "warnings": [],
                    "parts": None,
                    "texts": None,
                    "quotaCost": None,
                    "estimatedCost": None,
                },
            ],
        }
    )

    ok: bool = Field(description="Whether the container and every target can be published.")
    scheduled_for: Instant | None = Field(
        description="When the posts would be due, of a call with `queue`: in the slot that is free now. null without a queue, and where "
        "`errors` say why there is no slot."
    )
    errors: list[PreflightError] = Field(
        description="Errors of the container, of its queue, and of limits of the organization, which apply to all targets."
    )
    warnings: list[PreflightWarning] = Field(description="Warnings about the whole call, such as a limit that is near.")
    estimated_cost: EstimatedCost | None = Field(
        description="What the posts cost together; null where all are free. See `budgets` of the project."
    )
    targets: list[TargetVerdict]

    @classmethod
    def of(cls, verdict: preflight.CallVerdict) -> Self:
        """Build it from the domain object."""
        return cls(
            ok=verdict.is_ok,
            scheduled_for=verdict.scheduled_for,
            errors=[PreflightError.of(refusal) for refusal in verdict.refusals],
            warnings=[PreflightWarning.of(warning) for warning in verdict.warnings],
            estimated_cost=None if verdict.cost is None else EstimatedCost.of(verdict.cost),
            targets=[TargetVerdict.of(target) for target in verdict.targets],
        )
