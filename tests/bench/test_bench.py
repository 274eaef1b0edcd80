"""The benchmarks run with small sizes; the tests check that they work, not their results."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

_ROOT: Final = Path(__file__).parents[2]
_SVG: Final = "{http://www.w3.org/2000/svg}"


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_benchmark_runs(tmp_path: Path) -> None:
    """A small run of all measures succeeds and writes the figures of each, with values of zero or more."""
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
        "--rounds",
        "2",
        "--file-mib",
        "96",
        "--settle",
        "0",
        "--json",
        str(report),
    ]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=840, check=False)
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
        "life of a post",
        "lag from due to claim",
        "presswork up",
        "video of 96 MiB",
    ):
        assert any(measure.startswith(start) for measure in measures), (start, measures)
    within = [figure for figure in found["figures"] if figure["verdict"]]
    assert {figure["verdict"] for figure in within} <= {"ok", "over"}
    assert len(within) >= 30
    assert all(figure["value"] >= 0 for figure in found["figures"])
    _check_page(report, tmp_path / "performance.md")


def _check_page(report: Path, page: Path) -> None:
    """Assert that the tables and charts of the page have the figures of the report."""
    shutil.copy(_ROOT / "docs" / "performance.md", page)
    subprocess.run(
        [sys.executable, "-m", "bench.page", str(report), str(report), "--page", str(page)], cwd=_ROOT, check=True
    )
    text = page.read_text("utf-8")
    for figure in json.loads(report.read_text("utf-8"))["figures"]:
        if not figure["measure"].startswith(("publish", "list")):
            assert f"| {figure['measure']} |" in text
    users = text.partition("<!-- users -->")[2].partition("<!-- end -->")[0]
    assert "99 of 100 within" in users
    assert "an idle worker uses" in users
    pictures = sorted(page.parent.glob("pictures/*.svg"))
    assert [picture.name for picture in pictures] == ["drain.svg", "lag.svg", "publish-time.svg", "rows.svg"]
    for picture in pictures:
        assert f"(pictures/{picture.name})" in text
        words = {element.text for element in ET.parse(picture).iter(f"{_SVG}text")}  # noqa: S314  our own
        assert len(words) > 5, picture.name


@pytest.mark.exhaustive
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_profile_is_a_flame_graph(tmp_path: Path) -> None:
    """py-spy profiles an API process under publish calls, and the SVG names functions of Presswork."""
    picture = tmp_path / "publish-call.svg"
    command = [sys.executable, "-m", "bench.flame", str(picture), "--seconds", "2"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=840, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    titles = [element.text or "" for element in ET.parse(picture).iter(f"{_SVG}title")]  # noqa: S314  our own
    assert any(title.startswith("publish (presswork/") for title in titles), titles[:50]
