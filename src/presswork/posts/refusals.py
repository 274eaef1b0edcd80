"""Why a publish call is refused: derived from the facts that its statement returned, in the documented order. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from pydantic import TypeAdapter

from presswork.accounts.model import AccountStatus, NotReady
from presswork.accounts.readiness import readiness
from presswork.core.enums import MediaType, Mode
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound, PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, CONTAINER, public_id
from presswork.platforms.names import LoginName
from presswork.platforms.options import OptionCode, PostOptions
from presswork.platforms.part_options import joins_parts
from presswork.platforms.port import Platform
from presswork.posts.model import (
    ApprovalRequired,
    ContentRejected,
    DuplicateId,
    NotPublishReady,
    TooManyIntents,
    no_container,
)
from presswork.posts.option_rules import option_words, refuse_options
from presswork.posts.targets import Target
from presswork.safe_http.guard import AddressGuard

_NOT_READY: Final = {
    "reauth_required": "This account's access has expired or was revoked. Connect it again (reauth-url), then publish again.",
    "missing_permission": "This account did not grant a permission that publishing needs. Connect it again and grant every "
    "permission.",
    "no_managed_layer": "This account is in no layer with managed distribution. Add it to one, then publish again.",
    "no_managed_provider": "The account's layer does not name a configured provider. Set config.provider on the layer.",
    "mode_unavailable": "This account's platform does not offer this mode. Use another mode.",
}

_ONLY_TARGET: Final = "targets[0]."

Texts: TypeAlias = Mapping[str, str | Mapping[str, str]]
"""The account, caption, first comment and `words` of one target, under the names of publish.sql."""
_APPROVED: Final = TypeAdapter(list[dict[str, str | dict[str, str]]])


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """The fields of the container that decide about a refusal."""

    id: UUID
    project_id: UUID
    status: str
    approval_status: str
    media_type: MediaType
    project_status: str
    caption: str
    first_comment: str | None
    is_covered: bool = False
    approved_overrides: str | None = None
    """JSON: the texts of single accounts that were approved with the content, as in publish.sql."""
    parts: str | None = None
    """JSON: the parts of a thread (platforms/parts.py)."""
    is_media_removed: bool = False
    """Whether its media is no longer in the store."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """One account of the caller's organization and environment that a target names."""

    id: UUID
    project_id: UUID
    login: LoginName
    status: AccountStatus
    scopes: frozenset[str]
    managed: NotReady | None
    """Why its layer does not offer managed distribution, or None; looked up only for targets in that mode."""
    has_app: bool = False
    """Whether it was connected with an app of the customer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The input of the checks."""

    container: ContainerFacts | None
    accounts: Mapping[UUID, AccountFacts]
    tracks: Set[UUID]
    existing_ids: Set[UUID]
    platforms: Mapping[LoginName, Platform]
    unavailable: Mapping[tuple[LoginName, Mode], Unavailable]
    unavailable_with_app: Mapping[tuple[LoginName, Mode], Unavailable]
    """The same for accounts that were connected with an app of the customer."""
    guard: AddressGuard
    """Judges the URLs that Presswork would fetch."""
    has_room: bool = True
    """Whether the call may wait for approval with those that wait already."""


def refuse(facts: Facts, targets: Sequence[Target], *, may_wait: bool = False) -> PressworkError | None:
    """Return the first refusal in the documented order (container, each target, ids), or None.

    With `may_wait`, content that waits for approval is not refused: the call is kept until it is approved.
    """
    container = facts.container
    if container is None:
        return no_container()
    refusal = next(container_refusals(container, may_wait=may_wait), None)
    if refusal is None and not facts.has_room:
        refusal = TooManyIntents(container.id)
    for index, target in enumerate(targets):
        refusal = refusal or next(target_refusals(facts, container, target, index), None)
    for target in targets:
        refusal = refusal or refuse_id(facts, target)
    return refusal


