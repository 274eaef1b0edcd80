"""The checks of what deleted content leaves find each violation."""

from dataclasses import replace

import pytest
from chaos.ledger import Verdict
from chaos.media import MediaState, check_media

GOOD = MediaState(
    stored=frozenset({"originals/a", "originals/passing"}),
    kept=frozenset({"originals/a"}),
    passing=frozenset({"originals/passing", "originals/never-sent"}),
    removed=frozenset({"originals/b"}),
    counters={"org": (7, 7)},
    deleted={"cnt_1": True, "cnt_2": False},
)
ASKED = {"cnt_1": True, "cnt_2": False}


@pytest.mark.parametrize(
    ("state", "violation"),
    [
        (replace(GOOD, stored=GOOD.stored | {"originals/c"}), "objects that no row names"),
        (replace(GOOD, stored=GOOD.stored | {"originals/b"}), "objects of deleted content in the store"),
        (replace(GOOD, stored=frozenset()), "objects that are missing in the store"),
        (replace(GOOD, counters={"org": (8, 7)}), "counters that differ from the sum of the rows"),
        (replace(GOOD, deleted={"cnt_1": True}), "deleted content that contradicts the calls"),
        (replace(GOOD, deleted={**ASKED, "cnt_3": False}), "deleted content that contradicts the calls"),
        (replace(GOOD, deleted={**ASKED, "cnt_1": False}), "deleted content that contradicts the calls"),
        (replace(GOOD, with_texts=["cnt_1"]), "erased content with texts"),
    ],
)
def test_each_violation_of_a_deletion_is_found(state: MediaState, violation: str) -> None:
    """The store, the counters and the rows are as the deletions of the callers leave them."""
    good, bad = Verdict(), Verdict()
    check_media(good, ASKED, GOOD)
    check_media(bad, ASKED, state)
    assert good.is_good
    assert set(bad.violations) == {violation}
