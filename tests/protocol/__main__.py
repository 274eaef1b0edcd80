"""`python -m tests.protocol`: explore the protocol, and print what each safeguard is for. See docs/proof-of-the-protocol.md."""

import argparse
import sys
from collections.abc import Sequence
from time import process_time
from typing import Final

from tests.protocol.explore import CANCELED, FAILED, PROPERTIES, TWICE, explore
from tests.protocol.model import Kind, Rules
from tests.protocol.mutants import LATE, LATE_AND_HARMLESS, MUTANTS, SOUND, Mutant
from tests.protocol.words import describe

HARM: Final = {TWICE: "twice", CANCELED: "canceled+live", FAILED: "failed+live"}


def main() -> int:
    """Explore, print the results, and return 0 if all are as expected."""
    parser = argparse.ArgumentParser(prog="python -m tests.protocol", description=__doc__)
    parser.add_argument(
        "--faults",
        type=int,
        default=3,
        help="failures in a run with one post (default 3); two fewer with two posts",
    )
    parser.add_argument(
        "--table", action="store_true", help="also print the harm of each mutant on each kind of platform"
    )
    asked = parser.parse_args()
    went_well = [_hold(rules) for rules in _within(asked.faults)]
    print()
    went_well += [_show(mutant) for mutant in (*MUTANTS, *LATE)]
    went_well += [_is_harmless(rules, properties) for rules, properties in LATE_AND_HARMLESS]
    if asked.table:
        _tabulate([*MUTANTS, *LATE])
    return 0 if all(went_well) else 1


def _within(faults: int) -> Sequence[Rules]:
    return [rules._replace(faults=faults if rules.posts == 1 else max(1, faults - 2)) for rules in SOUND]


def _hold(rules: Rules) -> bool:
    began = process_time()
    found = explore(rules)
    bounds = f"{rules.kind}, posts {rules.posts}, workers 2, faults {rules.faults}, calls {rules.calls}"
    end = f"{len(PROPERTIES)} properties hold" if not found.broken else f"BROKEN: {', '.join(found.broken)}"
    print(f"{bounds}: {found.states:,} states, {found.steps:,} steps, {process_time() - began:.1f} s; {end}")
    for run in found.broken.values():
        _tell(rules, run=describe(rules, run))
    return not found.broken


def _show(mutant: Mutant) -> bool:
    found = explore(mutant.rules, properties={mutant.shows})
    if mutant.shows not in found.broken:
        print(f"NOT SHOWN ({found.states:,} states): {mutant.name}\n")
        return False
    print(f"If {mutant.name} ({mutant.rules.kind}): not so: “{mutant.shows}”. {found.states:,} states.")
    _tell(mutant.rules, run=describe(mutant.rules, found.broken[mutant.shows]))
    return True


def _tell(rules: Rules, *, run: Sequence[str]) -> None:
    for number, sentence in enumerate(run, 1):
        print(f"  {number:2}. {sentence}")
    print()


def _is_harmless(rules: Rules, properties: frozenset[str]) -> bool:
    found = explore(rules, properties=properties)
    print(
        f"However late a call comes ({rules.kind}): {'; '.join(sorted(properties))}. {found.states:,} states: "
        f"{'BROKEN' if found.broken else 'holds'}"
    )
    return not found.broken


def _tabulate(mutants: Sequence[Mutant]) -> None:
    print()
    for mutant in {mutant.name: mutant for mutant in mutants}.values():
        if mutant.rules.posts > 1 or mutant.shows not in HARM:
            continue
        cells = []
        for kind in Kind:
            broken = explore(mutant.rules._replace(kind=kind), properties=HARM, until_all=True).broken
            harm = ", ".join(f"{word} ({len(broken[name])})" for name, word in HARM.items() if name in broken)
            cells.append(f"{kind}: {harm or 'nothing'}")
        print(f"{mutant.name}\n    {'; '.join(cells)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
