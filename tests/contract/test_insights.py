"""The numbers of posts and accounts, on every platform: what is known when, what is missing and why, and each shape of error."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Final
from uuid import UUID, uuid4

import pytest
from pydantic import JsonValue
from tests.contract.faults import LOST_NAMES, Fault, code
from tests.contract.job import MemoryJob, Sample, clip, picture, retrying
from tests.contract.on_linkedin import PERSON
from tests.contract.on_platform import OnPlatform
from tests.tiers import sampled

from presswork.platforms.access import LivePost
from presswork.platforms.errors import CredentialInvalid, PlatformError, Rejected, TryLater
from presswork.platforms.insights import AccountRead, MissingReason, PostNumbers, PostsRead, SupportsInsights
from presswork.platforms.live_support import AccountNumber, Metric
from presswork.platforms.port import PostOptions, Present

PUBLIC: Final = PostOptions({"youtubePostSettings": {"title": "Fresh"}})
SETTLED: Final = timedelta(days=5)
"""After so long, each platform has counted."""
COUNTS: Final = (Metric.LIKES, Metric.COMMENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One kind of live post on one platform."""

    platform: str
    """The fixture of the platform."""
    handle: str | None = None
    """Of the account in the sandbox, where it is not the one of the fixture."""
    make: Callable[[], Sample | Sequence[Sample]] = picture
    options: PostOptions = field(default_factory=PostOptions)
    caption: str | None = None
    step: str
    """The operation that reads numbers."""
    throttled: Fault
    refused: Fault = field(default_factory=partial(code, 3001, 1504028))
    denied: Fault = field(default_factory=partial(code, 10))
    free: Set[Metric] = frozenset()
    """What is known without a further permission."""
    more: Set[Metric] = frozenset()
    """What is known besides with every permission."""
    sums: Mapping[Metric, Sequence[str]] = field(default_factory=dict)
    """The sandbox's numbers that one of ours adds up, where it is not the one of the same name."""
    late: Set[Metric] = frozenset()
    """What lags days behind."""
    shows_deleted: bool = True
    """Whether the platform's answer shows that a post is gone."""
    has_comments: bool = True
    """Whether others can comment in the sandbox."""
    calls: int = 4
    """Calls of a read of one post, at most."""
    renews: bool = True
    """Whether a refused token is renewed."""
    account: Mapping[AccountNumber, bool] = field(default_factory=lambda: {AccountNumber.FOLLOWERS: True})
    """The numbers of an account that it has, and whether each is known without a further permission."""

    async def publish(self, on_platform: OnPlatform) -> tuple[MemoryJob, LivePost]:
        """Return a live post."""
        job = await on_platform.job(self.make(), options=self.options, caption=self.caption)
        end = await on_platform.drive(job)
        assert isinstance(end, Present), repr(end)
        located = await retrying(
            job, lambda: on_platform.platform.connector.locate(job, job.prepared or {}, end.external_id)
        )
        assert located.external_id is not None
        return job, live_post(job, located.external_id)


def live_post(job: MemoryJob, external_id: str, part_ids: Sequence[str] = ()) -> LivePost:
    """Return a job's post as it is stored once it is live."""
    return LivePost(
        post_id=job.post_id,
        external_id=external_id,
        part_ids=part_ids,
        media_type=job.media_type,
        published_at=job.now(),
        options=job.options.document,
        prepared=job.prepared or {},
    )


