"""Why a post would fail, as far as that is known without asking its platform: for preflight, and for the warnings of
publishing. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Final, Self
from uuid import UUID

from pydantic import Json, JsonValue, TypeAdapter

from presswork.core.enums import MediaType, Mode
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import ACCOUNT, public_id
from presswork.media.link_card import LinkCard
from presswork.media.model import Probe
from presswork.platforms.errors import FailureCode
from presswork.platforms.findings import Advice, Findings, Problem, found
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.option_registry import OPTIONS
from presswork.platforms.parts import StoredPart
from presswork.platforms.port import Draft, Media, Platform, PostOptions
from presswork.platforms.sms_port import PHONE_MISSING
from presswork.platforms.text_splitter import Unsplittable
from presswork.posts.fill_in import PostTexts, unknown_variables
from presswork.posts.option_rules import ignored_options
from presswork.posts.targets import Target, repeated
from presswork.projects.model import FillValues
from presswork.snippets.fill import UnknownVariables


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """One media asset of a container, as stored."""

    asset_id: UUID
    probe: Probe
    alt_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentFacts:
    """What known problems depend on, besides the target: the container's content and the operator's phone."""

    caption: str
    first_comment: str | None
    media_type: MediaType
    media: Sequence[StoredMedia] | None
    has_phone: bool
    link: Json[LinkCard] | None = None
    parts: Json[Sequence[StoredPart]] | None = None
    fill: Json[FillValues] | None = None
    """What its project fills into texts."""
    budgets: Json[Mapping[str, int]] | None = None
    """The most that the posts of its project may cost in a month, by platform, in millionths of the currency."""
    spent: Mapping[str, int] | None = None
    """What they cost in the month of the call so far, where there are budgets."""

    def texts(self, target: Target) -> PostTexts:
        """Return the texts of a target's post, as they were written."""
        return PostTexts(
            caption=self.caption if target.caption_override is None else target.caption_override,
            first_comment=self.first_comment
            if target.first_comment_override is None
            else target.first_comment_override,
            parts=self.parts or (),
            link=self.link,
            options=target.options,
        )

    def unknown_variables(self, target: Target, platform: PlatformName, index: int) -> Mapping[str, Sequence[str]]:
        """Return the variables without a value in the texts of a target, by the paths of the texts in a call."""
        if self.fill is None:
            return {}
        own = {
            "caption": None if target.caption_override is None else "captionOverride",
            "firstComment": None if target.first_comment_override is None else "firstCommentOverride",
        }
        found = self.texts(target).unknown(self.fill, platform)
        return {_path_in_call(path, own.get(path), index): names for path, names in found.items()}

    def filled(self, target: Target, platform: PlatformName) -> tuple[Self, Target, PostTexts | None]:
        """Return the content and a target with the texts that go out, and these; None where nothing is filled in.

        Texts with a variable that has no value stay as they are: `unknown_variables` has them.
        """
        if self.fill is None:
            return self, target, None
        try:
            out = self.texts(target).filled(self.fill, platform)
        except UnknownVariables:
            return self, target, None
        content = replace(
            self,
            caption=out.caption,
            first_comment=out.first_comment,
            parts=out.parts or None,
            link=out.link,
            fill=None,
        )
        shown = Target(
            social_account_id=target.social_account_id,
            mode=target.mode,
            scheduled_post_id=target.scheduled_post_id,
            options=out.options,
        )
        return content, shown, out

    def draft(self, target: Target, *, ahead: int = 0) -> Draft:
        """Return the properties that a platform's rules validate. `ahead`: earlier targets to the same account."""
        return Draft(
            mode=target.mode,
            media_type=self.media_type,
            caption=self.caption if target.caption_override is None else target.caption_override,
            media=[
                Media.of(item.asset_id, position, item.probe, alt_text=item.alt_text)
                for position, item in enumerate(self.media or ())
            ],
            options=PostOptions(target.options),
            link=self.link,
            ahead=ahead,
        )

    def comment(self, target: Target) -> str:
        """Return the first comment that is written for a target; empty if there is none."""
        return (self.first_comment if target.first_comment_override is None else target.first_comment_override) or ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts(ContentFacts):
    """The same for all targets of a call, with the login of each account and what is known of its privacy."""

    logins: Mapping[UUID, LoginName]
    reduced_privacy: Mapping[UUID, str]

    @classmethod
    def about(
        cls, content: ContentFacts, *, logins: Mapping[UUID, LoginName], reduced_privacy: Mapping[UUID, str]
    ) -> Self:
        """Return the facts of a call about content that was read already."""
        own = {field.name: getattr(content, field.name) for field in fields(content)}
        return cls(**own, logins=logins, reduced_privacy=reduced_privacy)

    def draft(self, target: Target, *, ahead: int = 0) -> Draft:
        """Return the properties that a platform's rules validate."""
        draft = ContentFacts.draft(self, target, ahead=ahead)
        return replace(draft, reduced_privacy=self.reduced_privacy.get(target.social_account_id))


