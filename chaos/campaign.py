"""Run rounds that add up, and write their sum."""

import secrets
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import uvloop
from rich.console import Console

from chaos.ledger import violations_of
from chaos.older import current_commit
from chaos.plan import FaultSchedule
from chaos.report import print_report
from chaos.rounds import Round, finish_round, outcome_of, read_rounds, start_round
from chaos.run import Size, run
from chaos.sum import picture_of, sum_page

PAGE: Final = "sum.md"
PICTURE: Final = "sum.svg"
_BEGIN: Final = "<!-- campaign: begin; written by `python -m chaos --campaign chaos/campaign --docs` -->\n"
_END: Final = "<!-- campaign: end -->\n"


def run_round(
    folder: Path,
    *,
    schedule: FaultSchedule,
    size: Size,
    seed: int | None = None,
    older: str | None = None,
    console: Console,
) -> bool:
    """Append a round to the campaign in `folder`, and write the sum. Return whether its ledger has no violations.

    The round is written down before it starts, so that it stays in the sum however it ends. The data of a round with violations,
    or of one that was broken off, stay in the folder for temporary files.

    Raises DamagedCampaign before the start, and NoOlderVersion.
    """
    rounds = read_rounds(folder)
    taken = {one.seed for one in rounds}
    while seed is None or seed in taken:
        seed = secrets.randbelow(2**31)
    started = Round(
        number=len(rounds) + 1,
        seed=seed,
        began_at=datetime.now(UTC).replace(microsecond=0),
        commit=current_commit(),
        asked_posts=size.posts,
        accounts=size.accounts,
    )
    start_round(folder, started)
    write_sum(folder)
    data = Path(tempfile.mkdtemp(prefix=f"presswork-round-{started.number}-"))
    console.print(f"Round {started.number}, seed {seed}. Data: {data}", markup=False, highlight=False)
    result = uvloop.run(run(data, seed=seed, schedule=schedule, size=size, older=older))
    finished = started.model_copy(update={"older_commit": result.older_commit, "outcome": outcome_of(result)})
    finish_round(folder, finished)
    write_sum(folder)
    print_report(result, console)
    for line in violations_of(result.verdict):
        console.print(line, style="bold red", markup=False)
    if result.verdict.is_good:
        shutil.rmtree(data, ignore_errors=True)
    return result.verdict.is_good


def write_sum(folder: Path) -> None:
    """Write the page and the picture of all rounds into the campaign's folder. Raises DamagedCampaign."""
    rounds = read_rounds(folder)
    (folder / PICTURE).write_text(picture_of(rounds))
    (folder / PAGE).write_text(sum_page(folder, rounds, picture=PICTURE))


def write_docs(folder: Path, page: Path) -> None:
    """Write the sum into the section of a page between its two comments, and the picture beside it.

    Raises DamagedCampaign, and ValueError if the page has no such section.
    """
    rounds = read_rounds(folder)
    text = page.read_text()
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not begin or not end:
        raise ValueError(f"{page} has no section between {_BEGIN.strip()} and {_END.strip()}.")
    picture = page.parent / "pictures" / "chaos-campaign.svg"
    picture.write_text(picture_of(rounds))
    page.write_text(f"{before}{begin}\n{sum_page(folder, rounds, picture=f'pictures/{picture.name}')}\n{end}{after}")