_OF_ALL: Final = {Metric.VIEWS, Metric.LIKES, Metric.COMMENTS, Metric.SHARES}
_FACEBOOK: Final = partial(
    Case,
    platform="on_facebook",
    step="post_insights",
    throttled=code(80001),
    free={*COUNTS, Metric.SHARES},
    more={Metric.VIEWS, Metric.REACH, Metric.CLICKS},
    renews=False,
    account={AccountNumber.FOLLOWERS: True, AccountNumber.VIEWS: False, AccountNumber.REACH: False},
)
_INSIGHTS: Final = {Metric.VIEWS, Metric.REACH}
_WATCHED: Final = {Metric.WATCH_SECONDS, Metric.AVERAGE_WATCH_SECONDS}
_INSTAGRAM: Final = partial(
    Case,
    platform="by_instagram",
    step="media_insights",
    throttled=code(80002),
    free=frozenset(COUNTS),
    late={Metric.AVERAGE_WATCH_SECONDS},
    account={AccountNumber.FOLLOWERS: True, AccountNumber.VIEWS: False, AccountNumber.REACH: False},
)
_LINKEDIN: Final = partial(
    Case, throttled=code("TOO_MANY_REQUESTS"), denied=code("ACCESS_DENIED"), shows_deleted=False, renews=False
)
CASES: Final[Mapping[str, Case]] = {
    "mastodon": Case(
        platform="on_mastodon",
        step="status",
        throttled=code("429"),
        refused=code("422"),
        denied=code("403"),
        free={*COUNTS, Metric.SHARES},
        sums={Metric.SHARES: ("reposts", "quotes")},
        renews=False,
    ),
    "x": Case(
        platform="on_x",
        step="tweets_lookup",
        throttled=code("429"),
        refused=code("400"),
        denied=code("403"),
        free={Metric.VIEWS, *COUNTS, Metric.SHARES, Metric.SAVES, Metric.CLICKS},
        sums={Metric.SHARES: ("reposts", "quotes")},
    ),
    "pinterest": Case(
        platform="on_pinterest",
        step="pin",
        throttled=code(8),
        refused=code(1),
        denied=code(29),
        free={Metric.VIEWS, Metric.LIKES, Metric.SAVES, Metric.CLICKS},
        has_comments=False,
    ),
    "bluesky": Case(
        platform="on_bluesky",
        step="get_posts",
        throttled=code("RateLimitExceeded"),
        free={*COUNTS, Metric.SHARES, Metric.SAVES},
        sums={Metric.SHARES: ("reposts", "quotes")},
    ),
    "youtube": Case(
        platform="on_youtube",
        make=clip,
        options=PUBLIC,
        step="videos_batch_get_stats",
        throttled=code("rateLimitExceeded"),
        free={Metric.VIEWS, *COUNTS},
        more={Metric.SHARES, Metric.WATCH_SECONDS, Metric.AVERAGE_WATCH_SECONDS, Metric.FOLLOWS},
        late={Metric.SHARES, Metric.WATCH_SECONDS, Metric.AVERAGE_WATCH_SECONDS, Metric.FOLLOWS},
        account={AccountNumber.FOLLOWERS: True, AccountNumber.VIEWS: False},
    ),
    "tiktok": Case(
        platform="on_tiktok",
        make=clip,
        step="video_query",
        throttled=code("rate_limit_exceeded"),
        denied=code("scope_not_authorized"),
        more=_OF_ALL,
        has_comments=False,
        shows_deleted=False,
        account={AccountNumber.FOLLOWERS: False},
    ),
    "facebook_picture": _FACEBOOK(),
    "facebook_video": _FACEBOOK(make=clip),
    "facebook_text": _FACEBOOK(make=list),
    "instagram": _INSTAGRAM(more={*_INSIGHTS, Metric.SAVES, Metric.SHARES, Metric.FOLLOWS}),
    "instagram_reel": _INSTAGRAM(make=clip, more={*_INSIGHTS, Metric.SAVES, Metric.SHARES, *_WATCHED}),
    "by_facebook": _INSTAGRAM(
        platform="by_facebook",
        renews=False,
        free={*COUNTS, Metric.SAVES, Metric.SHARES},
        more={*_INSIGHTS, Metric.FOLLOWS},
    ),
    "by_facebook_reel": _INSTAGRAM(
        platform="by_facebook",
        renews=False,
        make=clip,
        free={*COUNTS, Metric.SAVES, Metric.SHARES},
        more={*_INSIGHTS, *_WATCHED},
    ),
    "linkedin_page": _LINKEDIN(
        platform="as_page",
        step="share_statistics",
        free={Metric.VIEWS, Metric.REACH, *COUNTS, Metric.SHARES, Metric.CLICKS},
        account=dict.fromkeys(AccountNumber, True),
    ),
    "linkedin_member": _LINKEDIN(
        platform="as_member",
        handle=PERSON,
        step="member_post_analytics",
        more={
            Metric.VIEWS,
            Metric.REACH,
            *COUNTS,
            Metric.SHARES,
            Metric.CLICKS,
            Metric.SAVES,
            Metric.FOLLOWS,
        },
        account={AccountNumber.FOLLOWERS: False},
        calls=8,
    ),
    "threads": Case(
        platform="on_threads",
        step="insights",
        throttled=code(80002),
        more=_OF_ALL,
        sums={Metric.SHARES: ("reposts", "quotes", "shares")},
        account={AccountNumber.FOLLOWERS: False, AccountNumber.VIEWS: False},
    ),
}
ONE_OF_EACH: Final = sampled(
    CASES, "bluesky", "youtube", "tiktok", "facebook_picture", "instagram", "linkedin_page", "threads"
)
"""One login and kind of post of each platform for every change."""


