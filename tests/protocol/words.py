"""A run of the model, told in sentences."""

from collections.abc import Sequence
from typing import Final

from tests.protocol.explore import Run
from tests.protocol.model import Hold, Move, Rules, Status, Step, World, start

_WORKER_SENTENCES: Final = {
    "prepare": "{w} prepares {p} and stores what it prepared.",
    "drop": "{w} prepares {p} anew, although what was prepared is still good.",
    "send": "{w} makes the call.",
    "hear": "{w} hears the answer.",
    "look": "{w} gets no answer.",
    "miss": "The answer is lost.",
    "time_out": "{w} waits no longer for its answer; the call is still under way.",
    "notice": "{w} learns from a notice that {p} is live.",
    "fail_look": "{w} asks the platform: the call failed for good.",
    "reject": "The platform refuses {p} for good.",
    "refused": "{w} takes live_call_at back: the call was refused.",
    "take_back": "{w} takes live_call_at back.",
    "start_over": "{w} takes live_call_at back, and drops what was prepared.",
    "live": "{w} stores that {p} is live.",
    "settle": "{w} ends {p} as published.",
    "fail": "{w} ends {p} as failed: nothing was posted.",
    "give_up": "{w} ends {p} as failed: the outcome is unknown.",
    "put_off": "{w} runs into an error and snoozes {p}.",
    "interrupt": "{w} is interrupted, since the database is unavailable, and drops {p}.",
    "release": "{w} releases {p}, which it has leased and does not work on.",
    "skew": "Another worker's clock is ahead: to it the lease of {p} has lapsed, and the wait since the call is over.",
    "crash": "{w} is killed, and starts anew.",
    "stop": "{w} is stopped in order, releases what it holds, and starts again.",
    "stall": "{w} is held up.",
    "wake": "{w} goes on.",
    "slow": "So much time has passed since the commit that the lease of then is over; it was renewed in between.",
    "pick": "{w}'s claim reads, and picks {p}.",
}
_OTHER_SENTENCES: Final = {
    "watch": "The time is over for which “not live” had to stay so.",
    "due": "The wait of {p} is over.",
    "accept": "{p} is accepted.",
    "cancel": "A person cancels {p}, and is told that it is canceled.",
    "lapse_awake": "{w}'s lease lapses, for its renewals did not come through.",
    "refuse": "The platform refuses the call; it has done nothing.",
    "kill": "What was prepared lapses at the platform.",
    "mute": "The platform can't be asked any more.",
}
_ASKED: Final = {
    Step.LIVE: "it is live",
    Step.TAKE_BACK: "it is not live",
    Step.START_OVER: "it is not live, and never will be by this call",
    Step.GIVE_UP: "it can't tell",
}


def retold(rules: Rules, run: Run) -> Sequence[str]:
    """Return a sentence for each step of a run."""
    sentences, before = [], start(rules)
    for move, after in run:
        sentences.append(_sentence(rules, move, before, after))
        before = after
    return sentences


def _sentence(rules: Rules, move: Move, before: World, after: World) -> str:
    worker = f"worker {'AB'[move.worker]}" if move.worker >= 0 else "nobody"
    post = "the post" if rules.posts == 1 else f"post {move.post + 1}"
    told = _told(rules, move, before, after).format(w=worker, p=post)
    return told[0].upper() + told[1:]


def _told(rules: Rules, move: Move, before: World, after: World) -> str:
    name = move.name
    if name in {"take", "lose"}:
        return _told_of_call(move, before, after)
    if name == "lapse":
        return "The wait of {p} is over." if before.rows[move.post].owner == -1 else "The lease of {p} lapses."
    if name in _OTHER_SENTENCES:
        return _OTHER_SENTENCES[name]
    if name in {"claim", "lock"}:
        return _told_of_claim(move, before, after)
    hold = None if move.post < 0 else after.holds[move.worker][move.post]
    if name == "renew":
        return "{w} renews its lease." if hold else "{w}'s renewal finds that {p} is not its own any more; it drops it."
    is_lost = hold is None and name not in _KEEPS_NO_COPY and move.post >= 0
    if is_lost and before.rows == after.rows:
        return "{w} finds that another has written to {p} since, and drops it."
    return _WORKER_SENTENCES.get(name) or _told_of_choice(rules, name, hold)


_KEEPS_NO_COPY: Final = frozenset({"pick", "settle", "fail", "give_up", "put_off", "interrupt", "release"})


def _told_of_claim(move: Move, before: World, after: World) -> str:
    if after.holds[move.worker][move.post] is before.holds[move.worker][move.post]:
        return "{w}'s claim comes to {p} too late."
    if before.rows[move.post].status is Status.PUBLISHING:
        return "{w} takes {p} over."
    return "{w} claims {p}."


def _told_of_choice(rules: Rules, name: str, hold: Hold | None) -> str:
    step = None if hold is None else hold.step
    if name == "go_live" and step is Step.FAIL:
        return "{w} has made the call often enough."
    if name == "go_live":
        return "{w} commits live_call_at." if rules.commits else "{w} commits nothing of the call."
    if name == "check" and step is Step.LOOK_UP:
        return "{w} looks at its clock: the lease is over, and the call stays unmade."
    if name == "check":
        return f"{{w}} {'looks' if rules.checks else 'does not look'} at its clock, and goes on to the call."
    return f"{{w}} asks the platform: {_ASKED[step or Step.GIVE_UP]}."


def _told_of_call(move: Move, before: World, after: World) -> str:
    whose = "{w}'s call" if move.worker >= 0 else "a call that nobody waits for"
    if move.name == "lose":
        return f"{whose} is lost on its way."
    was, now = before.platforms[move.post].effects, after.platforms[move.post].effects
    if now == was:
        return f"the platform takes {whose}, which does nothing more."
    return f"the platform takes {whose}: {{p}} is live{' twice' if now > 1 else ''}."
