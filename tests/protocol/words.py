"""Describes a run of the model in sentences."""

from collections.abc import Sequence
from typing import Final

from tests.protocol.explore import Run
from tests.protocol.model import Hold, Move, Rules, Status, Step, World, start

_WORKER_SENTENCES: Final = {
    "prepare": "{w} prepares {p} and stores what it prepared.",
    "drop": "{w} prepares {p} again, although what was prepared is still usable.",
    "send": "{w} makes the call.",
    "hear": "{w} receives the answer.",
    "look": "{w} gets no answer.",
    "miss": "The answer is lost.",
    "time_out": "{w}'s call times out; it is still in flight.",
    "notice": "{w} learns from a webhook that {p} is live.",
    "fail_look": "{w} asks the platform: the call failed for good.",
    "blip": "{w} asks the platform, which does not answer this once.",
    "cut": "{w} asks the platform: the list ends before {p} could be on it.",
    "reject": "The platform refuses {p} for good.",
    "refused": "{w} clears live_call_at: the call was refused.",
    "take_back": "{w} clears live_call_at.",
    "start_over": "{w} clears live_call_at, and drops what was prepared.",
    "live": "{w} stores that {p} is live.",
    "count": "{w} counts the part as live.",
    "settle": "{w} ends {p} as published.",
    "fail": "{w} ends {p} as failed: nothing was posted.",
    "give_up": "{w} ends {p} as failed: the outcome is unknown.",
    "put_off": "An error occurs in {w}, which snoozes {p}.",
    "interrupt": "{w} is interrupted because the database is unavailable, and stops the attempt.",
    "release": "{w} releases {p}, which it has leased without an attempt.",
    "skew": "Another worker's clock is ahead: by it the lease of {p} has lapsed, and the wait since the call is over.",
    "crash": "{w} is killed, and starts again.",
    "stop": "{w} is stopped with a signal, releases its leases, and starts again.",
    "stall": "{w} is suspended.",
    "wake": "{w} resumes.",
    "slow": "The lease from before the commit ends; it was renewed in between.",
    "pick": "{w}'s claim reads, and picks {p}.",
}
_OTHER_SENTENCES: Final = {
    "watch": "The wait ends after which “not live” is final.",
    "due": "The wait of {p} is over.",
    "accept": "{p} is accepted.",
    "cancel": "A client cancels {p}, and the API confirms it.",
    "lapse_awake": "{w}'s lease lapses because its renewals fail.",
    "refuse": "The platform refuses the call, which has no effect.",
    "kill": "What was prepared expires on the platform.",
    "mute": "The platform can't be asked any more.",
}
_ASKED: Final = {
    Step.LIVE: "it is live",
    Step.TAKE_BACK: "it is not live",
    Step.START_OVER: "it is not live, and this call can't make it live",
    Step.GIVE_UP: "it can't tell",
}


def describe(rules: Rules, run: Run) -> Sequence[str]:
    """Return a sentence for each step of a run."""
    sentences, before = [], start(rules)
    for move, after in run:
        sentences.append(_sentence(rules, move, before, after))
        before = after
    return sentences


def _sentence(rules: Rules, move: Move, before: World, after: World) -> str:
    worker = f"worker {'AB'[move.worker]}" if move.worker >= 0 else "no worker"
    post = "the post" if rules.posts == 1 else f"post {move.post + 1}"
    sentence = _step_sentence(rules, move, before, after).format(w=worker, p=post)
    return sentence[0].upper() + sentence[1:]


def _step_sentence(rules: Rules, move: Move, before: World, after: World) -> str:
    name = move.name
    if name in {"take", "lose"}:
        return _call_sentence(move, before, after)
    if name == "lapse":
        return "The wait of {p} is over." if before.rows[move.post].owner == -1 else "The lease of {p} lapses."
    if name in _OTHER_SENTENCES:
        return _OTHER_SENTENCES[name]
    if name in {"claim", "lock"}:
        return _claim_sentence(move, before, after)
    hold = None if move.post < 0 else after.holds[move.worker][move.post]
    if name == "renew":
        return (
            "{w} renews its lease." if hold else "{w}'s renewal finds that {p} has another owner; it stops the attempt."
        )
    is_lost = hold is None and name not in _KEEPS_NO_COPY and move.post >= 0
    if is_lost and before.rows == after.rows:
        return "{w} finds that {p} was changed since, and stops the attempt."
    return _WORKER_SENTENCES.get(name) or _choice_sentence(rules, name, hold)


_KEEPS_NO_COPY: Final = frozenset({"pick", "settle", "fail", "give_up", "put_off", "interrupt", "release"})


def _claim_sentence(move: Move, before: World, after: World) -> str:
    if after.holds[move.worker][move.post] is before.holds[move.worker][move.post]:
        return "{w}'s claim comes to {p} too late."
    if before.rows[move.post].status is Status.PUBLISHING:
        return "{w} takes {p} over."
    return "{w} claims {p}."


def _choice_sentence(rules: Rules, name: str, hold: Hold | None) -> str:
    step = None if hold is None else hold.step
    if name == "go_live" and step is Step.FAIL:
        return "{w} has made the maximum number of calls."
    if name == "go_live":
        return "{w} commits live_call_at." if rules.commits else "{w} does not commit live_call_at."
    if name == "check" and step is Step.LOOK_UP:
        return "{w} checks its clock: the lease has ended, so it does not make the call."
    if name == "check":
        return f"{{w}} {'checks' if rules.checks else 'does not check'} its clock, and continues with the call."
    return f"{{w}} asks the platform: {_ASKED[step or Step.GIVE_UP]}."


def _call_sentence(move: Move, before: World, after: World) -> str:
    whose = "{w}'s call" if move.worker >= 0 else "a call whose sender has stopped"
    if move.name == "lose":
        return f"{whose} is lost."
    was, now = before.platforms[move.post].effects, after.platforms[move.post].effects
    if now == was:
        return f"the platform receives {whose}, which has no further effect."
    part = next(place for place, (one, other) in enumerate(zip(was, now, strict=True)) if one != other)
    what = "{p}" if len(now) == 1 else f"part {part + 1} of {{p}}"
    return f"the platform receives {whose}: {what} is live{' twice' if now[part] > 1 else ''}."
