"""The model of the protocol holds what it must in every reachable state, and shows what each safeguard is for."""

import pytest
from tests.protocol.explore import TWICE, explore
from tests.protocol.model import Kind, Rules
from tests.protocol.mutants import LATE, LATE_AND_HARMLESS, MUTANTS, SOUND, Mutant
from tests.protocol.words import retold


@pytest.mark.parametrize("rules", SOUND, ids=lambda rules: f"{rules.kind}, {rules.posts} posts")
def test_every_property_holds_in_every_state(rules: Rules) -> None:
    """Two workers, and whatever goes wrong at whichever step: nothing that must hold is ever broken."""
    found = explore(rules)
    assert found.states > 20_000  # a model that does nothing holds everything
    assert not found.broken, {name: retold(rules, run) for name, run in found.broken.items()}


@pytest.mark.parametrize("mutant", [*MUTANTS, *LATE], ids=lambda mutant: f"{mutant.name}, {mutant.rules.kind}")
def test_without_a_safeguard_there_is_a_counterexample(mutant: Mutant) -> None:
    """Each safeguard, taken away, breaks what it is for; so does the one assumption. The run there can be told."""
    broken = explore(mutant.rules, properties={mutant.shows}).broken
    assert list(broken) == [mutant.shows]
    assert len(retold(mutant.rules, broken[mutant.shows])) == len(broken[mutant.shows])


@pytest.mark.parametrize(("rules", "holds"), LATE_AND_HARMLESS)
def test_what_holds_however_late_a_call_comes(rules: Rules, holds: frozenset[str]) -> None:
    """A call that comes ever so late makes one ticket live once at most, and nothing by addresses that are switched off."""
    assert not explore(rules, properties=holds).broken


def test_the_shortest_run_to_a_second_text_is_found() -> None:
    """Breadth first: the run that is shown is one of the shortest, and each of its steps is told in a sentence."""
    rules = Rules(kind=Kind.PLAIN, faults=2, asks=False)
    told = retold(rules, explore(rules, properties={TWICE}).broken[TWICE])
    assert told[0] == "Worker A claims the post."
    assert told[-1] == "The platform takes worker A's call: the post is live twice."
    assert len(told) == 13
