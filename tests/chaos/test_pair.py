"""The database pair of the chaos runs: each commit waits for the standby, also after servers changed places."""

import signal
from datetime import timedelta

import pytest
from chaos.pair import open_pair

from presswork.db.embedded.processes import until

WITHIN = timedelta(seconds=20)


@pytest.mark.exhaustive
def test_a_pair_fails_over_and_back_without_losing_a_commit() -> None:
    with open_pair() as pair:
        pair.psql(pair.primary, "CREATE TABLE kept (name text)")
        for times in range(1, 3):
            assert until(lambda: pair.can_fail_over, within=WITHIN)
            former = pair.primary
            pair.psql(former, "INSERT INTO kept SELECT current_setting('cluster_name')")
            pair.kill(former)
            pair.fail_over()
            pair.renew_standby()
            assert pair.standby is former
            assert pair.psql(pair.primary, "SELECT count(*) FROM kept") == str(times)


@pytest.mark.exhaustive
def test_a_standby_that_was_away_catches_up() -> None:
    with open_pair() as pair:
        assert until(lambda: pair.can_fail_over, within=WITHIN)
        pair.stop(pair.standby, signal.SIGKILL)
        for _ in range(3):
            pair.psql(pair.primary, "SET synchronous_commit = local", "CREATE TABLE filler ()", "DROP TABLE filler")
            pair.psql(pair.primary, "SELECT pg_switch_wal()", "CHECKPOINT")
        pair.start(pair.standby)
        assert until(lambda: pair.can_fail_over, within=WITHIN)


def test_a_statement_that_fails_is_an_error() -> None:
    with open_pair(is_synchronous=False) as pair, pytest.raises(RuntimeError, match="division by zero"):
        pair.psql(pair.primary, "SELECT 1 / 0", "SELECT 1")
