"""Writes the first comment of a video, and looks for it.

Source: Google, "CommentThreads: insert" and "CommentThreads: list", read 2026-11. How late a new comment is listed is not
documented.
"""

from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, JsonObject, UnreadableResponse
from presswork.platforms.comments import Cursor, explain_refusal, has_comment
from presswork.platforms.errors import Rejected
from presswork.platforms.json_values import items_of, part_of, text_of
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Job
from presswork.platforms.youtube.api import COMMENT_THREADS, Api
from presswork.platforms.youtube.error_mapping import ERROR_MEANINGS, YOUTUBE
from presswork.platforms.youtube.rules import PRIVATE, settings_of

STEP: Final = "comment_threads_insert"
_LIST: Final = "comment_threads_list"
_PAGES: Final = 4
_A_PAGE: Final = 50
_unknown: Final = partial(YOUTUBE.comment_unknown, step=STEP)


def require_commentable(job: Job) -> None:
    """Check that YouTube accepts comments on the post's video at all. Raises Rejected."""
    settings = settings_of(job.options)
    if settings.visibility == PRIVATE:
        why = "YouTube has no comments on private videos."
    elif settings.made_for_kids is True:
        why = "YouTube has no comments on videos that are made for kids."
    else:
        return
    raise Rejected(why, advice="Omit the first comment, or change that option.", step=STEP)


async def is_written(api: Api, job: Job, video_id: str, text: str) -> bool:
    """Whether the channel itself has written this comment. Raises TryLater, CredentialInvalid, and Rejected also where it may be
    below the newest 200.
    """
    params = {
        "part": "snippet",
        "videoId": video_id,
        "order": "time",
        "maxResults": str(_A_PAGE),
        "textFormat": "plainText",
    }

    async def read_page(token: Cursor) -> tuple[list[JsonObject], Cursor]:
        page = {} if token is None else {"pageToken": token}
        body = await api.ask(job, "GET", COMMENT_THREADS, params | page, step=_LIST, now=job.now())
        return items_of(body, "items"), text_of(body.get("nextPageToken"))

    def is_own(item: JsonObject) -> bool:
        comment = part_of(item, "snippet", "topLevelComment", "snippet")
        is_own = part_of(comment, "authorChannelId").get("value") == job.account.external_id
        shown = (comment.get("textOriginal"), comment.get("textDisplay"))
        return is_own and any(isinstance(one, str) and is_same_text(one, text) for one in shown)

    return await has_comment(read_page, is_own, max_pages=_PAGES, page_size=_A_PAGE, step=_LIST)


async def write_comment(api: Api, job: Job, video_id: str, text: str) -> None:
    """Write a comment. Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown."""
    body: JsonValue = {
        "snippet": {
            "channelId": job.account.external_id,
            "videoId": video_id,
            "topLevelComment": {"snippet": {"textOriginal": text}},
        }
    }
    with YOUTUBE.lost(step=STEP, unknown=_unknown):
        _, response = await api.send(job, "POST", COMMENT_THREADS, {"part": "snippet"}, step=STEP, body=body)
    if isinstance(response, ApiError):
        video_not_found = ERROR_MEANINGS["videoNotFound"]
        raise explain_refusal(YOUTUBE, response, not_found=video_not_found, of="video", step=STEP, now=job.now())
    if isinstance(response, UnreadableResponse) or text_of(response.get("id")) is None:
        raise _unknown("its response names no comment")