@pytest.fixture
def case(name: str) -> Case:
    """The test's kind of post."""
    return CASES[name]


@pytest.fixture
def on_platform(case: Case, request: pytest.FixtureRequest) -> OnPlatform:
    """The connector of the test's platform against the sandbox, whose login asks for no further permission."""
    platform: OnPlatform = request.getfixturevalue(case.platform)
    return platform


@pytest.fixture
def with_scopes(on_platform: OnPlatform, monkeypatch: pytest.MonkeyPatch) -> OnPlatform:
    """The same with PRESSWORK_INSIGHTS_SCOPES=on."""
    return _ask_for_numbers(on_platform, monkeypatch)


def _ask_for_numbers(on_platform: OnPlatform, monkeypatch: pytest.MonkeyPatch) -> OnPlatform:
    support = on_platform.platform.insights
    assert support is not None
    login = on_platform.platform.login
    if support.scopes:
        monkeypatch.setattr(login, "permissions", (*login.permissions, *sorted(support.scopes)))
    return on_platform


def reader(on_platform: OnPlatform) -> SupportsInsights:
    """Return the connector, which reads numbers."""
    assert on_platform.platform.insights is not None
    assert on_platform.platform.read_limit is not None
    assert isinstance(on_platform.platform.connector, SupportsInsights)
    return on_platform.platform.connector


async def read(on_platform: OnPlatform, job: MemoryJob, *posts: LivePost, removed: Set[str] = frozenset()) -> PostsRead:
    """Read posts, of which each has a result that is complete."""
    found = await reader(on_platform).read_posts(job, posts, removed=removed)
    assert set(found.posts) == {post.post_id for post in posts}
    for one in found.posts.values():
        if isinstance(one, PostNumbers):
            assert_complete(on_platform, one)
    return found


def assert_complete(on_platform: OnPlatform, numbers: PostNumbers) -> None:
    """Check that each metric has a number or a reason, and that what the platform does not have is never known."""
    assert not set(numbers.metrics) & set(numbers.unavailable)
    assert {*numbers.metrics, *numbers.unavailable} == set(Metric)
    support = on_platform.platform.insights
    assert support is not None
    assert set(numbers.metrics) <= support.offered
    assert all(value >= 0 for value in numbers.metrics.values())
    is_hidden = MissingReason.NOT_GRANTED in numbers.unavailable.values()
    assert bool(numbers.missing_scopes) == is_hidden
    assert numbers.is_gone == (set(numbers.unavailable.values()) == {MissingReason.GONE})


def numbers_in(found: PostsRead, post_id: UUID) -> PostNumbers:
    """Return the numbers of a post that was read."""
    one = found.posts[post_id]
    assert isinstance(one, PostNumbers), repr(one)
    return one


