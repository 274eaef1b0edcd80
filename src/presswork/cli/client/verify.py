"""Tries out accounts with test posts: publishes each kind of content, looks for it, changes it, and takes it down.

It knows what an account accepts from `GET /v1/platforms` and from the account's own readiness, and names no platform.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from presswork.cli.client.show import account_name
from presswork_client import APIStatusError

if TYPE_CHECKING:
    from presswork_client import Presswork, ScheduledPost, SocialAccount
    from presswork_client.models import PlatformDescription
    from presswork_client.params import TargetParam

Outcome = Literal["passed", "failed", "unknown", "skipped"]
"""`unknown`: Presswork says that it does not know, which is honest where a platform can't be asked."""
THREAD: Final = "thread"
LOST: Final = "lost response"
_LOST_WITH: Final = ("text", "video", "image")
"""With which content the lost response is tried: the first that the platform has posts of."""
_LOSE: Final = {"Presswork-Verify": "lose-response"}
_PARTS: Final = 3
_POLL_SECONDS: Final = 0.5
_FINISHED: Final = frozenset({"published", "failed", "canceled"})
_DOWN: Final = frozenset({"taken_down", "gone"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one step of a trial."""

    name: str
    outcome: Outcome
    note: str = ""


@dataclass(slots=True, kw_only=True)
class Trial:
    """One test post of an account."""

    account: SocialAccount
    platform: PlatformDescription
    kind: str
    """A media type, THREAD or LOST."""
    media_type: str
    text: str
    audience: Mapping[str, Mapping[str, str]]
    """The options that make its audience the smallest, by the field of a target."""
    comment: str | None = None
    post: ScheduledPost | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def name(self) -> str:
        """What it is, for people."""
        return f"{account_name(self.account)}: {self.kind}"

    @property
    def post_id(self) -> str:
        """The id of its post. Raises ValueError before there is one."""
        if self.post is None:
            raise ValueError("the trial has no post yet")
        return self.post.id

    @property
    def is_live(self) -> bool:
        """Whether its post is live, as far as Presswork knows."""
        return self.post is not None and self.post.status == "published" and self.post.live_status not in _DOWN

    def add(self, name: str, outcome: Outcome, note: str = "") -> None:
        """Add a step."""
        self.steps.append(Step(name=name, outcome=outcome, note=note))


def plan_trials(account: SocialAccount, platform: PlatformDescription, *, loses_response: bool) -> Sequence[Trial]:
    """Return the trials of an account, without any call."""
    kinds: dict[str, str] = {kind: kind for kind in platform.media_types}
    if platform.capabilities.threads:
        kinds[THREAD] = "text"
    lost = next((kind for kind in _LOST_WITH if kind in kinds), None)
    if loses_response and lost is not None:
        kinds[LOST] = lost
    commented = next((kind for kind in kinds if kind not in {"text", THREAD, LOST}), next(iter(kinds)))
    trials = []
    for kind, media_type in kinds.items():
        mark, has_comment = token_hex(3), platform.capabilities.first_comment and kind == commented
        trials.append(
            Trial(
                account=account,
                platform=platform,
                kind=kind,
                media_type=media_type,
                text=f"A test post of Presswork ({kind}, {mark}). Please ignore it.",
                audience=_find_narrowest(platform, media_type, has_comment=has_comment),
                comment=f"A test comment of Presswork ({mark})." if has_comment else None,
            )
        )
    return trials


def _find_narrowest(
    platform: PlatformDescription, media_type: str, *, has_comment: bool
) -> Mapping[str, Mapping[str, str]]:
    """Return the options with the smallest audience that a post of a media type can carry."""
    found: dict[str, Mapping[str, str]] = {}
    narrowest = "x-narrowest-commented" if has_comment else "x-narrowest"
    for option in platform.options:
        schema = cast("Mapping[str, Any]", option.schema)  # a JSON schema
        carried = {one.name for one in option.members if media_type in one.media_types}
        chosen = {
            name: member[narrowest]
            for name, member in schema.get("properties", {}).items()
            if narrowest in member and name in carried
        }
        if chosen and "publish" in option.modes and media_type in option.media_types:
            found[option.name] = chosen
    return found


@dataclass(slots=True, kw_only=True)
class Verifier:
    """Carries out trials, step by step for all of them, so that accounts do not wait for each other."""

    client: Presswork
    timeout: timedelta
    """For each step of all posts together."""
    report: Callable[[str], None]
    files: dict[str, Sequence[bytes]] = field(default_factory=dict)

    def run(self, trials: Sequence[Trial], *, keeps: bool) -> None:
        """Publish, look, change, and unless `keeps` take down."""
        for trial in trials:
            with self._step(trial, "publish"):
                self._publish(trial)
        self._follow(trials)
        live = [trial for trial in trials if trial.is_live]
        changed = [trial for trial in live if trial.kind not in {THREAD, LOST}]
        for trial in changed:
            with self._step(trial, "edit"):
                self._edit(trial)
        self._await_edits(changed)
        if not keeps:
            self.take_down(live)

    def take_down(self, trials: Sequence[Trial]) -> None:
        """Take down what is live."""
        for trial in trials:
            if trial.is_live:
                with self._step(trial, "take down"):
                    self._take_down(trial)
        self._await_take_downs(trials)

    @contextmanager
    def _step(self, trial: Trial, name: str) -> Iterator[None]:
        """Let the step fail with the sentence of a refusal."""
        try:
            yield
        except APIStatusError as error:
            self._add(trial, name, "failed", f"{error.code}: {error.message}")

    def _add(self, trial: Trial, name: str, outcome: Outcome, note: str = "") -> None:
        trial.add(name, outcome, note)
        self.report(f"{trial.name}: {name} {outcome}{f': {note}' if note else ''}")

    def _publish(self, trial: Trial) -> None:
        container_id = self._create(trial)
        verdict = self._preflight(trial, container_id)
        if verdict and trial.audience:  # the account may have no say in its audience
            trial.audience = {}
            verdict = self._preflight(trial, container_id)
        if verdict:
            self._add(trial, "publish", "failed", f"Refused by preflight: {verdict}")
            return
        created = self.client.publishing.publish_now(
            container_id=container_id,
            targets=[self._target_of(trial)],
            extra_headers=_LOSE if trial.kind == LOST else None,
        )
        trial.post = self.client.publishing.get_post(post_id=created.scheduled_post_ids[0])

    def _create(self, trial: Trial) -> str:
        project = trial.account.project_id
        if trial.kind == THREAD:
            texts = [f"{trial.text} {number}/{_PARTS}" for number in range(1, _PARTS + 1)]
            return self.client.content.create(project_id=project, text="", parts=[{"text": text} for text in texts]).id
        if trial.media_type == "text":
            return self.client.content.create(project_id=project, text=trial.text).id
        files = self._draw(trial.media_type)
        content = self.client.content.upload_files(list(files), project_id=project, caption=trial.text)
        if trial.platform.capabilities.alt_text:
            self.client.content.update(
                container_id=content.id,
                media=[{"assetId": one.id, "altText": "A drawing of shapes"} for one in content.media],
            )
        return content.id

    def _draw(self, media_type: str) -> Sequence[bytes]:
        """Return the files of a media type, which are drawn once."""
        from presswork.media import samples  # noqa: PLC0415 - loads codecs, which help does not need

        if media_type not in self.files:
            picture = samples.sample_picture(1080, 1080, seed=2, title="Test")
            video = samples.sample_video(timedelta(seconds=4), title="Test")
            self.files = {
                "image": [picture],
                "video": [video],
                "multi": samples.sample_slideshow(2, width=1080, height=1080, seed=3),
                "mixed": [picture, video],
                "document": [samples.sample_document(2, title="Test")],
            }
        return self.files[media_type]

    def _target_of(self, trial: Trial) -> TargetParam:
        target = {"socialAccountId": trial.account.social_account_id, "mode": "publish", **trial.audience}
        if trial.comment is not None:
            target["firstCommentOverride"] = trial.comment
        return cast("TargetParam", target)  # the API checks it

    def _preflight(self, trial: Trial, container_id: str) -> str:
        """Return why the post would be refused; empty: it would not."""
        checked = self.client.publishing.preflight(container_id=container_id, targets=[self._target_of(trial)])
        return " ".join(one.message for one in (*checked.errors, *checked.targets[0].errors))

    def _refresh(
        self, trials: Sequence[Trial], is_settled: Callable[[ScheduledPost], bool]
    ) -> Iterator[tuple[Trial, ScheduledPost]]:
        """Yield each trial whose post is settled, as soon as it is; those that are not in time are not yielded."""
        end = time.monotonic() + self.timeout.total_seconds()
        left = [trial for trial in trials if trial.post is not None]
        while left:
            for trial in list(left):
                trial.post = post = self.client.publishing.get_post(post_id=trial.post_id)
                if is_settled(post):
                    left.remove(trial)
                    yield trial, post
            if time.monotonic() > end:
                return
            if left:
                time.sleep(_POLL_SECONDS)

    def _follow(self, trials: Sequence[Trial]) -> None:
        """Wait until each post is live or has failed, and for what follows it."""
        waiting = {id(trial): trial for trial in trials if trial.post is not None}
        for trial, post in self._refresh(trials, _has_settled):
            del waiting[id(trial)]
            self._judge(trial, post)
        for trial in waiting.values():
            if trial.post is not None and trial.post.status in _FINISHED:  # without its link or its comment
                self._judge(trial, trial.post)
            else:
                self._add(trial, "publish", "failed", "Not finished in time. See the timeline of the post.")

    def _judge(self, trial: Trial, post: ScheduledPost) -> None:
        name = "find again" if trial.kind == LOST else "publish"
        if post.status != "published":
            code = "" if post.last_error is None else post.last_error.code
            reason = "" if post.last_error is None else post.last_error.message
            is_honest = trial.kind == LOST and code == "OUTCOME_UNKNOWN"
            self._add(trial, name, "unknown" if is_honest else "failed", f"{code}: {reason}")
            return
        if trial.kind == LOST:
            reason = self._find_last(post, "reconciled")
            self._add(trial, name, "passed" if reason else "failed", "" if reason else "No response was lost.")
        elif trial.kind == THREAD:
            live = [part for part in post.parts or () if part.status == "published"]
            outcome: Outcome = "passed" if len(live) == _PARTS else "failed"
            self._add(trial, name, outcome, f"{len(live)} of {_PARTS} parts are live.")
        else:
            self._add(trial, name, "passed")
        if post.external_url is not None:
            self._add(trial, "read back", "passed")
        else:
            what = "an id, but no link" if post.external_id else "neither id nor link"
            note = f"The platform reports that it is live, and {what}."
            self._add(trial, "read back", "passed" if trial.audience else "unknown", note)
        if trial.comment is not None:
            is_there = post.first_comment_status == "posted"
            note = "" if is_there else self._find_last(post, "first_comment") or "Not written in time."
            self._add(trial, "comment", "passed" if is_there else "failed", note)

    def _find_last(self, post: ScheduledPost, event: str) -> str:
        """Return the last message of an event in the timeline of a post, or nothing."""
        entries = self.client.publishing.get_timeline(post_id=post.id).items
        return next((one.message for one in reversed(entries) if one.event == event), "")

    def _edit(self, trial: Trial) -> None:
        ready = trial.account.readiness.edit
        if "caption" not in trial.platform.capabilities.edit_fields or not ready.ready:
            self._add(trial, "edit", "skipped", _explain(ready.reason))
            return
        try:
            self.client.publishing.edit_live_post(post_id=trial.post_id, caption=f"{trial.text} It was changed.")
        except APIStatusError as error:
            if error.details.get("reason") != "edit_not_supported":
                raise
            self._add(trial, "edit", "skipped", error.message)

    def _await_edits(self, trials: Sequence[Trial]) -> None:
        judged = {id(trial) for trial in trials if any(step.name == "edit" for step in trial.steps)}
        waiting = {id(trial): trial for trial in trials if id(trial) not in judged}
        for trial, post in self._refresh(list(waiting.values()), _has_edited):
            del waiting[id(trial)]
            edit = post.last_edit
            is_done = edit is not None and edit.status == "done"
            self._add(
                trial, "edit", "passed" if is_done else "failed", "" if is_done or edit is None else edit.message or ""
            )
        for trial in waiting.values():
            self._add(trial, "edit", "failed", "Not finished in time.")

    def _take_down(self, trial: Trial) -> None:
        ready = trial.account.readiness.take_down
        if not ready.ready:
            self._add(trial, "take down", "skipped", f"{_explain(ready.reason)} Delete the post in the app.")
            return
        self.client.publishing.take_down_post(post_id=trial.post_id, reason="A test post.")

    def _await_take_downs(self, trials: Sequence[Trial]) -> None:
        judged = {id(trial) for trial in trials if any(step.name == "take down" for step in trial.steps)}
        waiting = {id(trial): trial for trial in trials if id(trial) not in judged and trial.is_live}
        for trial, post in self._refresh(list(waiting.values()), lambda post: post.live_status != "taking_down"):
            del waiting[id(trial)]
            is_down = post.live_status in _DOWN
            self._add(trial, "take down", "passed" if is_down else "failed", "" if is_down else post.live_advice or "")
        for trial in waiting.values():
            self._add(trial, "take down", "failed", "Not finished in time.")


def _explain(reason: str | None) -> str:
    """Return why Presswork can't change live posts of an account."""
    return "The platform has no call for it." if reason in {None, "not_supported"} else f"Not possible: {reason}."


def _has_settled(post: ScheduledPost) -> bool:
    """Return whether a post is over, and where it is live, has its link and its first comment; both may follow later."""
    if post.status not in _FINISHED:
        return False
    has_comment = post.first_comment_status is not None or not post.first_comment_override
    return post.status != "published" or (has_comment and (post.external_url is not None or _is_patient_enough(post)))


_LINK_WAIT: Final = timedelta(seconds=20)


def _is_patient_enough(post: ScheduledPost) -> bool:
    """Return whether a post is live for so long that it hardly gets a link any more: a private one may have none."""
    return post.published_at is not None and datetime.now(UTC) - post.published_at > _LINK_WAIT


def _has_edited(post: ScheduledPost) -> bool:
    return post.last_edit is not None and post.last_edit.status != "pending"
