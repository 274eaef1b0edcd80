"""Allowed combinations of media, and the initial approval status: pure rules."""

import pytest

from presswork.content.model import ApprovalStatus, initial_approval, media_type_of
from presswork.core.enums import MediaType
from presswork.core.errors import Invalid
from presswork.media.model import Kind
from presswork.projects.model import ReviewPolicy

I, V, D = Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT  # noqa: E741  a table reads best with one letter each


@pytest.mark.parametrize(
    ("kinds", "media_type"),
    [
        ([V], MediaType.VIDEO),
        ([I], MediaType.IMAGE),
        ([D], MediaType.DOCUMENT),
        ([I] * 2, MediaType.MULTI),
        ([I] * 35, MediaType.MULTI),
        ([V] * 2, MediaType.MIXED),
        ([I] * 19 + [V], MediaType.MIXED),
    ],
)
def test_allowed_combinations(kinds: list[Kind], media_type: MediaType) -> None:
    """One video, image or PDF, 2–35 images, or 2–20 images and videos."""
    assert media_type_of(kinds, path="media") is media_type


@pytest.mark.parametrize("kinds", [[], [I] * 36, [V] * 21, [I] * 20 + [V], [D, D], [I, D]])
def test_other_combinations_are_refused(kinds: list[Kind]) -> None:
    """Any other combination is an issue at the given path."""
    with pytest.raises(Invalid) as refused:
        media_type_of(kinds, path="media")
    assert [issue["path"] for issue in refused.value.details["issues"]] == ["media"]  # type: ignore[attr-defined]  # a list of issues


@pytest.mark.parametrize(
    ("policy", "first_n", "decisions", "status"),
    [
        (ReviewPolicy.AUTO_APPROVE, None, 0, ApprovalStatus.NOT_REQUIRED),
        (ReviewPolicy.REVIEW_ALL, None, 99, ApprovalStatus.PENDING),
        (ReviewPolicy.REVIEW_FIRST_N, 3, 2, ApprovalStatus.PENDING),
        (ReviewPolicy.REVIEW_FIRST_N, 3, 3, ApprovalStatus.APPROVED),
    ],
)
def test_initial_approval(policy: ReviewPolicy, first_n: int | None, decisions: int, status: ApprovalStatus) -> None:
    """The policy, and for review_first_n the number of decisions so far, determine the status of new content."""
    assert initial_approval(policy, first_n=first_n, decisions=decisions) is status
