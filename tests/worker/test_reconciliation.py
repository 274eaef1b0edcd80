"""The judge of posts whose outcome is not known: what follows from a row of looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from presswork.platforms import plugin
from presswork.platforms.errors import OutcomeUnknown, Rejected, TryLater
from presswork.platforms.port import Absent, Ambiguous, Failed, Present, Processing, Sighting, Unreadable
from presswork.platforms.settings import Settings
from presswork.worker.reconciliation import LIMITED_FOR, LONGEST_HINT, Looks, Unknown, Verdict, Wait, judge

CALL_AT = datetime(2026, 12, 1, 12, tzinfo=UTC)
LIVE = plugin.live_retry_policy(Settings())
AWAY = Unreadable(error=TryLater("It is down.", step="x"))
GONE = Absent(message="It is not there.")
BUSY = Processing(message="It is at work.")
CUT = Ambiguous(message="The list ends before it.")


@dataclass
class Case:
    """The looks at one call, which is `age` old at the first one."""

    age: timedelta = timedelta()
    calls: int = 1
    looks: Looks = field(init=False)
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Start before the first look."""
        self.now = CALL_AT + self.age
        self.looks = Looks.load(None, call_at=CALL_AT, now=self.now)

    def see(self, seen: Sighting) -> Verdict:
        """Look now; what is remembered goes through its stored form."""
        looks, verdict = judge(self.looks, seen, calls=self.calls, retry_policy=LIVE, now=self.now)
        self.looks = Looks.load(looks.as_json(), call_at=CALL_AT, now=self.now)
        assert self.looks == looks
        return verdict

    def see_when_due(self, seen: Sighting) -> Verdict:
        """Look now, and pass the time until the next look."""
        verdict = self.see(seen)
        if isinstance(verdict, Wait):
            self.now += verdict.duration
        return verdict

    def see_until_decided(self, seen: Sighting) -> tuple[Verdict, int]:
        """Look whenever it is due until there is a decision; return it, and the number of looks."""
        for looks in range(1, 1_000):
            if not isinstance(verdict := self.see_when_due(seen), Wait):
                return verdict, looks
        raise AssertionError("nothing is decided")


def test_absence_counts_once_it_has_lasted() -> None:
    """However long ago the call was, it takes two looks, `republish_after` apart; the platform may have called it back."""
    for age in (timedelta(), timedelta(days=3)):
        case = Case(age)
        verdict, looks = case.see_until_decided(GONE)
        assert verdict == GONE
        assert looks > 1
        assert case.now - CALL_AT - age >= LIVE.republish_after


def test_absence_lasts_only_while_nothing_else_is_seen() -> None:
    """The platform works on it, its list is cut, or what is missing changes: the wait starts again. A failed look is no look."""
    for between, starts_again in ((BUSY, True), (CUT, True), (replace(GONE, evidence="9 bytes"), True), (AWAY, False)):
        case = Case()
        case.see(GONE)
        case.now += LIVE.republish_after / 2
        case.see(between)
        case.now += LIVE.republish_after / 2
        assert isinstance(case.see(GONE), Wait) == starts_again, between


def test_each_further_call_waits_longer() -> None:
    """A call that was made again and again without effect is repeated ever more slowly, within the policy's longest wait."""
    policy = replace(LIVE, republish_after=timedelta(seconds=10))
    waits = []
    for calls in range(1, 6):
        looks = Looks(call_at=CALL_AT, first_at=CALL_AT, due_at=CALL_AT, absent_since=CALL_AT)
        for seconds in range(1, 1_000):
            now = CALL_AT + timedelta(seconds=seconds)
            if judge(looks, GONE, calls=calls, retry_policy=policy, now=now)[1] == GONE:
                waits.append(seconds)
                break
    assert waits == [10, 32, 120, 120, 120]


def test_what_is_to_be_done_instead_of_another_call_waits_as_long() -> None:
    """A refusal, a start from the beginning and a doubt that follow from absence count only once it has lasted."""
    again = TryLater("Another key.", step="x", starts_over=True)
    for instead in (Rejected("No.", step="x"), again, OutcomeUnknown("It may be there.", step="x")):
        case = Case()
        verdict, _ = case.see_until_decided(replace(GONE, instead=instead, changes={"place": None}))
        assert case.now - CALL_AT >= LIVE.republish_after
        expected = Failed(reason=instead, changes={"place": None}) if not isinstance(instead, OutcomeUnknown) else None
        assert verdict == (expected or Unknown(message="It may be there."))