@pytest.mark.parametrize("name", CASES)
async def test_numbers_grow_to_those_of_the_platform(with_scopes: OnPlatform, case: Case) -> None:
    """A new post has what is counted at once, or nothing yet; later it has every number, as the platform counts it."""
    job, post = await case.publish(with_scopes)
    early = numbers_in(await read(with_scopes, job, post), post.post_id)
    known = {*case.free, *case.more}
    assert set(early.metrics) <= known
    assert {early.unavailable[metric] for metric in known - set(early.metrics)} <= {MissingReason.NOT_YET}
    for text in ("When do you open?", "On Sunday?") if case.has_comments else ():
        await with_scopes.sandbox.comment(with_scopes.name, post.external_id, text)
    await job.sleep(SETTLED)
    found = await read(with_scopes, job, post)
    late = numbers_in(found, post.post_id)
    assert set(late.metrics) == known
    assert late.metrics.get(Metric.COMMENTS, 0) == (2 if case.has_comments else 0)
    assert {late.unavailable[metric] for metric in set(Metric) - known} <= {MissingReason.NOT_OFFERED}
    assert all(late.metrics[metric] >= count for metric, count in early.metrics.items())
    assert found.calls <= case.calls
    counted = (await with_scopes.sandbox.numbers_of(with_scopes.name, case.handle or with_scopes.handle))[
        post.external_id
    ]
    for metric in known - case.late:
        assert late.metrics[metric] == sum(counted[name] for name in case.sums.get(metric, (metric,))), metric
    assert late.raw
    assert not job.tokens.access_token or job.tokens.access_token not in str(late)


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_what_needs_no_permission_works_at_once(on_platform: OnPlatform, case: Case) -> None:
    """Without the further permissions, the numbers that need none are known, and the others name what is missing."""
    job, post = await case.publish(on_platform)
    await job.sleep(SETTLED)
    numbers = numbers_in(await read(on_platform, job, post), post.post_id)
    support = on_platform.platform.insights
    assert support is not None
    assert set(numbers.metrics) == case.free
    assert {numbers.unavailable[metric] for metric in case.more} <= {MissingReason.NOT_GRANTED}
    assert numbers.missing_scopes <= support.scopes


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_a_deleted_post_is_gone(with_scopes: OnPlatform, case: Case) -> None:
    """A post that was deleted in the app is gone where the platform's answer shows it; elsewhere its numbers are not known."""
    job, post = await case.publish(with_scopes)
    await job.sleep(SETTLED)
    await with_scopes.sandbox.delete_post(with_scopes.name, post.external_id)
    await job.sleep(timedelta(minutes=1))
    numbers = numbers_in(await read(with_scopes, job, post), post.post_id)
    assert numbers.is_gone == case.shows_deleted
    assert not numbers.metrics


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_errors_of_a_read(with_scopes: OnPlatform, case: Case) -> None:
    """A limit says so, a passing error is tried again later, and a refused token is renewed, or asks to connect again."""
    job, post = await case.publish(with_scopes)
    await with_scopes.fault(case.step, case.throttled.name, **case.throttled.more(times=1))
    with pytest.raises(TryLater) as limited:
        await read(with_scopes, job, post)
    assert limited.value.is_throttled
    for lost in LOST_NAMES:
        await with_scopes.fault(case.step, lost, times=1)
        with pytest.raises(TryLater) as passing:
            await read(with_scopes, job, post)
        assert_harmless(passing.value, job)
        assert not passing.value.is_throttled, lost
    await job.sleep(timedelta(days=2))  # the youngest token that Meta renews is a day old
    await read(with_scopes, job, post)
    await with_scopes.fault(case.step, "token_expired", times=1)
    if case.renews:
        renewals = job.renewals
        await read(with_scopes, job, post)
        assert job.renewals == renewals + 1
        await with_scopes.fault(case.step, "token_expired", times=1)
        job.login = None
    with pytest.raises(CredentialInvalid) as expired:
        await read(with_scopes, job, post)
    assert_harmless(expired.value, job)


def assert_harmless(error: PlatformError, job: MemoryJob) -> None:
    """Check that an error is a sentence without a token."""
    texts = f"{error.message} {error.platform_message}"
    assert error.message.endswith((".", "!", "?"))
    assert not [token for token in (job.tokens.access_token, job.tokens.refresh_token) if token and token in texts]


