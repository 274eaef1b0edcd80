"""The benchmarks run: with tiny numbers, so that nothing is measured but that they still work."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

_ROOT: Final = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_benchmark_runs(tmp_path: Path) -> None:
    """A tiny run of everything ends well and writes figures of every measure, each with a value above zero."""
    report = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "bench",
        "--seconds",
        "0.05",
        "--rows",
        "3000",
        "--posts",
        "10",
        "--drained",
        "10",
        "--targets",
        "10",
        "--json",
        str(report),
    ]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    found = json.loads(report.read_text("utf-8"))
    assert found["machine"]["fsync"] == "on"
    measures = {figure["measure"].partition(",")[0] for figure in found["figures"]}
    for start in (
        "publish",
        "3",
        "claim of 100 behind 3",
        "list with 3",
        "lag from answer to claim",
        "lag from due to first platform call",
        "idle worker",
        "worker with 10",
        "drain of ",
    ):
        assert any(measure.startswith(start) for measure in measures), (start, measures)
    within = [figure for figure in found["figures"] if figure["verdict"]]
    assert {figure["verdict"] for figure in within} <= {"ok", "over"}
    assert len(within) >= 30
    assert all(figure["value"] >= 0 for figure in found["figures"])