def about_one_post(refusal: PressworkError) -> PressworkError:
    """Return the refusal of a call about one stored post, which has no targets: paths are those of the post's document."""
    if isinstance(refusal, NotFound):
        sentence = (
            "The account of this post is disconnected, or in another project. Connect it again, then repeat the call."
        )
        return NotFound(sentence, **refusal.details)
    if not isinstance(refusal, Invalid):
        return refusal
    details = {name: value for name, value in refusal.details.items() if name not in ("issues", "truncated")}
    issues = [
        Issue(issue.path.removeprefix(_ONLY_TARGET), issue.message.replace(_ONLY_TARGET, ""), issue.code)
        for issue in refusal.issues
    ]
    return Invalid(issues, **details)


def container_refusals(container: ContainerFacts, *, may_wait: bool = False) -> Iterator[PressworkError]:
    """Yield every reason why a container can't be published, in the documented order."""
    if container.project_status != "active":
        yield Conflict(
            "This project is archived, so nothing can be published from it. Use an active project.",
            projectStatus=container.project_status,
        )
    name = public_id(CONTAINER, container.id)
    if container.status == "deleted":
        yield Conflict(
            "This content was deleted, so it can't be published. Create new content.",
            reason="content_deleted",
            containerId=name,
            status=container.status,
        )
    elif container.status != "completed":
        yield Conflict(
            f"This content is {container.status}, not completed. Finish its upload first.", status=container.status
        )
    elif container.is_media_removed:
        yield Conflict(
            "The media of this content was removed some time after its last post, as this server is configured. Create new "
            "content with the same media.",
            reason="media_removed",
            containerId=name,
        )
    facts = {"containerId": name, "approvalStatus": container.approval_status}
    if container.approval_status == "rejected":
        yield ContentRejected("This content was rejected in review. Create a new container and publish it.", **facts)
    if container.approval_status == "pending" and not may_wait:
        yield ApprovalRequired(
            "This content waits for approval. Approve it, then publish again; this call is not kept.",
            **facts,
        )


def target_refusals(facts: Facts, container: ContainerFacts, target: Target, index: int) -> Iterator[PressworkError]:
    """Yield every refusal of one target in the documented order, except that of its id: see `refuse_id`.

    If the account does not exist, that is the only refusal.
    """
    account_id = public_id(ACCOUNT, target.social_account_id)
    account = account_of(facts, container, target)
    if account is None:
        yield NotFound(
            f"targets[{index}]: there is no such account in this project. List them with "
            "GET /v1/projects/{projectId}/social-accounts.",
            socialAccountId=account_id,
        )
        return
    platform = facts.platforms[account.login]
    has_parts = container.parts is not None
    refusals = (
        _refuse_override(target, index) if has_parts else None,
        _refuse_parts(platform, target, account_id) if has_parts else None,
        refuse_texts(container, platform, target, account_id),
        *refuse_options(
            target,
            index,
            platform=platform.name,
            media_type=container.media_type,
            has_text=_has_text(container, target),
            guard=facts.guard,
        ),
        _refuse_media_type(platform, container, target, account_id),
        _refuse_readiness(platform, account, target, account_id),
        _refuse_track(facts, platform, target, index),
        (facts.unavailable_with_app if account.has_app else facts.unavailable).get((account.login, target.mode)),
    )
    yield from (refusal for refusal in refusals if refusal is not None)


def account_of(facts: Facts, container: ContainerFacts, target: Target) -> AccountFacts | None:
    """Return the account that a target names, if it belongs to the container's project and is not disconnected."""
    account = facts.accounts.get(target.social_account_id)
    if account is None or account.project_id != container.project_id or account.status is AccountStatus.DISCONNECTED:
        return None
    return account


def refuse_id(facts: Facts, target: Target) -> PressworkError | None:
    """Return the refusal of an id that exists already, or None."""
    post_id = target.scheduled_post_id
    return DuplicateId(post_id) if post_id is not None and post_id in facts.existing_ids else None


def approved_texts(caption: str, first_comment: str | None, targets: Sequence[Target]) -> Sequence[Texts]:
    """Return what an approval covers beside the content's own texts, in the form that is stored and compared."""
    return [
        {
            "account_id": str(target.social_account_id),
            "caption": caption if target.caption_override is None else target.caption_override,
            "first_comment": (first_comment if target.first_comment_override is None else target.first_comment_override)
            or "",
            "words": option_words(target),
        }
        for target in targets
    ]