_FACTS: Final = TypeAdapter(CallFacts)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetWarning:
    """A problem that is known about one target when its post is accepted."""

    index: int
    """Position of the target in the call, from 0."""
    social_account_id: UUID
    mode: Mode
    code: FailureCode | Advice
    message: str
    details: Mapping[str, JsonValue] = field(default_factory=dict)
    """`reason` names the rule; `value` and `limit` are its numbers, in `unit`."""

    @property
    def is_failure(self) -> bool:
        """Whether the post would fail, as opposed to a hint."""
        return isinstance(self.code, FailureCode)

    def as_json(self) -> dict[str, JsonValue]:
        """Return the wire form."""
        return {
            "socialAccountId": public_id(ACCOUNT, self.social_account_id),
            "mode": self.mode.value,
            "code": self.code.value,
            "message": self.message,
            **self.details,
        }


class TargetsWouldFail(Invalid):
    """A call with `strict`: at least one of its targets would fail."""

    def __init__(self, failures: Sequence[TargetWarning]) -> None:
        """Report each failure as an issue of its target, and with its numbers in `details.targets`."""
        super().__init__(
            [Issue(f"targets[{failure.index}]", failure.message, IssueCode.WOULD_FAIL) for failure in failures],
            targets=[failure.as_json() for failure in failures],
        )
        self.failures = tuple(failures)


def _path_in_call(path: str, override: str | None, index: int) -> str:
    """Return the path of a text in a call with targets, or in the content if it is the content's."""
    if override is not None:
        return f"targets[{index}].{override}"
    return path if path in ("caption", "firstComment") or path.startswith("parts[") else f"targets[{index}].{path}"


def with_parts(platform: Platform, draft: Draft, content: ContentFacts) -> tuple[Draft, Findings]:
    """Return a draft with the parts that it has on the platform, and why it can't be split, if that is so."""
    try:
        return replace(draft, parts=platform.parts_of(draft, content.parts or ())), Findings()
    except Unsplittable as error:
        return draft, found(Problem(FailureCode.PLATFORM_LIMIT, error.sentence, {"reason": error.reason}))


def known_findings(platform: Platform, target: Target, draft: Draft, content: ContentFacts) -> Findings:
    """Return the findings of the platform's fixed limits, those of the first comment included, and the problem of a draft by
    SMS without a recipient."""
    if target.mode not in platform.required_scopes:
        return Findings()  # the platform does not offer the mode, so it has no limits to check
    is_text = target.mode is Mode.DRAFT and platform.drafts_by_text
    phone_missing = Problem(FailureCode.OPERATOR_PHONE_UNVERIFIED, PHONE_MISSING, {"reason": "operator_phone"})
    return platform.channel(target.mode).connector.check(draft) + found(
        phone_missing if is_text and not content.has_phone else None,
        # In other modes, the person who finishes the post receives the comment and writes it.
        platform.check_comment(content.comment(target)) if target.mode is Mode.PUBLISH else None,
    )


