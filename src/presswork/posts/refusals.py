"""Why a publish call is refused: worked out from the facts that its statement returned, in the documented order. Pure."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from presswork.accounts.readiness import AccountStatus, NotReady, readiness
from presswork.core.enums import LoginName, MediaType, Mode
from presswork.core.errors import Conflict, Invalid, Issue, NotFound, PressworkError, Unavailable
from presswork.core.ids import ACCOUNT, CONTAINER, public_id
from presswork.platforms.port import Platform
from presswork.posts.model import ApprovalRequired, ContentRejected, DuplicateId, NotPublishReady
from presswork.posts.targets import Target

_NOT_READY: Final = {
    "reauth_required": "This account's access has ended. Connect it again (reauth-url), then publish again.",
    "missing_permission": "This account did not grant what publishing needs. Connect it again and agree to every permission.",
    "no_managed_layer": "This account belongs to no layer with managed distribution. Put it into one, then publish again.",
    "no_managed_provider": "The account's layer names no provider that this service knows. Set config.provider on the layer.",
    "mode_unavailable": "This account's platform does not offer this mode. Use another one.",
}


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """The container that was named, as far as refusals need it."""

    id: UUID
    project_id: UUID
    status: str
    approval_status: str
    media_type: MediaType
    project_status: str


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """One account of the caller's organization and environment that a target named."""

    id: UUID
    project_id: UUID
    login: LoginName
    status: AccountStatus
    scopes: frozenset[str]
    managed: NotReady | None
    """What its layer lacks for managed distribution; as a target's account, looked up for that mode only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the checks look at."""

    container: ContainerFacts | None
    accounts: Mapping[UUID, AccountFacts]
    tracks: Set[UUID]
    taken: Set[UUID]
    platforms: Mapping[LoginName, Platform]
    unavailable: Mapping[tuple[LoginName, Mode], Unavailable]


def refuse(facts: Facts, targets: Sequence[Target], *, may_wait: bool = False) -> PressworkError | None:
    """Return the first refusal in the documented order: container, targets in turn, ids; None when all is well.

    With `may_wait`, content that waits for approval is no refusal: the call is kept until then.
    """
    container = facts.container
    if container is None:
        return no_container()
    refusal = next(container_refusals(container, may_wait=may_wait), None)
    for index, target in enumerate(targets):
        refusal = refusal or next(target_refusals(facts, container, target, index), None)
    for target in targets:
        refusal = refusal or refuse_id(facts, target)
    return refusal


def no_container() -> NotFound:
    """Return the refusal of a container that is not there."""
    return NotFound("There is no such content container. List a project's under /v1/projects/{projectId}/content.")


def container_refusals(container: ContainerFacts, *, may_wait: bool = False) -> Iterator[PressworkError]:
    """Yield everything that keeps a container from being published, in the documented order."""
    if container.project_status != "active":
        yield Conflict(
            "This project is archived: nothing is published from it any more.", projectStatus=container.project_status
        )
    if container.status != "completed":
        yield Conflict(
            f"This content is {container.status}, not completed. Finish its upload first.", status=container.status
        )
    facts = {"containerId": public_id(CONTAINER, container.id), "approvalStatus": container.approval_status}
    if container.approval_status == "rejected":
        yield ContentRejected("This content was rejected in review. Make a new container and publish that.", **facts)
    if container.approval_status == "pending" and not may_wait:
        yield ApprovalRequired(
            "This content waits for approval. Have it approved, then publish again; this call is not remembered.",
            **facts,
        )


def target_refusals(facts: Facts, container: ContainerFacts, target: Target, index: int) -> Iterator[PressworkError]:
    """Yield everything that is wrong with one target, in the documented order, but for its id: see `refuse_id`.

    An account that is not there is all that can be said of its target.
    """
    account_id = public_id(ACCOUNT, target.social_account_id)
    account = account_of(facts, container, target)
    if account is None:
        yield NotFound(
            f"targets[{index}]: there is no such account in this project. List them under /v1/projects/{{projectId}}/social-accounts.",
            socialAccountId=account_id,
        )
        return
    platform = facts.platforms[account.login]
    refusals = (
        _refuse_placement(platform, container, target, index),
        _refuse_readiness(platform, account, target, account_id),
        _refuse_track(facts, platform, target, index),
        facts.unavailable.get((account.login, target.mode)),
    )
    yield from (refusal for refusal in refusals if refusal is not None)


def account_of(facts: Facts, container: ContainerFacts, target: Target) -> AccountFacts | None:
    """Return the account that a target names, where it is a connected one of the container's project."""
    account = facts.accounts.get(target.social_account_id)
    if account is None or account.project_id != container.project_id or account.status is AccountStatus.DISCONNECTED:
        return None
    return account


def refuse_id(facts: Facts, target: Target) -> PressworkError | None:
    """Return the refusal of an id that is taken."""
    post_id = target.scheduled_post_id
    return DuplicateId(post_id) if post_id is not None and post_id in facts.taken else None


def _refuse_placement(
    platform: Platform, container: ContainerFacts, target: Target, index: int
) -> PressworkError | None:
    if target.share_reel_to_feed is None:
        return None
    path = f"targets[{index}].shareReelToFeed"
    if not platform.offers_reel_placement:
        return Invalid(
            [Issue(path, "goes with Instagram accounts only; leave it out for others", "non_instagram_target")],
            reason="non_instagram_target",
            platform=platform.name.value,
            socialAccountId=public_id(ACCOUNT, target.social_account_id),
        )
    if container.media_type is not MediaType.VIDEO:
        return Invalid(
            [Issue(path, "goes with a single video only; leave it out for pictures", "non_video_container")],
            reason="non_video_container",
            mediaType=container.media_type.value,
        )
    return None


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
    sentence = "This track is not in the catalogue. List it with GET /v1/tiktok-music."
    return Invalid([Issue(f"targets[{index}].tiktokMusic.trackId", sentence, "unknown_track")])
