"""Statistics of LinkedIn: quiet posts are left out, days end two days ago, and members have one number a call."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx2
import pytest
from tests.sandbox.linkedin_client import MEMBER_SCOPES, PAGE_SCOPES, LinkedIn, member, page
from tests.sandbox.running_sandbox import JSON, RunningSandbox, clip

HOUR, DAY = 3_600, 86_400
ANALYTICS = f"{MEMBER_SCOPES} r_member_postAnalytics r_member_profileAnalytics"
TYPE = "com.linkedin.adsexternalapi.memberanalytics.v1.CreatorPostAnalyticsMetricTypeV1"


def listed(*urns: str) -> str:
    """Return a list of URNs as Rest.li writes it."""
    return f"List({','.join(quote(urn, safe='') for urn in urns)})"


async def share_statistics(client: LinkedIn, organization: str, query: str = "") -> httpx2.Response:
    """Ask for the statistics of a page, or of its posts."""
    start = "rest/organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity="
    return await client.call("GET", f"{start}{quote(organization, safe='')}{query}")


async def elements(answer: httpx2.Response) -> list[JSON]:
    """Return the elements of an answer."""
    assert answer.status_code == 200, answer.text
    assert answer.json()["paging"] == {"start": 0, "count": 10, "links": []}
    found: list[JSON] = answer.json()["elements"]
    return found


async def set_numbers(client: LinkedIn, **more: object) -> None:
    """Change numbers through the control surface."""
    answer = await client.sandbox.control("POST", "numbers", {"platform": "linkedin", **more})
    assert answer.status_code == 200, answer.text


async def now_of(sandbox: RunningSandbox) -> datetime:
    """Return the sandbox's time."""
    return datetime.fromisoformat((await sandbox.control("GET", "clock")).json()["now"]).astimezone(UTC)


def interval(start: datetime, end: datetime, granularity: str = "DAY") -> str:
    """Return timeIntervals as a client writes them."""
    first, last = (int(instant.timestamp() * 1000) for instant in (start, end))
    return f"&timeIntervals=(timeRange:(start:{first},end:{last}),timeGranularityType:{granularity})"


async def test_posts_have_statistics_unless_they_are_quiet(sandbox: RunningSandbox) -> None:
    """Shares and videos in their own lists; what is new, unknown or quiet is left out; engagement is a fraction."""
    client, brand = await page(sandbox)
    share = await client.posted(brand, "Text")
    video = await client.posted(brand, "Clip", {"media": {"id": await client.upload_video(brand, clip())}})
    assert video.startswith("urn:li:ugcPost:")
    query = f"&shares={listed(share, 'urn:li:share:71')}&ugcPosts={listed(video)}"
    assert await elements(await share_statistics(client, brand, query)) == []
    await sandbox.advance(HOUR)
    numbers = {"views": 200, "reach": 120, "clicks": 6, "likes": 8, "shares": 1}
    await set_numbers(client, handle="brand", externalId=share, metrics=numbers)
    await client.comment(share, brand, "First")
    of_share, of_video = await elements(await share_statistics(client, brand, query))
    counts = {"uniqueImpressionsCount": 120, "impressionCount": 200, "clickCount": 6}
    counts |= {"likeCount": 8, "commentCount": 1, "shareCount": 1}
    statistics = {**counts, "engagement": 0.08}
    assert of_share == {"organizationalEntity": brand, "share": share, "totalShareStatistics": statistics}
    assert (of_video["ugcPost"], "share" in of_video) == (video, False)
    [total] = await elements(await share_statistics(client, brand))
    views = of_video["totalShareStatistics"]["impressionCount"]
    assert total["totalShareStatistics"]["impressionCount"] == 200 + views
    await set_numbers(client, handle="brand", externalId=video, metrics=dict.fromkeys(numbers, 0))
    assert [element.get("share") for element in await elements(await share_statistics(client, brand, query))] == [share]
    await set_numbers(client, removed=["clickCount"])
    [element] = await elements(await share_statistics(client, brand, query))
    assert "clickCount" not in element["totalShareStatistics"]