def refuse_texts(
    container: ContainerFacts, platform: Platform, target: Target, account_id: str
) -> ApprovalRequired | None:
    """Return the refusal of texts that were not approved; publish.sql makes the same comparison."""
    if not container.is_covered or container.approval_status != "approved":
        return None

    def compared(texts: Texts) -> tuple[object, ...]:
        words = texts["words"].get(platform.name.value, "{}") if isinstance(texts["words"], dict) else "{}"
        return texts["account_id"], texts["caption"], texts["first_comment"], words

    (sent,) = approved_texts(container.caption, container.first_comment, [target])
    own: Texts = {**sent, "caption": container.caption, "first_comment": container.first_comment or "", "words": {}}
    approved = [own, *_APPROVED.validate_json(container.approved_overrides or "[]")]
    if compared(sent) in [compared(texts) for texts in approved]:
        return None
    overrides = {"caption": "captionOverride", "first_comment": "firstCommentOverride"}
    fields = [wire for name, wire in overrides.items() if sent[name] != own[name]]
    fields += json.loads(str(compared(sent)[-1]))
    return ApprovalRequired(
        f"The approval of this content covers its texts, and {' and '.join(fields)} of this target was not approved. Omit "
        "it, or edit the content and have it approved.",
        reason="text_not_approved",
        socialAccountId=account_id,
        fields=fields,
    )


def _has_text(container: ContainerFacts, target: Target) -> bool:
    caption = container.caption if target.caption_override is None else target.caption_override
    comment = container.first_comment if target.first_comment_override is None else target.first_comment_override
    return bool(caption or comment)


def _refuse_override(target: Target, index: int) -> Invalid | None:
    if target.caption_override is None:
        return None
    problem = "replaces one text, and this content has several parts. Omit it, or edit the parts."
    path = f"targets[{index}].captionOverride"
    return Invalid([Issue.at(path, problem, IssueCode.CONFLICTING_OPTIONS)], reason="override_of_parts")


def _refuse_parts(platform: Platform, target: Target, account_id: str) -> NotPublishReady | None:
    """Return the refusal of parts where there are no threads and they may not be joined; publish.sql compares the same."""
    has_threads = target.mode is Mode.PUBLISH and platform.thread_support is not None
    if has_threads or joins_parts(PostOptions(target.options)):
        return None
    where = "in this mode" if platform.thread_support is not None else "on this account's platform"
    return NotPublishReady(
        f"This content has parts, and there are no threads of posts {where}. Send `joinParts: true` for this target to publish "
        "them as one text, or omit the target.",
        socialAccountId=account_id,
        mode=target.mode.value,
        reason="parts_not_supported",
    )


def _refuse_media_type(
    platform: Platform, container: ContainerFacts, target: Target, account_id: str
) -> PressworkError | None:
    if container.media_type in platform.media_types:
        return None
    return NotPublishReady(
        f"This account's platform has no posts with content of the type {container.media_type.value}. Publish content of "
        f"another type to it: {', '.join(sorted(platform.media_types))}.",
        socialAccountId=account_id,
        mode=target.mode.value,
        reason="media_not_supported",
        mediaType=container.media_type.value,
    )


def _refuse_readiness(
    platform: Platform, account: AccountFacts, target: Target, account_id: str
) -> PressworkError | None:
    verdict = readiness(platform, status=account.status, scopes=account.scopes, managed=account.managed)[target.mode]
    if verdict.reason is None:
        return None
    return NotPublishReady(
        _NOT_READY[verdict.reason], socialAccountId=account_id, mode=target.mode.value, reason=verdict.reason
    )


def _refuse_track(facts: Facts, platform: Platform, target: Target, index: int) -> PressworkError | None:
    track = target.wanted_track
    if track is None or not platform.offers_music or track in facts.tracks:
        return None
    problem = "is not in the catalogue. Send the id of a track of GET /v1/tiktok-music."
    return Invalid([Issue.at(f"targets[{index}].tiktokMusic.trackId", problem, OptionCode.UNKNOWN_TRACK)])