def check_account(case: Case, found: AccountRead, known: Set[AccountNumber]) -> None:
    """Check that each number of an account is known or has a reason, and that days are in order."""
    assert set(found.unavailable) == set(AccountNumber) - known
    assert (found.followers is not None) == (AccountNumber.FOLLOWERS in known)
    days = [day.day for day in found.days]
    assert days == sorted(set(days))
    for number, reason in found.unavailable.items():
        assert (reason is MissingReason.NOT_OFFERED) == (number not in case.account), number


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_numbers_of_an_account(on_platform: OnPlatform, case: Case) -> None:
    """Followers as the platform counts them; without the further permissions, what needs none."""
    job, _ = await case.publish(on_platform)
    await job.sleep(SETTLED)
    since = (job.now() - timedelta(days=30)).date()
    await on_platform.sandbox.numbers(on_platform.name, handle=case.handle or on_platform.handle, followers=1234)
    found = await reader(on_platform).read_account(job, since=since, removed=frozenset())
    free = {number for number, is_free in case.account.items() if is_free}
    check_account(case, found, free)
    assert found.followers == (1234 if AccountNumber.FOLLOWERS in free else None)
    assert bool(found.missing_scopes) == (free != set(case.account))


@pytest.mark.parametrize("name", ONE_OF_EACH)
async def test_numbers_of_an_account_by_day(with_scopes: OnPlatform, case: Case) -> None:
    """With every permission, also the days that the platform has closed, which are none of today."""
    job, _ = await case.publish(with_scopes)
    await job.sleep(SETTLED)
    since = (job.now() - timedelta(days=30)).date()
    await with_scopes.sandbox.numbers(with_scopes.name, handle=case.handle or with_scopes.handle, followers=1234)
    found = await reader(with_scopes).read_account(job, since=since, removed=frozenset())
    check_account(case, found, set(case.account))
    assert (found.followers, found.missing_scopes) == (1234, frozenset())
    assert all(day.day < job.now().date() for day in found.days)
    soon = await reader(with_scopes).read_account(job, since=job.now().date(), removed=frozenset())
    assert len(soon.days) <= 7
    if AccountNumber.VIEWS in case.account:
        assert sum(day.views or 0 for day in found.days) > 0


