"""Writes the first comment of a post, and looks for it where LinkedIn lets an app read comments: below posts of pages.

Source: LinkedIn, "Comments API" (2026-08), read 2026-11. A comment is plain text, without the escapes of a post's text.
"""

from functools import partial
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import ApiError, JsonObject, UnreadableResponse
from presswork.platforms.comments import Cursor, explain_refusal, has_comment
from presswork.platforms.errors import FailureCode, PlatformError, Rejected
from presswork.platforms.json_values import part_of, text_of
from presswork.platforms.linkedin.api import Api, comments, elements_of
from presswork.platforms.linkedin.error_mapping import DENIED, LINKEDIN, NOT_FOUND
from presswork.platforms.linkedin.notation import is_organization
from presswork.platforms.platform_text import is_same_text
from presswork.platforms.port import Job

STEP: Final = "comments"
_LIST: Final = "comments_list"
_A_READ: Final = 100
_READS: Final = 10
_WRITE_MANUALLY: Final = "Write this comment manually on LinkedIn."
_LOOK: Final = "Look at the post, and write the comment manually if it is missing."
_unknown: Final = partial(LINKEDIN.comment_unknown, step=STEP)


async def write_comment(api: Api, job: Job, urn: str, text: str, *, may_be_there: bool) -> None:
    """Write a comment, unless it is there already. Raises TryLater, Rejected, CredentialInvalid, OutcomeUnknown."""
    if may_be_there and await _is_there(api, job, urn, text):
        return
    body: JsonValue = {"actor": job.account.external_id, "object": urn, "message": {"text": text}}
    is_member = not is_organization(job.account.external_id)  # whose comments can't be read
    with LINKEDIN.lost(step=STEP, unknown=_unknown):
        reply, response = await api.send(job, "POST", comments(urn), step=STEP, body=body, is_fresh=is_member)
    if isinstance(response, ApiError):
        raise _explain_refusal(response, job)
    if isinstance(response, UnreadableResponse) and reply.header("x-restli-id") is None:
        raise _unknown("its response was unreadable")


async def _is_there(api: Api, job: Job, urn: str, text: str) -> bool:
    """Whether the page has written this comment. Raises Rejected where that can't be found out: for a member's post, whose
    comments can't be read, and below too many comments. Raises TryLater, CredentialInvalid.
    """

    async def read_page(start: Cursor) -> tuple[list[JsonObject], Cursor]:
        first = start or "0"
        params = {"start": first, "count": str(_A_READ)}
        body = await api.ask(job, "GET", comments(urn), params, step=_LIST, now=job.now())
        written = elements_of(body, step=_LIST)
        return written, None if len(written) < _A_READ else str(int(first) + _A_READ)

    def is_own(comment: JsonObject) -> bool:
        written = text_of(part_of(comment, "message").get("text")) or ""
        return comment.get("actor") == job.account.external_id and is_same_text(written, text)

    if not is_organization(job.account.external_id):
        raise Rejected(
            "An earlier call may have written the comment, and LinkedIn lets no app read the comments of a member's post.",
            advice=_LOOK,
            step=STEP,
            failure=FailureCode.OUTCOME_UNKNOWN,
        )
    return await has_comment(read_page, is_own, max_pages=_READS, page_size=_A_READ, step=_LIST)


def _explain_refusal(error: ApiError, job: Job) -> PlatformError:
    """Return the error for a refused comment; also after an error page that is not LinkedIn's own, the comment may exist."""
    if not error.is_own:
        return _unknown(f"it answered HTTP {error.status}", error)
    if error.meaning is DENIED:
        return Rejected(
            f"{error.quoted} The account did not allow Presswork to comment, or the operator's app has no product that does.",
            advice=f"{_WRITE_MANUALLY} For the next ones, see “First comment” in the guide to LinkedIn.",
            step=STEP,
            failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
            **error.reported,
        )
    return explain_refusal(LINKEDIN, error, not_found=NOT_FOUND, of="post", step=STEP, now=job.now())
