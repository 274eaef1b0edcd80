"""The page about comments: its table has what the platforms' descriptions say."""

from pathlib import Path

from tests.api_server import Api

from presswork.platforms.live_support import CommentAction

_PAGE = Path(__file__).parents[2] / "docs" / "comments.md"


async def test_the_table_is_that_of_the_descriptions(api: Api) -> None:
    """Actions, the length of a reply, webhooks and permissions of each login that has comments."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in _PAGE.read_text().splitlines()
        if line.startswith("|")
    ]
    documented = {(row[1], row[2], row[3], row[4], row[5]) for row in rows if len(row) == 6}
    wanted = set()
    for platform in api.context.platforms.described().values():
        if (support := platform.comments) is None:
            continue
        actions = [action.value for action in CommentAction if action in support.actions]
        if support.delete_own_only:
            actions[-1] = f"{actions[-1]} (own)"
        read, reply = (
            " ".join(f"`{scope}`" for scope in sorted(scopes)) or "none"
            for scopes in (support.read_scopes, support.reply_scopes)
        )
        wanted.add(
            (
                ", ".join(actions),
                f"{support.max_text:,}",
                "yes" if support.has_webhooks else "no",
                read,
                "the same" if reply == read != "none" else reply,
            )
        )
    assert wanted <= documented
    assert len(documented) == len(wanted) + 3, "besides the head, its line, and the platform without comments"