async def test_days_end_two_days_ago(sandbox: RunningSandbox) -> None:
    """A row a day that has something, in UTC, until two days before now; gains of followers too."""
    client, brand = await page(sandbox)
    share = await client.posted(brand, "Text")
    published = await now_of(sandbox)
    await sandbox.advance(6 * DAY)
    now = await now_of(sandbox)
    query = f"&shares={listed(share)}{interval(now - timedelta(days=30), now)}"
    found = await elements(await share_statistics(client, brand, query))
    days = [datetime.fromtimestamp(element["timeRange"]["start"] / 1000, UTC) for element in found]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert days[0].date() - published.date() <= timedelta(days=1)  # the first day may have been too short
    assert days[-1].date() == now.date() - timedelta(days=3)
    assert {element["timeRange"]["end"] - element["timeRange"]["start"] for element in found} == {1000 * DAY}
    assert all(element["share"] == share for element in found)
    gains = "rest/organizationalEntityFollowerStatistics?q=organizationalEntity&organizationalEntity="
    gains += quote(brand, safe="") + interval(now - timedelta(days=4), now)
    rows = await elements(await client.call("GET", gains))
    assert [set(row) for row in rows] == [{"organizationalEntity", "timeRange", "followerGains"}] * len(rows)
    assert sum(row["followerGains"]["organicFollowerGain"] for row in rows) > 0
    await set_numbers(client, delaySeconds=0)
    found = await elements(await share_statistics(client, brand, query))
    assert datetime.fromtimestamp(found[-1]["timeRange"]["end"] / 1000, UTC).date() == now.date()


async def test_followers_of_a_page(sandbox: RunningSandbox) -> None:
    """networkSizes says how many there are, and needs its edge type; statistics without days say it too."""
    client, brand = await page(sandbox)
    await set_numbers(client, handle="brand", followers=812)
    path = f"rest/networkSizes/{quote(brand, safe='')}"
    answer = await client.call("GET", f"{path}?edgeType=COMPANY_FOLLOWED_BY_MEMBER")
    assert answer.json() == {"firstDegreeSize": 812}
    assert (await client.call("GET", path)).status_code == 400
    query = f"q=organizationalEntity&organizationalEntity={quote(brand, safe='')}"
    [element] = await elements(await client.call("GET", f"rest/organizationalEntityFollowerStatistics?{query}"))
    [counts] = element["followerCountsByAssociationType"]
    assert counts["followerCounts"]["organicFollowerCount"] == 812


@pytest.mark.parametrize("role", ["RECRUITING_POSTER", "CONTENT_ADMINISTRATOR"])
async def test_pages_need_an_administrator(sandbox: RunningSandbox, role: str) -> None:
    """Without the permission, for another page, and in a lesser role: 403 each."""
    client, brand = await page(sandbox)
    plain = LinkedIn(sandbox, (await page(sandbox, "brand", PAGE_SCOPES))[0].token)
    other = await sandbox.account("linkedin", "rival", tier="business")
    size = f"rest/networkSizes/{quote(brand, safe='')}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    assert (await share_statistics(client, f"urn:li:organization:{other['id']}")).status_code == 403
    await sandbox.account("linkedin", "brand", pageRole=role)
    assert (await share_statistics(plain, brand)).json()["code"] == "ACCESS_DENIED"
    assert (await plain.call("GET", size)).status_code == 403
    await sandbox.account("linkedin", "brand", pageRole=None, grantedScopes=["w_organization_social"])
    assert (await share_statistics(plain, brand)).status_code == 403


async def test_wrong_queries_about_pages(sandbox: RunningSandbox) -> None:
    """A URN in the wrong list, a list in another form, parentheses or colons encoded the wrong way, other granularities."""
    client, brand = await page(sandbox)
    now = await now_of(sandbox)
    share, video = "urn:li:share:71", "urn:li:ugcPost:73"
    for query in (
        f"&shares={listed(video)}",
        f"&ugcPosts={listed(share)}",
        "&shares=urn%3Ali%3Ashare%3A71",
        "&shares=List()",
        f"&shares=List({share})",
        f"&shares={quote(f'List({share})', safe='')}",
        interval(now - timedelta(days=2), now, "HOUR"),
        interval(now, now - timedelta(days=2)),
    ):
        answer = await share_statistics(client, brand, query)
        assert (answer.status_code, answer.json()["code"]) == (400, "ILLEGAL_ARGUMENT"), query
    assert (
        await client.call("GET", "rest/organizationalEntityShareStatistics?q=organizationalEntity")
    ).status_code == 400


async def analytics(client: LinkedIn, query: str) -> httpx2.Response:
    """Ask for the analytics of a member's posts."""
    return await client.call("GET", f"rest/memberCreatorPostAnalytics?{query}")


def about(urn: str, kind: str = "IMPRESSION", **more: str) -> str:
    """Return the query for one number of a post."""
    name = "ugc" if ":ugcPost:" in urn else "share"
    rest = "".join(f"&{key}={value}" for key, value in more.items())
    return f"q=entity&entity=({name}:{quote(urn, safe='')})&queryType={kind}{rest}"