def long_titles(target: Target, platform: PlatformName) -> Sequence[Problem]:
    """Return a problem for each text among filled-in options that is longer than it may be: the value of a variable made it so."""
    problems = []
    for option in OPTIONS:
        value = target.options.get(option.name)
        if option.platform is not platform or not isinstance(value, dict):
            continue
        for member in option.filled:
            text, limit = value.get(member), option.max_length(member)
            if isinstance(text, str) and len(text) > limit:
                sentence = (
                    f"`{option.name}.{member}` has {len(text):,} characters with the values of its variables; {limit:,} are "
                    "possible. Shorten it."
                )
                details: dict[str, JsonValue] = {
                    "reason": "title_length",
                    "value": len(text),
                    "limit": limit,
                    "unit": "characters",
                }
                problems.append(Problem(FailureCode.PLATFORM_LIMIT, sentence, details))
    return problems


def repeated_targets(targets: Sequence[Target]) -> Sequence[TargetWarning]:
    """Return a warning for each target with the account and mode of an earlier one."""
    return [
        _warn_repeated(index, targets[index], hint) for index, hint in enumerate(repeated(targets)) if hint is not None
    ]


def read_facts(facts_json: str) -> CallFacts:
    """Return the facts of a call that publish.sql returned."""
    return _FACTS.validate_json(facts_json)


def fills_of(
    facts: CallFacts, platforms: Mapping[LoginName, Platform], targets: Sequence[Target]
) -> Sequence[str] | None:
    """Return what the post of each target stores of its project's values; None if the project fills in nothing.

    Raises Invalid for variables without a value.
    """
    if (values := facts.fill) is None:
        return None
    names = [platforms[facts.logins[target.social_account_id]].name for target in targets]
    unknown: dict[str, Sequence[str]] = {}
    for index, (target, name) in enumerate(zip(targets, names, strict=True)):
        unknown |= facts.unknown_variables(target, name, index)
    if (refusal := unknown_variables(unknown)) is not None:
        raise refusal
    return [facts.texts(target).stored_fill(values, name) for target, name in zip(targets, names, strict=True)]


def known_warnings(
    facts: CallFacts, platforms: Mapping[LoginName, Platform], targets: Sequence[Target]
) -> Sequence[TargetWarning]:
    """Return the warnings about all targets of a call, in their order."""
    return [
        warning
        for index, (target, hint) in enumerate(zip(targets, repeated(targets), strict=True))
        for warning in (
            *_problems(index, target, platforms[facts.logins[target.social_account_id]], facts),
            *([] if hint is None else [_warn_repeated(index, target, hint)]),
        )
    ]


def _problems(index: int, target: Target, platform: Platform, facts: ContentFacts) -> Iterator[TargetWarning]:
    facts, target, out = facts.filled(target, platform.name)
    draft, unsplit = with_parts(platform, facts.draft(target), facts)
    findings = unsplit if unsplit.errors else known_findings(platform, target, draft, facts)
    for problem in (*findings.errors, *([] if out is None else long_titles(target, platform.name))):
        yield _warning(index, target, problem.code, problem.message, problem.details)
    for warned in findings.warnings:
        if warned.code in (Advice.PRIVACY_REDUCED, Advice.EXTRA_ADAPTED):  # others only say how a post is adapted
            yield _warning(index, target, warned.code, warned.message, warned.details)
    if ignored := ignored_options(target, platform=platform):
        yield _warning(index, target, ignored.code, ignored.message, {})


def _warn_repeated(index: int, target: Target, message: str) -> TargetWarning:
    return _warning(index, target, Advice.REPEATED_TARGET, message, {})


def _warning(
    index: int, target: Target, code: FailureCode | Advice, message: str, details: Mapping[str, JsonValue]
) -> TargetWarning:
    return TargetWarning(
        index=index,
        social_account_id=target.social_account_id,
        mode=target.mode,
        code=code,
        message=message,
        details=details,
    )
