"""Rounds add up to a sum that keeps red and unfinished rounds, and a damaged folder is refused."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from chaos.campaign import PAGE, write_docs, write_sum
from chaos.plan import Kind
from chaos.rounds import DamagedCampaign, Outcome, Round, Violation, finish_round, read_rounds, start_round
from tests.tiers import sampled

OUTCOME = Outcome(
    posts=1_000,
    by_status={"published": 990, "failed": 10},
    by_mode={"publish": 1_000},
    by_login={"tiktok": 1_000},
    with_options=200,
    failures={"OUTCOME_UNKNOWN": 10},
    unknown={"tiktok, publish: no final status was returned; delivered": 10},
    calls={"publish": 300},
    idempotency_keys=310,
    server_errors=5,
    faults={Kind.KILL_WORKER.value: 7},
    restarts=1,
    platform_calls=5_000,
    irreversible_calls=1_000,
    platform_faults={"drop_after_effect": 20},
    irreversible_calls_with_fault=12,
    left_out={},
    under_faults=1_800,
    until_last_post=30,
    slowest_platform=2,
    slowest_call=9,
    not_ready={Kind.KILL_POSTGRES.value: (0.5, 1.5), "": (0.2,)},
    taken_over={Kind.KILL_WORKER.value: (10.0, 11.0)},
    next_end=(0.1, 0.2),
    violations={},
)
RED = OUTCOME.model_copy(
    update={
        "violations": {
            "duplicates": Violation(count=2, first=("sp_1", "sp_2")),
            "posts without a final status": Violation(count=1, first=("sp_3",)),
            "responses with status 500": Violation(count=4, first=("4",)),
        }
    }
)


def add(folder: Path, outcome: Outcome | None, *, seed: int, commit: str = "abc") -> Round:
    """Append a round as a run does."""
    number = len(read_rounds(folder)) + 1
    one = Round(
        number=number,
        seed=seed,
        began_at=datetime.now(UTC),
        commit=commit,
        older_commit="def",
        asked_posts=1_000,
        accounts=9,
    )
    start_round(folder, one)
    if outcome is not None:
        one = one.model_copy(update={"outcome": outcome})
        finish_round(folder, one)
    return one


def test_rounds_add_up_and_none_is_dropped(tmp_path: Path) -> None:
    """The sum has the posts, faults and recovery times of every round, and the red and the unfinished one in its table."""
    rounds = [add(tmp_path, outcome, seed=seed) for seed, outcome in enumerate([OUTCOME, RED, None], start=40)]
    rounds.append(add(tmp_path, OUTCOME, seed=43, commit="new"))
    assert list(read_rounds(tmp_path)) == rounds
    (tmp_path / "round-0002.md").write_text("A defect of the test's own; fixed.")
    write_sum(tmp_path)
    page = (tmp_path / PAGE).read_text()
    assert "| what | newest version (new) | all versions |" in page
    assert "| posts | 1,000 | 3,000 |" in page
    assert "| posts doubled | 0 | 2 |" in page
    assert "| posts lost | 0 | 0 |" in page
    assert "| posts still waiting when their round ended | 0 | 1 |" in page
    assert "| posts that ended with an unknown outcome | 10 | 30 |" in page
    assert "| rounds with violations of the ledger, of any kind | 0 | 1 |" in page
    assert "| faults in Presswork's processes | 7 | 21 |" in page
    assert "| hours of faults | 0.5 | 1.5 |" in page
    assert "| 2, 41 | abc, def | 1,000 | 7 | 2 | 0 | 1 | 10 | 4 | 30 s |" in page
    assert "| 3, 42 | abc, def | not finished |" in page
    assert "responses with status 500: 4. A defect of the test's own; fixed." in page
    assert "- Round 3 is not finished" in page
    assert "| service not ready, for a caller that does not retry | 9 | 0.5 | 1.5 | 1.5 |" in page
    assert "| drop_after_effect | 60 |" in page
    add(tmp_path, RED, seed=44, commit="newer")
    write_sum(tmp_path)
    assert "| rounds with violations of the ledger, of any kind | 1 | 2 |" in (tmp_path / PAGE).read_text()


def test_the_sum_is_written_into_the_page_again_and_again(tmp_path: Path) -> None:
    """Only the section between its two comments changes, and a second time nothing."""
    add(tmp_path / "rounds", OUTCOME, seed=1)
    (tmp_path / "pictures").mkdir()
    page = tmp_path / "page.md"
    begin, end = (
        "<!-- campaign: begin; written by `python -m chaos --campaign chaos/campaign --docs` -->\n",
        "<!-- campaign: end -->\n",
    )
    page.write_text(f"# Title\n\n{begin}old\n{end}\nThe rest.\n")
    write_docs(tmp_path / "rounds", page)
    text = page.read_text()
    assert text.startswith(f"# Title\n\n{begin}")
    assert text.endswith(f"{end}\nThe rest.\n")
    assert "old\n" not in text
    assert "| posts | 1,000 | 1,000 |" in text
    write_docs(tmp_path / "rounds", page)
    assert page.read_text() == text
    page.write_text("# Without the section\n")
    with pytest.raises(ValueError, match="has no section"):
        write_docs(tmp_path / "rounds", page)


@pytest.mark.parametrize(
    "damage", sampled(["cut off", "unknown field", "missing round", "renamed", "copy"], "cut off", "missing round")
)
def test_a_damaged_folder_is_refused(tmp_path: Path, damage: str) -> None:
    """A round that was changed, removed or copied is named on the command line, with status 2, and nothing is run or written."""
    for seed in (1, 2, 3):
        add(tmp_path, OUTCOME, seed=seed)
    second, third, fourth = (tmp_path / f"round-{number:04}.json" for number in (2, 3, 4))
    match damage:
        case "cut off":
            second.write_bytes(second.read_bytes()[:-40])
        case "unknown field":
            second.write_text(json.dumps(json.loads(second.read_text()) | {"lost": 0}))
        case "missing round":
            second.unlink()
        case "renamed":
            third.rename(fourth)
        case _:
            fourth.write_text(json.dumps(json.loads(third.read_text()) | {"number": 4}))
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    with pytest.raises(DamagedCampaign, match=r"round-000[234]\.json"):
        read_rounds(tmp_path)
    if damage == "cut off":  # a process is enough once
        command = [sys.executable, "-m", "chaos", "--campaign", str(tmp_path), "--posts", "10"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, "restore it from a copy" in done.stdout) == (2, True)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_two_commands_cannot_write_one_round(tmp_path: Path) -> None:
    """A round that another command has started meanwhile is not overwritten."""
    one = add(tmp_path, None, seed=1)
    with pytest.raises(DamagedCampaign, match="another command"):
        start_round(tmp_path, one.model_copy(update={"seed": 2}))
    assert list(read_rounds(tmp_path)) == [one]
