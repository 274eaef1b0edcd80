"""Tries out accounts with test posts: publishes each kind of content, looks for it, changes it, and takes it down.

It knows what an account accepts from `GET /v1/platforms`, from the account's own readiness and from preflight, and names no
platform.
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
from presswork.core.response_shapes import RecordedResponse, merge_responses
from presswork_client import APIStatusError

if TYPE_CHECKING:
    from presswork_client import Presswork, ScheduledPost, SocialAccount
    from presswork_client.models import EstimatedCost, PlatformDescription, PlatformOption
    from presswork_client.params import TargetParam

Outcome = Literal["passed", "failed", "unknown", "not possible"]
"""`unknown`: Presswork says that it does not know, which is honest where a platform can't be asked. `not possible`: the platform has
no call for it, or the account did not grant it."""
THREAD: Final = "thread"
LOST: Final = "lost response"
PUBLISH: Final = "publish"
FIND_AGAIN: Final = "find again"
READ_BACK: Final = "read back"
COMMENT: Final = "comment"
EDIT: Final = "edit"
TAKE_DOWN: Final = "take down"
_LOST_WITH: Final = ("text", "video", "image")
"""With which content the lost response is tried: the first that the platform has posts of."""
_HEADER: Final = "Presswork-Verify"
_LOSE: Final = "lose-response"
_RECORD: Final = "record"
_PARTS: Final = 3
_POLL_SECONDS: Final = 0.5
_FINISHED: Final = frozenset({"published", "failed", "canceled"})
_DOWN: Final = frozenset({"taken_down", "gone"})
_OUTCOME_UNKNOWN: Final = "OUTCOME_UNKNOWN"
_LATE: Final = "Not finished in time. See the timeline of the post."

Options = Mapping[str, Mapping[str, str]]
"""Members of options, by the field of a target: `{"somePostSettings": {"privacy": "private"}}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What became of one step of a trial."""

    name: str
    outcome: Outcome
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Something that an account has, such as a board, of which a post needs one."""

    id: str
    name: str


@dataclass(slots=True, kw_only=True)
class Trial:
    """One test post of an account."""

    account: SocialAccount
    platform: PlatformDescription
    kind: str
    """A media type, THREAD or LOST."""
    media_type: str
    text: str
    comment: str | None = None
    container_id: str | None = None
    audience: Options = field(default_factory=dict)
    """The options that make its audience small; none: preflight refuses them, or the platform has none."""
    chosen: Options = field(default_factory=dict)
    """The options that name something the account has, by its id."""
    cost: EstimatedCost | None = None
    refusal: str = ""
    """Why preflight refuses the post."""
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

    @property
    def may_be_live(self) -> bool:
        """Whether a person has to look on the platform: its post is live, or may be."""
        error = None if self.post is None else self.post.last_error
        return self.is_live or (error is not None and error.code == _OUTCOME_UNKNOWN)

    def has(self, name: str) -> bool:
        """Return whether a step has its outcome."""
        return any(step.name == name for step in self.steps)


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
                comment=f"A test comment of Presswork ({mark})." if has_comment else None,
            )
        )
    return trials


def _list_members(trial: Trial, mark: str) -> Iterator[tuple[PlatformOption, str, str]]:
    """Yield each member of an option that the trial's post can carry and whose schema has a mark, with the value of the mark."""
    for option in trial.platform.options:
        if "publish" not in option.modes or trial.media_type not in option.media_types:
            continue
        schema = cast("Mapping[str, Any]", option.schema)  # a JSON schema
        carried = {one.name for one in option.members if trial.media_type in one.media_types}
        for name, member in schema.get("properties", {}).items():
            if mark in member and name in carried:
                yield option, name, member[mark]


def _merge(*options: Options) -> dict[str, Mapping[str, str]]:
    """Return options together, member by member."""
    merged: dict[str, Mapping[str, str]] = {}
    for one in options:
        for name, members in one.items():
            merged[name] = {**merged.get(name, {}), **members}
    return merged


@dataclass(slots=True, kw_only=True)
class Verifier:
    """Carries out trials, step by step for all of them, so that accounts do not wait for each other."""

    client: Presswork
    timeout: timedelta
    """For each step of all posts together."""
    report: Callable[[str], None]
    choose: Callable[[SocialAccount, str, Sequence[Choice]], Choice]
    """Chooses one of several things that an account has; the text is what they are called, such as `boards`."""
    records: bool = False
    """Whether the shapes of the platform's answers are recorded."""
    files: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    choices: dict[tuple[str, str], Choice | None] = field(default_factory=dict)
    """By account and name of the list. None stands for an account without any."""

    def prepare(self, trials: Sequence[Trial]) -> None:
        """Store the content of each trial at Presswork and check it, without posting anything."""
        for trial in trials:
            with self._step(trial, PUBLISH):
                container_id = trial.container_id = self._create(trial)
                trial.chosen = self._choose_members(trial)
                trial.audience = self._find_narrowest(trial)
                trial.refusal = self._preflight(trial, container_id)
                if trial.refusal and trial.audience:  # the account may have no say in its audience
                    trial.audience = {}
                    trial.refusal = self._preflight(trial, container_id)

    def discard(self, trials: Sequence[Trial]) -> None:
        """Delete the content of trials that were not posted."""
        for trial in trials:
            if trial.container_id is not None and trial.post is None:
                self.client.content.delete(container_id=trial.container_id, erase=True)

    def run(self, trials: Sequence[Trial], *, keeps: bool) -> None:
        """Publish, look, change, and unless `keeps` take down."""
        for trial in trials:
            with self._step(trial, PUBLISH):
                self._publish(trial)
        self._follow(trials)
        live = [trial for trial in trials if trial.is_live]
        changed = [trial for trial in live if trial.kind not in {THREAD, LOST}]
        for trial in changed:
            with self._step(trial, EDIT):
                self._edit(trial)
        self._await_edits(changed)
        if keeps:
            return
        for trial in live:
            with self._step(trial, TAKE_DOWN):
                self._take_down(trial)
        self._await_take_downs(live)

    @contextmanager
    def _step(self, trial: Trial, name: str) -> Iterator[None]:
        """Let the step fail with the sentence of a refusal."""
        try:
            yield
        except APIStatusError as error:
            self._add(trial, name, "failed", f"{error.code}: {error.message}")

    def _add(self, trial: Trial, name: str, outcome: Outcome, note: str = "") -> None:
        trial.steps.append(Step(name=name, outcome=outcome, note=note))
        self.report(f"{trial.name}: {name} {outcome}{f': {note}' if note else ''}")

    def _create(self, trial: Trial) -> str:
        project = trial.account.project_id
        if trial.kind == THREAD:
            texts = [f"{trial.text} {number}/{_PARTS}" for number in range(1, _PARTS + 1)]
            return self.client.content.create(project_id=project, parts=[{"text": text} for text in texts]).id
        if trial.media_type == "text":
            return self.client.content.create(project_id=project, text=trial.text).id
        files = self._draw(trial.media_type)
        content = self.client.content.upload_files(list(files), project_id=project, caption=trial.text)
        pictures = [one for one in content.media if (one.content_type or "").startswith("image/")]
        if trial.platform.capabilities.alt_text and pictures:
            described: Sequence[Mapping[str, str]] = [
                {"assetId": one.id, "altText": "A drawing of shapes"} for one in pictures
            ]
            self.client.content.update(container_id=content.id, media=cast("Any", described))  # the API checks it
        return content.id

    def _draw(self, media_type: str) -> Sequence[bytes]:
        """Return the files of a media type, which are drawn once."""
        from presswork.cli.sample_files import draw_files  # noqa: PLC0415 - loads codecs, which help does not need

        if not self.files:
            self.files = draw_files()
        return self.files[media_type]

    def _find_narrowest(self, trial: Trial) -> Options:
        """Return the options with the smallest audience that the trial's post can carry."""
        mark = "x-narrowest" if trial.comment is None else "x-narrowest-commented"
        return _merge(*({option.name: {name: value}} for option, name, value in _list_members(trial, mark)))

    def _choose_members(self, trial: Trial) -> Options:
        """Return the options that name something the account has, of which there is one at least."""
        chosen: dict[str, Mapping[str, str]] = {}
        for option, name, of_account in _list_members(trial, "x-choices"):
            choice = self._choose(trial.account, of_account)
            if choice is not None:
                chosen = _merge(chosen, {option.name: {name: choice.id}})
        return chosen

    def _choose(self, account: SocialAccount, name: str) -> Choice | None:
        key = account.social_account_id, name
        if key not in self.choices:
            list_them = getattr(self.client.social_accounts, f"list_{name}")  # the call that `x-choices` names
            found = [Choice(id=one.id, name=one.name) for one in list_them(social_account_id=key[0]).items]
            self.choices[key] = self.choose(account, name, found) if found else None
        return self.choices[key]

    def _target_of(self, trial: Trial) -> TargetParam:
        options = _merge(trial.chosen, trial.audience)
        target = {"socialAccountId": trial.account.social_account_id, "mode": "publish", **options}
        if trial.comment is not None:
            target["firstCommentOverride"] = trial.comment
        return cast("TargetParam", target)  # the API checks it

    def _preflight(self, trial: Trial, container_id: str) -> str:
        """Return why the post would be refused; empty: it would not. Keep what it costs."""
        checked = self.client.publishing.preflight(container_id=container_id, targets=[self._target_of(trial)])
        trial.cost = checked.estimated_cost
        return " ".join(one.message for one in (*checked.errors, *checked.targets[0].errors))

    def _publish(self, trial: Trial) -> None:
        if trial.refusal:
            self._add(trial, PUBLISH, "failed", f"Refused by preflight: {trial.refusal}")
        if trial.has(PUBLISH) or trial.container_id is None:
            return
        created = self.client.publishing.publish_now(
            container_id=trial.container_id,
            targets=[self._target_of(trial)],
            extra_headers=self._verify_header(trial),
        )
        trial.post = self.client.publishing.get_post(post_id=created.scheduled_post_ids[0])

    def _verify_header(self, trial: Trial) -> Mapping[str, str] | None:
        """Return what asks the worker for more than to publish; only an administrator's key may send it."""
        wanted = [name for name, is_wanted in ((_LOSE, trial.kind == LOST), (_RECORD, self.records)) if is_wanted]
        return {_HEADER: ", ".join(wanted)} if wanted else None

    def list_recorded(self, trials: Sequence[Trial]) -> Sequence[RecordedResponse]:
        """Return the shapes of what the platform answered while it published the posts of trials."""
        entries = [
            entry
            for trial in trials
            if trial.post is not None
            for entry in self.client.publishing.get_timeline(post_id=trial.post_id).items
        ]
        documents = [one for entry in entries for one in cast("Any", entry.detail.get("recorded", ()))]
        return merge_responses(RecordedResponse.load(one) for one in documents)

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
                self._add(trial, PUBLISH, "failed", _LATE)

    def _judge(self, trial: Trial, post: ScheduledPost) -> None:
        name = FIND_AGAIN if trial.kind == LOST else PUBLISH
        if post.status != "published":
            error = post.last_error
            is_unknown = trial.kind == LOST and error is not None and error.code == _OUTCOME_UNKNOWN
            reason = f"It is {post.status}." if error is None else f"{error.code}: {error.message}"
            self._add(trial, name, "unknown" if is_unknown else "failed", reason)
            return
        if trial.kind == LOST:
            is_lost = bool(self._find_last(post, "reconciled"))
            self._add(trial, name, "passed" if is_lost else "failed", "" if is_lost else "No response was lost.")
        elif trial.kind == THREAD:
            live = [part for part in post.parts or () if part.status == "published"]
            outcome: Outcome = "passed" if len(live) == _PARTS else "failed"
            self._add(trial, name, outcome, f"{len(live)} of {_PARTS} parts are live.")
        else:
            self._add(trial, name, "passed")
        self._judge_link(trial, post)
        if trial.comment is not None:
            is_there = post.first_comment_status == "posted"
            note = "" if is_there else self._find_last(post, "first_comment") or "Not written in time."
            self._add(trial, COMMENT, "passed" if is_there else "failed", note)

    def _judge_link(self, trial: Trial, post: ScheduledPost) -> None:
        """Say whether the platform shows the live post to Presswork."""
        if not trial.platform.capabilities.look_up:
            self._add(trial, READ_BACK, "not possible", "The platform has no call that reads live posts.")
        elif post.external_url is not None:
            self._add(trial, READ_BACK, "passed")
        else:
            what = "an id, but no link" if post.external_id else "neither id nor link"
            note = f"The platform reports that it is live, and {what}."
            self._add(trial, READ_BACK, "passed" if trial.audience else "unknown", note)  # a private post may have none

    def _find_last(self, post: ScheduledPost, event: str) -> str:
        """Return the last message of an event in the timeline of a post, or nothing."""
        entries = self.client.publishing.get_timeline(post_id=post.id).items
        return next((one.message for one in reversed(entries) if one.event == event), "")

    def _edit(self, trial: Trial) -> None:
        ready = trial.account.readiness.edit
        if "caption" not in trial.platform.capabilities.edit_fields or not ready.ready:
            self._add(trial, EDIT, "not possible", _explain(ready.reason))
            return
        try:
            self.client.publishing.edit_live_post(post_id=trial.post_id, caption=f"{trial.text} It was changed.")
        except APIStatusError as error:
            if error.details.get("reason") != "edit_not_supported":
                raise
            self._add(trial, EDIT, "not possible", error.message)

    def _await_edits(self, trials: Sequence[Trial]) -> None:
        waiting = {id(trial): trial for trial in trials if not trial.has(EDIT)}
        for trial, post in self._refresh(list(waiting.values()), _has_edited):
            del waiting[id(trial)]
            edit = post.last_edit
            is_done = edit is not None and edit.status == "done"
            note = "" if is_done or edit is None else edit.message or ""
            self._add(trial, EDIT, "passed" if is_done else "failed", note)
        for trial in waiting.values():
            self._add(trial, EDIT, "failed", _LATE)

    def _take_down(self, trial: Trial) -> None:
        ready = trial.account.readiness.take_down
        if not ready.ready:
            self._add(trial, TAKE_DOWN, "not possible", f"{_explain(ready.reason)} {ready.advice or ''}".rstrip())
            return
        self.client.publishing.take_down_post(post_id=trial.post_id, reason="A test post.")

    def _await_take_downs(self, trials: Sequence[Trial]) -> None:
        waiting = {id(trial): trial for trial in trials if not trial.has(TAKE_DOWN)}
        for trial, post in self._refresh(list(waiting.values()), lambda post: post.live_status != "taking_down"):
            del waiting[id(trial)]
            is_down = post.live_status in _DOWN
            self._add(trial, TAKE_DOWN, "passed" if is_down else "failed", "" if is_down else post.live_advice or "")
        for trial in waiting.values():
            self._add(trial, TAKE_DOWN, "failed", _LATE)


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
