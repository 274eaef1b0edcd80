"""The model of the protocol: its properties hold in every reachable state, and each safeguard is needed."""

from typing import Final

import pytest
from tests.protocol.explore import TWICE, explore
from tests.protocol.model import Kind, Rules
from tests.protocol.mutants import LATE, LATE_AND_HARMLESS, MUTANTS, SOUND, Mutant
from tests.protocol.words import describe
from tests.tiers import exhaustive, sampled

_ALL_MUTANTS: Final = [*MUTANTS, *LATE]


@pytest.mark.parametrize(
    "rules", [SOUND[0], *exhaustive(SOUND[1:])], ids=lambda rules: f"{rules.kind}, {rules.posts} posts"
)
def test_every_property_holds_in_every_state(rules: Rules) -> None:
    """Two workers, with failures at any step: every property holds."""
    found = explore(rules)
    assert found.states > 20_000  # a model that does nothing holds everything
    assert not found.broken, {name: describe(rules, run) for name, run in found.broken.items()}


@pytest.mark.parametrize(
    "mutant",
    sampled(_ALL_MUTANTS, *{mutant.shows: mutant for mutant in reversed(_ALL_MUTANTS)}.values()),
    ids=lambda mutant: f"{mutant.name}, {mutant.rules.kind}",
)
def test_without_a_safeguard_there_is_a_counterexample(mutant: Mutant) -> None:
    """Without each safeguard, and without the assumption, a property fails. The run can be described."""
    broken = explore(mutant.rules, properties={mutant.shows}).broken
    assert list(broken) == [mutant.shows]
    assert len(describe(mutant.rules, broken[mutant.shows])) == len(broken[mutant.shows])


@pytest.mark.parametrize(("rules", "holds"), LATE_AND_HARMLESS)
def test_what_holds_however_late_a_call_comes(rules: Rules, holds: frozenset[str]) -> None:
    """However late a call arrives, it makes a ticket live at most once, and has no effect with disabled URLs."""
    assert not explore(rules, properties=holds).broken


def test_the_shortest_run_to_a_second_text_is_found() -> None:
    """Breadth first: the run is one of the shortest, and each of its steps has a sentence."""
    rules = Rules(kind=Kind.PLAIN, faults=2, asks=False)
    sentences = describe(rules, explore(rules, properties={TWICE}).broken[TWICE])
    assert sentences[0] == "Worker A claims the post."
    assert sentences[-1] == "The platform receives worker A's call: the post is live twice."
    assert len(sentences) == 13