async def test_members_have_one_number_a_call(sandbox: RunningSandbox) -> None:
    """Nothing or zero is an empty list; metricType is an object before version 202605; newer types since 202604."""
    client, me = await member(sandbox, scope=ANALYTICS)
    post = await client.posted(me, "Text")
    assert await elements(await analytics(client, about(post))) == []
    await sandbox.advance(HOUR)
    numbers = {"views": 1_204, "likes": 30, "saves": 4, "shares": 0}
    await set_numbers(client, handle="mira", externalId=post, metrics=numbers)
    [element] = await elements(await analytics(client, about(post, aggregation="TOTAL")))
    assert element == {"count": 1_204, "metricType": "IMPRESSION", "targetEntity": {"share": post}}
    assert await elements(await analytics(client, about(post, "RESHARE"))) == []  # zero
    for version, is_known in (("202512", False), ("202603", False), ("202604", True), ("202605", True)):
        client.version = version
        [element] = await elements(await analytics(client, about(post, "REACTION")))
        assert element["metricType"] == ("REACTION" if version >= "202605" else {TYPE: "REACTION"})
        assert (await analytics(client, about(post, "POST_SAVE"))).status_code == (200 if is_known else 400)
    [mine] = await elements(await analytics(client, "q=me&queryType=IMPRESSION&aggregation=TOTAL"))
    assert mine == {"count": 1_204, "metricType": "IMPRESSION"}
    video = await client.posted(me, "Clip", {"media": {"id": await client.upload_video(me, clip())}})
    await sandbox.advance(HOUR)
    [element] = await elements(await analytics(client, about(video)))
    assert element["targetEntity"] == {"ugc": video}


async def test_members_have_numbers_by_day(sandbox: RunningSandbox) -> None:
    """DAILY has a row for each day of the range that has something, and none for the members reached."""
    client, me = await member(sandbox, scope=ANALYTICS)
    post = await client.posted(me, "Text")
    first = (await now_of(sandbox)).date()
    await sandbox.advance(3 * DAY)
    client, _ = await member(sandbox, scope=ANALYTICS)
    last = first + timedelta(days=2)
    parts = [f"(day:{day.day},month:{day.month},year:{day.year})" for day in (first, last)]
    dates = f"(start:{parts[0]},end:{parts[1]})"
    rows = await elements(await analytics(client, about(post, aggregation="DAILY", dateRange=dates)))
    spans = [row["dateRange"]["start"] for row in rows]
    days = [first + timedelta(days=number) for number in range(3)]
    assert spans == [{"day": day.day, "month": day.month, "year": day.year} for day in days][-len(rows) :]
    assert len(rows) >= 2  # the first day may have been too short
    [total] = await elements(await analytics(client, about(post, aggregation="TOTAL", dateRange=dates)))
    assert total["count"] == sum(row["count"] for row in rows)
    for query in (
        about(post, "MEMBERS_REACHED", aggregation="DAILY"),
        about(post, aggregation="WEEKLY"),
        about(post, "PLAYS"),
        about(post, dateRange="(start:(day:31,month:2,year:2026),end:(day:1,month:3,year:2026))"),
        f"q=entity&entity={quote(post, safe='')}&queryType=IMPRESSION",
        f"q=entity&entity=%28share:{quote(post, safe='')}%29&queryType=IMPRESSION",
        "q=entity&queryType=IMPRESSION",
    ):
        assert (await analytics(client, query)).status_code == 400, query


async def test_members_need_a_vetted_product(sandbox: RunningSandbox) -> None:
    """403 without the permission and for posts of others, 404 for an app in the Development tier."""
    client, me = await member(sandbox, scope=ANALYTICS)
    post = await client.posted(me, "Text")
    plain, _ = await member(sandbox)
    other, _ = await member(sandbox, "jonas", ANALYTICS)
    followers = "rest/memberFollowersCount?q=me"
    for stranger in (plain, other):
        assert (await analytics(stranger, about(post))).json()["code"] == "ACCESS_DENIED"
    assert (await plain.call("GET", followers)).status_code == 403
    await set_numbers(client, handle="mira", followers=961)
    client, _ = await member(sandbox, scope=ANALYTICS)  # a login with fewer permissions ended the token
    assert (await client.call("GET", followers)).json() == {"elements": [{"memberFollowersCount": 961}]}
    await sandbox.control("POST", "linkedin", {"developmentTier": True})
    for answer in (await analytics(client, about(post)), await client.call("GET", followers)):
        assert (answer.status_code, answer.json()["code"]) == (404, "RESOURCE_NOT_FOUND")
