"""What each tier runs, and what the gate does with a test that failed."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import pytest
from tests.repeat import ROOT
from tests.tiers import PARTS, exhaustive, pytest_collection_modifyitems, sampled

_TESTS: Final = """
import pytest
from pathlib import Path
from tests.tiers import exhaustive, sampled

@pytest.mark.parametrize("value", [1, *exhaustive([2, 3])])
@pytest.mark.parametrize("other", sampled("ab", "a"))
def test_rows(value, other): ...

@pytest.mark.parametrize("value", exhaustive([1]))
def test_only_exhaustive_rows(value): ...

@pytest.mark.exhaustive
def test_exhaustive(): ...
"""
_LUCK: Final = """
import pytest
from pathlib import Path

@pytest.mark.parametrize("number", range(2))
def test_lucky(number, request):
    seen = Path(f"seen-{number}")
    was_seen = seen.exists()
    seen.touch()
    assert was_seen
"""


class Row(NamedTuple):
    """A value that is a tuple, too."""

    number: int


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a conftest.py like ours."""
    (tmp_path / "conftest.py").write_text('pytest_plugins = ("tests.tiers",)\n')
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    return tmp_path


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def collected(folder: Path, *options: str) -> set[str]:
    """Return the names of the tests that pytest collects."""
    done = run(folder, "-m", "pytest", "--collect-only", "-q", *options)
    return {line.partition("::")[2] for line in done.stdout.splitlines() if "::" in line}


def test_the_exhaustive_tier_has_all_rows(folder: Path) -> None:
    """A row is left out by its mark, also where it is the only one."""
    (folder / "test_it.py").write_text(_TESTS)
    assert collected(folder) == {"test_rows[a-1]"}
    rows = {f"test_rows[{other}-{value}]" for value in (1, 2, 3) for other in "ab"}
    assert collected(folder, "--tier", "all") == {*rows, "test_only_exhaustive_rows[1]", "test_exhaustive"}


def test_ten_gates_run_every_exhaustive_test_once() -> None:
    """Each tenth has its share of the long ones, and all tests of every change."""

    def item(name: str, *marks: str) -> Any:  # Any: what the hook reads of pytest's items
        return SimpleNamespace(nodeid=name, get_closest_marker=lambda mark: mark if mark in marks else None)

    items = [
        item("always"),
        *(item(f"slow-{number:02}", "exhaustive", "slow") for number in range(PARTS)),
        *(item(f"short-{number:02}", "exhaustive") for number in range(3 * PARTS)),
    ]
    seen: list[str] = []
    for part in range(PARTS):
        kept = list(items)
        hook = SimpleNamespace(pytest_deselected=lambda items: items)
        pytest_collection_modifyitems(
            SimpleNamespace(option=SimpleNamespace(tier="suite", tenth=f"{part:x}"), hook=hook),  # type: ignore[arg-type]  # as above
            kept,
        )
        names = [one.nodeid for one in kept]
        assert names.count("always") == 1
        assert len([name for name in names if name.startswith("slow")]) == 1
        seen += names[1:]
    assert sorted(seen) == sorted(one.nodeid for one in items[1:])


@pytest.mark.exhaustive
def test_a_failed_test_runs_once_more_in_the_gate(folder: Path) -> None:
    """It is reported and accepted if it passes then; one that fails again is not, and four are too many."""
    (folder / "test_it.py").write_text(_LUCK)
    lucky = run(folder, "-m", "tests.gate", "-q")
    assert lucky.returncode == 0, lucky.stdout
    assert lucky.stdout.splitlines()[-2:] == [f"FLAKY test_it.py::test_lucky[{number}]" for number in range(2)]
    (folder / "test_it.py").write_text("def test_wrong():\n    assert False\n")
    wrong = run(folder, "-m", "tests.gate", "-q")
    assert wrong.returncode == 1
    assert "FLAKY" not in wrong.stdout
    (folder / "test_it.py").write_text(_LUCK.replace("range(2)", "range(2, 6)"))
    assert run(folder, "-m", "tests.gate", "-q").returncode == 1


@pytest.mark.exhaustive
def test_luck_is_found(folder: Path) -> None:
    """A test that fails in one of two runs is named with its share."""
    (folder / "test_it.py").write_text(_LUCK)
    done = run(folder, "-m", "tests.flaky", "--runs", "2", "test_it.py")
    assert done.returncode == 1
    assert "FLAKY test_it.py::test_lucky[0] (1 of 2 runs)" in done.stdout


def test_rows_keep_their_marks() -> None:
    """A tuple is a row with several values; a named one is a value."""
    named = Row(4)
    assert [row.values for row in exhaustive([1, (2, 3), named])] == [(1,), (2, 3), (named,)]
    assert sampled([1, 2], 1)[0] == 1