def test_no_single_failed_read_decides() -> None:
    """Long after the call, after good reads, and after a pause without a worker, one failed read is followed by another."""
    for before in ((), (BUSY,), (GONE, CUT), (AWAY,)):
        case = Case(timedelta(days=2))
        for seen in before:
            case.see_when_due(seen)
        case.now += timedelta(days=1)  # no worker ran
        assert isinstance(case.see_when_due(AWAY), Wait), before
        assert isinstance(case.see(Present(external_id="1")), Present)


def test_doubt_ends_after_its_time_and_not_before() -> None:
    """Looks that fail, lists that are cut and work without end are followed for their time, counted from the first look."""
    for seen, least in ((AWAY, LIVE.unknown_after), (CUT, LIVE.unknown_after), (BUSY, LIVE.processing_limit)):
        case = Case(timedelta(days=2))
        began = case.now
        verdict, looks = case.see_until_decided(seen)
        assert isinstance(verdict, Unknown)
        assert least <= case.now - began < 1.5 * least
        assert 3 < looks < 500


def test_what_no_answer_can_show_ends_at_once() -> None:
    """A member's posts at LinkedIn can be read by no app: waiting would show nothing."""
    assert Case().see(replace(CUT, is_final=True)) == Unknown(message=CUT.message)


def test_a_wait_that_a_platform_asks_for_decides_nothing() -> None:
    """While a platform is down it is read every five minutes at least, whatever its Retry-After, and for as long as it says,
    but not for a day."""
    for asked_for, ends_after in (
        (timedelta(seconds=1), LIVE.unknown_after),
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(days=1), timedelta(hours=2)),
    ):
        case, waits = Case(), []
        down = Unreadable(error=TryLater("Down.", step="x", retry_after=asked_for))
        while isinstance(verdict := case.see_when_due(down), Wait):
            waits.append(verdict.duration)
        assert max(waits) <= LONGEST_HINT
        assert ends_after <= case.now - CALL_AT <= ends_after + LONGEST_HINT


def test_a_limit_is_no_failed_read() -> None:
    """It is waited for as the platform says, ever longer if that is not true, for a day; and it ends a row of failed reads."""
    limit = Unreadable(error=TryLater("Too many.", step="x", retry_after=timedelta(hours=3), is_throttled=True))
    verdict = Case().see(limit)
    assert isinstance(verdict, Wait)
    assert verdict.duration == timedelta(hours=3)
    short = Unreadable(error=TryLater("Too many.", step="x", retry_after=timedelta(minutes=1), is_throttled=True))
    case = Case()
    verdict, looks = case.see_until_decided(short)
    assert isinstance(verdict, Unknown)
    assert case.now - CALL_AT >= LIMITED_FOR
    assert looks < 100
    case = Case()
    for seen in (AWAY, limit, AWAY):
        assert isinstance(case.see_when_due(seen), Wait)


def test_a_deadline_of_the_platform_comes_first() -> None:
    """A provider has until its deadline, and `unknown_after` beyond it, to report; it is asked exactly at the deadline."""
    deadline = CALL_AT + timedelta(hours=72)
    for seen in (replace(BUSY, until=deadline), replace(CUT, until=deadline), replace(AWAY, until=deadline)):
        case, asked = Case(), []
        while isinstance(case.see_when_due(seen), Wait):
            asked.append(case.now)
        assert case.now >= deadline + LIVE.unknown_after
        assert deadline in asked or isinstance(seen, Ambiguous)


ANY_LOOK = st.sampled_from([AWAY, GONE, replace(GONE, evidence="9 bytes"), BUSY, CUT])


@given(st.lists(st.tuples(ANY_LOOK, st.integers(0, 90)), min_size=1, max_size=40))
def test_no_row_of_looks_breaks_the_rules(looks: Sequence[tuple[Sighting, int]]) -> None:
    """Whatever is seen, in whatever order: a call is repeated only after absence that lasted; doubt ends a post only after
    `unknown_after` of it."""
    case, row = Case(), list[tuple[Sighting, datetime]]()
    for seen, minutes in looks:
        row.append((seen, case.now))
        verdict = case.see(seen)
        if isinstance(verdict, Absent):
            readable = [one for one in row if not isinstance(one[0], Unreadable)]
            same = next(
                (place for place, one in enumerate(reversed(readable)) if one[0] != seen), len(readable)
            )  # so many in a row
            assert same >= 2
            assert case.now - readable[-same][1] >= LIVE.republish_after
            return
        if isinstance(verdict, Unknown):
            since = [at for one, at in row if type(one) is type(seen)]
            assert len(since) >= 2
            assert case.now - since[0] >= LIVE.unknown_after
            return
        assert isinstance(verdict, Wait)
        case.now += verdict.duration + timedelta(minutes=minutes)