@pytest.mark.parametrize("name", ["bluesky", "threads"])
async def test_parts_of_a_thread_are_read_together(with_scopes: OnPlatform, case: Case) -> None:
    """Likes and shares are those of all parts; the parts themselves are no comments."""
    job = await with_scopes.thread(("One", []), ("Two", []), ("Three", []))
    end = await with_scopes.drive_thread(job)
    assert isinstance(end, Present)
    ids = [part.external_id or "" for part in end.parts] or [
        *(one or "" for one in job.live_ids),
        end.external_id or "",
    ]
    post = live_post(job, ids[0], ids[1:])
    await job.sleep(SETTLED)
    numbers = numbers_in(await read(with_scopes, job, post), post.post_id)
    assert numbers.metrics[Metric.COMMENTS] == 0
    for part_id in ids[:2] if with_scopes.name == "bluesky" else [ids[0], ids[0]]:
        await with_scopes.sandbox.comment(with_scopes.name, part_id, "Four!")
    await job.sleep(timedelta(minutes=1))
    numbers = numbers_in(await read(with_scopes, job, post), post.post_id)
    assert numbers.metrics[Metric.COMMENTS] == 2
    counted = await with_scopes.sandbox.numbers_of(with_scopes.name, with_scopes.handle)
    assert numbers.metrics[Metric.LIKES] > counted[ids[0]]["likes"]
    assert case.sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A metric that a platform removes from its API."""

    name: str
    """As the sandbox knows it."""
    reported: str
    """As the connector reports it."""
    metric: Metric
    first: int
    """Calls of the read that finds out, at most."""
    later: int
    """Calls of each later read."""


REMOVED: Final[Mapping[str, Removed]] = {
    "facebook_picture": Removed(
        name="post_media_view", reported="post_media_view", metric=Metric.VIEWS, first=7, later=2
    ),
    "instagram": Removed(name="saved", reported="saved", metric=Metric.SAVES, first=13, later=2),
    "threads": Removed(name="views", reported="views", metric=Metric.VIEWS, first=7, later=1),
    "youtube": Removed(name="shares", reported="analytics.shares", metric=Metric.SHARES, first=3, later=2),
}


@pytest.mark.parametrize("name", REMOVED)
async def test_a_removed_metric_is_asked_once(with_scopes: OnPlatform, case: Case, name: str) -> None:
    """What the API does not have any more is found out by one read and not asked again; all else is known in each."""
    removed = REMOVED[name]
    job, post = await case.publish(with_scopes)
    await job.sleep(SETTLED)
    await with_scopes.sandbox.numbers(with_scopes.name, removed=[removed.name])
    found = await read(with_scopes, job, post)
    assert found.removed == {removed.reported}
    assert 1 < found.calls <= removed.first
    again = await read(with_scopes, job, post, removed=found.removed)
    assert (again.removed, again.calls) == (frozenset(), removed.later)
    for one in (found, again):
        numbers = numbers_in(one, post.post_id)
        assert set(numbers.metrics) == {*case.free, *case.more} - {removed.metric}
        assert numbers.unavailable[removed.metric] is MissingReason.GONE
        assert not numbers.is_gone


@pytest.mark.parametrize("name", ["instagram"])
async def test_a_metric_of_other_kinds_of_post(with_scopes: OnPlatform, case: Case) -> None:
    """What one kind of post does not have is not offered for that kind, and still asked of the others."""
    job, post = await case.publish(with_scopes)
    await job.sleep(SETTLED)
    message = "(#100) The Media Insights API does not support the views metric for this media product type."
    refused: dict[str, JsonValue] = {"code": 100, "message": message}
    await with_scopes.fault(case.step, "platform_error", value=refused, times=2)  # all together, and the first alone
    found = await read(with_scopes, job, post)
    assert found.removed == {"FEED/views"}
    for one in (found, await read(with_scopes, job, post, removed=found.removed)):
        numbers = numbers_in(one, post.post_id)
        assert set(numbers.metrics) == {*case.free, *case.more} - {Metric.VIEWS}
        assert numbers.unavailable[Metric.VIEWS] is MissingReason.NOT_OFFERED
    others = await read(with_scopes, job, post, removed={"REELS/views"})
    assert set(numbers_in(others, post.post_id).metrics) == {*case.free, *case.more}


@pytest.mark.parametrize("name", ["facebook_picture", "instagram", "threads"])
async def test_an_error_of_one_post_does_not_end_the_others(with_scopes: OnPlatform, case: Case) -> None:
    """Where posts are read one by one, a post that fails has its error, and the next its numbers."""
    job, first = await case.publish(with_scopes)
    _, second = await case.publish(with_scopes)
    await job.sleep(SETTLED)
    for fault, kind in ((case.refused, Rejected), (Fault("http_500"), TryLater)):
        await with_scopes.fault(case.step, fault.name, **fault.more(times=1))
        found = await read(with_scopes, job, first, second)
        assert isinstance(found.posts[first.post_id], kind)
        assert set(numbers_in(found, second.post_id).metrics) == {*case.free, *case.more}
    await with_scopes.fault(case.step, case.throttled.name, **case.throttled.more(times=1))
    with pytest.raises(TryLater) as limited:  # a limit is not that of one post
        await read(with_scopes, job, first, second)
    assert limited.value.is_throttled
    await with_scopes.fault(case.step, "http_500", times=-1)
    with pytest.raises(TryLater):
        await read(with_scopes, job, first, second)


@pytest.mark.parametrize("name", ["facebook_picture", "instagram_reel", "threads", "tiktok"])
async def test_permission_withdrawn_since_the_login(with_scopes: OnPlatform, case: Case) -> None:
    """A platform that refuses for the permission hides numbers, and is no error; the other counts stay known."""
    job, post = await case.publish(with_scopes)
    await job.sleep(SETTLED)
    await with_scopes.fault(case.step, case.denied.name, **case.denied.more(times=1))
    numbers = numbers_in(await read(with_scopes, job, post), post.post_id)
    assert set(numbers.metrics) == case.free
    assert {numbers.unavailable[metric] for metric in case.more} == {MissingReason.NOT_GRANTED}


async def test_comments_of_a_page_have_their_own_permission(on_facebook: OnPlatform) -> None:
    """Without it, whether the login shows that or the call, shares are known and reactions are not."""
    case = CASES["facebook_picture"]
    job, post = await case.publish(on_facebook)
    await job.sleep(SETTLED)
    await on_facebook.fault("permalink", "platform_error", value={"code": 10}, times=1)
    withdrawn = numbers_in(await read(on_facebook, job, post), post.post_id)
    job.account = replace(job.account, scopes=job.account.scopes - {"pages_read_user_content"})
    missing = numbers_in(await read(on_facebook, job, post), post.post_id)
    for numbers in (withdrawn, missing):
        assert set(numbers.metrics) == {Metric.SHARES}
        assert {numbers.unavailable[metric] for metric in COUNTS} == {MissingReason.NOT_GRANTED}
        assert numbers.missing_scopes == {"pages_read_user_content", "read_insights"}


@pytest.mark.parametrize("name", ["instagram", "by_facebook"])
async def test_a_story_has_numbers_for_a_day(with_scopes: OnPlatform, case: Case, name: str) -> None:
    """Too few viewers at first, then numbers of its own kind, and after 24 hours it is gone."""
    on_platform = with_scopes
    story = PostOptions({"instagramPostSettings": {"placement": "story"}})
    job, post = await replace(case, options=story, caption="").publish(on_platform)
    known = {Metric.VIEWS, Metric.REACH, Metric.COMMENTS, Metric.SHARES, Metric.FOLLOWS}
    known |= {Metric.CLICKS} if name == "by_facebook" else set()
    fixed = {"platform": "instagram", "handle": on_platform.handle, "externalId": post.external_id}
    for views, wait, reasons in ((4, 0, {MissingReason.TOO_FEW}), (None, 4, {MissingReason.NOT_OFFERED})):
        await on_platform.sandbox.numbers(**fixed, metrics={"views": views, "reach": views})
        await job.sleep(timedelta(hours=wait, minutes=30))
        numbers = numbers_in(await read(on_platform, job, post), post.post_id)
        assert {numbers.unavailable[metric] for metric in known - set(numbers.metrics)} <= reasons
        assert (set(numbers.metrics) == known) == (wait > 0)
    await job.sleep(timedelta(days=1))
    found = await read(on_platform, job, post)
    assert numbers_in(found, post.post_id).is_gone
    assert found.calls == 0


async def test_a_small_page_has_no_insights(on_facebook: OnPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Facebook has none of Pages with fewer than 100 likes, and answers with an empty list."""
    case = CASES["facebook_picture"]
    on_platform = _ask_for_numbers(on_facebook, monkeypatch)
    job, post = await case.publish(on_platform)
    await job.sleep(SETTLED)
    await on_platform.sandbox.numbers("facebook", handle=on_platform.handle, followers=99)
    numbers = numbers_in(await read(on_platform, job, post), post.post_id)
    assert set(numbers.metrics) == case.free
    assert {numbers.unavailable[metric] for metric in case.more} == {MissingReason.TOO_FEW}
    account = await reader(on_platform).read_account(
        job, since=job.now().date() - timedelta(days=9), removed=frozenset()
    )
    assert account.unavailable == dict.fromkeys((AccountNumber.VIEWS, AccountNumber.REACH), MissingReason.TOO_FEW)


