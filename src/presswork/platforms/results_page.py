"""Generate the page about numbers from the descriptions of the platforms: `python -m presswork.platforms.results_page`."""

from collections.abc import Iterator, Mapping
from typing import Final

from presswork.platforms.live_support import InsightsSupport, NumberNote
from presswork.platforms.names import LoginName, PlatformName
from presswork.platforms.registry import insights_of, manual_instructions

_INTRODUCTION: Final = """\
# Results

What became of a post in numbers: how often it was seen, liked, shared. Presswork takes them from the platforms, keeps them, and sums them up. Made by
`python -m presswork.platforms.results_page > docs/results.md`; a test keeps it current.

## The numbers of a post

```console
$ curl -H "Authorization: Bearer $KEY" https://press.example.com/v1/scheduled-posts/sp_…/insights
```

```json
{
  "postId": "sp_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55",
  "platform": "instagram",
  "takenAt": "2026-12-02T09:00:00.000Z",
  "metrics": {"views": 1840, "reach": 1310, "likes": 96, "comments": 7, "shares": 12, "saves": null, "clicks": null, "watchSeconds": null, "averageWatchSeconds": null, "follows": null},
  "raw": {"views": 1840, "reach": 1310},
  "unavailable": [{"metric": "saves", "reason": "not_granted", "permissions": ["instagram_business_manage_insights"]}],
  "nextAt": "2026-12-02T10:00:00.000Z"
}
```

`metrics` has the same names on each platform, `raw` what the platform calls them, and more. **A number that is not known is null, never 0**, and
`unavailable` says why:

| reason | meaning | what helps |
|---|---|---|
| `not_offered` | the platform has no such number of this kind of post | nothing |
| `not_granted` | the account did not grant `permissions` | `PRESSWORK_INSIGHTS_SCOPES=on`, then [connect the account again](connecting-accounts.md#permissions-for-numbers) |
| `not_yet` | it was not read yet, or the platform has not counted yet | wait until `nextAt` |
| `too_few` | the platform reports it only from a certain size on | nothing |
| `gone` | the post is no longer live, or the platform has removed the number from its API | nothing |

The numbers of a post that was taken down stay as they were last. A post in the mode `managed` or `draft` has none: who publishes it there is another.
`GET …/insights/history` has each reading; `POST …/insights/refresh` has the numbers taken now, once in 15 minutes for each post. All of it needs the
scope `insights:read`.

## When they are taken

| age of the post | taken |
|---|---|
| up to 2 hours | every 15 minutes |
| up to a day | hourly |
| up to 7 days | every 6 hours |
| up to 30 days | daily |
| up to 90 days | weekly |
| older | on demand, by a refresh |

Every second time in a row that nothing is new, the time to the next one doubles, up to eight times and 14 days. The numbers of an account are
taken once a day, from when it has a live post on.

Reads never delay a post. They have connections and workers of their own, use at most **a fifth of the calls** that a platform allows, and wait while
those are used up, the newest posts first. An account whose platform answers with an error waits, longer each time, and delays no other. A token
or a permission that is refused for a read changes nothing about the account.

## Many posts together

`GET /v1/insights` sums up the last numbers of the posts that were published between `since` and `until`, by default in the last 30 days:

| `groupBy` | `key` |
|---|---|
| `day` (default) | the day of publication in `timezone`, like `2026-12-01` |
| `account`, `platform` | the id of the account; the platform |
| `post` | the id of the post: with `order=-views` the best posts |
| `label` | a [label](api-guide.md#content-in) of the content. A post counts for each of its labels |

- Counts are added up. `averageWatchSeconds` is weighted by the views. A metric that no post has is null.
- `posts` is the number of posts of which numbers were taken; others do not count.
- `reach` counts a person once for each post that the person saw.
- `order` is a metric or `posts`, with `-` descending, or `key`. Groups without the number come last.

`GET /v1/insights/export` has the last numbers of each of these posts as CSV or JSON lines; an unknown number is an empty cell.
`GET /v1/social-accounts/{socialAccountId}/insights` has the followers of an account, and by day its followers, views and reach.

Webhooks and streams get [`post.insights`](webhooks.md#the-events), at most once a day for each post. On the command line:
[`presswork insights`](cli.md#presswork-insights-post). Agents have the tool [`post_results`](agents.md#the-tools).

## How long they are kept

`PRESSWORK_KEEP_INSIGHTS`, by default [400 days](configuration.md#retention). The history of posts is stored by month, and a month is dropped at once when all
of it is old enough. Erasing a project erases its numbers.

## When a platform removes a number

Platforms retire metrics, and refuse calls that ask for one. Presswork remembers which metrics a platform reported to be invalid, for each login
and version of its API, and asks for the others only; [`presswork doctor`](cli.md#presswork-doctor) names them. After a mistake of the platform, have them asked
for again with [`presswork insights ask-again`](cli.md#presswork-insights-ask-again).

## What each platform has

*How late* is when the platform has counted, after what it counts. A permission is needed beyond those that publishing needs.
"""

_HEAD: Final = ("| number | on the platform | what is counted | how late | permission |", "|---|---|---|---|---|")


def page(supports: Mapping[PlatformName, Mapping[LoginName, InsightsSupport]]) -> str:
    """Return the page, with a table of numbers for each platform, or one for each of its logins."""
    sections = ["\n".join(_lines(name, of)) for name, of in supports.items() if of]
    return "\n".join([_INTRODUCTION, *sections])


def _lines(name: PlatformName, logins: Mapping[LoginName, InsightsSupport]) -> Iterator[str]:
    yield f"### {manual_instructions(name).title}\n"
    tables = {login: list(_rows(support)) for login, support in logins.items()}
    for login, rows in tables.items():
        if len(tables) > 1:
            yield f"With the login `{login}`:\n"
        yield from (*_HEAD, *rows, "")


def _rows(support: InsightsSupport) -> Iterator[str]:
    for metric, note in support.notes.items():
        yield _row(f"`{metric}`", note)
    for number, note in support.account_notes.items():
        yield _row(f"account: `{number}`", note)


def _row(name: str, note: NumberNote) -> str:
    scopes = ", ".join(f"`{scope}`" for scope in sorted(note.scopes))
    needed = f"{scopes} ({note.needed_by})" if scopes and note.needed_by else scopes or "none"
    return f"| {name} | {note.source} | {note.meaning} | {note.delay} | {needed} |"


if __name__ == "__main__":
    print(page({name: insights_of(name) for name in PlatformName}), end="")  # noqa: T201  the page is what this command is for
