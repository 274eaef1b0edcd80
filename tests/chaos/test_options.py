"""The options of `make chaos`."""

from dataclasses import replace
from datetime import timedelta

import pytest
from chaos.__main__ import main, parser, schedule_of
from chaos.plan import FaultedCalls, FaultSchedule


def test_every_option_reaches_the_schedule() -> None:
    """The intervals between faults are those of the command line."""
    options = parser().parse_args(
        [
            "--lease",
            "7",
            "--between",
            "3",
            "--platform-faults-between",
            "0.3",
            "--posts-between",
            "150",
            "--platform-fault",
            "late_effect",
        ]
    )
    asked = FaultSchedule(
        lease=timedelta(seconds=7),
        between=timedelta(seconds=3),
        platform_fault_interval=timedelta(milliseconds=300),
        posts_between_faults=150,
        posts_between_platform_faults=15,
        platform_fault_kinds=frozenset({"late_effect"}),
        platform_faults_at=FaultedCalls.LIVE,
    )
    assert schedule_of(options) == asked
    options.platform_faults_at = FaultedCalls.CHANGES
    assert schedule_of(options) == replace(asked, platform_faults_at=FaultedCalls.CHANGES)


def test_the_options_of_a_campaign_need_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --campaign, --rounds and --docs are refused: one run can't be mistaken for a round."""
    for option in (["--docs"], ["--rounds", "5"]):
        monkeypatch.setattr("sys.argv", ["chaos", *option])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