async def test_videos_are_read_together(on_youtube: OnPlatform) -> None:
    """One call reads many videos. What the batch omits is asked once more, and only then gone."""
    case = CASES["youtube"]
    job, first = await case.publish(on_youtube)
    _, second = await case.publish(on_youtube)
    found = await read(on_youtube, job, first, second)
    assert found.calls == 1
    assert not numbers_in(found, first.post_id).is_gone
    await on_youtube.sandbox.delete_post("youtube", second.external_id)
    found = await read(on_youtube, job, first, second)
    assert [numbers_in(found, post.post_id).is_gone for post in (first, second)] == [False, True]
    assert found.calls == 2


async def test_analytics_never_hides_the_counts(on_youtube: OnPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Analytics is not enabled, used up or refuses a report, the counts are known; an outage is tried again later."""
    case = CASES["youtube"]
    on_platform = _ask_for_numbers(on_youtube, monkeypatch)
    job, post = await case.publish(on_platform)
    await job.sleep(SETTLED)
    for error, reason in (
        ("accessNotConfigured", MissingReason.NOT_GRANTED),
        ("insufficientPermissions", MissingReason.NOT_GRANTED),
        ("quotaExceeded", MissingReason.NOT_YET),
        ("badRequest", MissingReason.NOT_OFFERED),
    ):
        await on_platform.fault("analytics_reports", "platform_error", value={"code": error}, times=1)
        numbers = numbers_in(await read(on_platform, job, post), post.post_id)
        assert set(numbers.metrics) == case.free, error
        assert {numbers.unavailable[metric] for metric in case.more} == {reason}, error
    await on_platform.fault("analytics_reports", "http_500", times=1)
    with pytest.raises(TryLater):
        await read(on_platform, job, post)


async def test_a_project_without_the_batch_call(on_youtube: OnPlatform) -> None:
    """Where the newer method is not there, the older one answers."""
    case = CASES["youtube"]
    job, post = await case.publish(on_youtube)
    await on_youtube.fault(case.step, "platform_error", value={"code": "notFound"}, times=1)
    found = await read(on_youtube, job, post)
    assert set(numbers_in(found, post.post_id).metrics) == case.free
    assert found.calls == 2


async def test_a_new_post_is_not_gone(on_bluesky: OnPlatform) -> None:
    """The AppView shows a post some seconds late: the account's server has its record, so it is not counted yet."""
    case = CASES["bluesky"]
    job, post = await case.publish(on_bluesky)
    numbers = numbers_in(await read(on_bluesky, job, post), post.post_id)
    assert not numbers.metrics
    assert {numbers.unavailable[metric] for metric in case.free} == {MissingReason.NOT_YET}
    await job.sleep(timedelta(minutes=1))
    assert set(numbers_in(await read(on_bluesky, job, post), post.post_id).metrics) == case.free


async def test_statistics_of_many_posts_of_a_page(as_page: OnPlatform) -> None:
    """One call for each kind of post, whatever their number, also where LinkedIn cuts its answer; quiet posts are not counted yet."""
    case = CASES["linkedin_page"]
    job, first = await case.publish(as_page)
    posts = [first, *[(await case.publish(as_page))[1] for _ in range(11)]]
    videos = [(await replace(case, make=clip).publish(as_page))[1]]
    await job.sleep(SETTLED)
    found = await read(as_page, job, *posts, *videos)
    assert all(set(numbers_in(found, post.post_id).metrics) == case.free for post in (*posts, *videos))
    assert found.calls <= 3
    activity = replace(first, post_id=uuid4(), external_id="urn:li:activity:7400000000000000001")
    unknown = replace(first, post_id=uuid4(), external_id="urn:li:share:7400000000000000001")
    found = await read(as_page, job, activity, unknown)
    assert set(numbers_in(found, activity.post_id).unavailable.values()) == {MissingReason.NOT_OFFERED}
    assert MissingReason.NOT_YET in numbers_in(found, unknown.post_id).unavailable.values()


async def test_a_member_without_the_product(as_member: OnPlatform, monkeypatch: pytest.MonkeyPatch) -> None:
    """LinkedIn answers 404 about what an app of the development tier may not read: that hides numbers, and is no error."""
    on_platform = _ask_for_numbers(as_member, monkeypatch)
    case = CASES["linkedin_member"]
    job, post = await case.publish(on_platform)
    await on_platform.fault(case.step, "platform_error", value={"code": "NOT_FOUND"}, times=1)
    found = await read(on_platform, job, post)
    assert {numbers_in(found, post.post_id).unavailable[metric] for metric in case.more} == {MissingReason.NOT_GRANTED}
    assert found.calls == 1
