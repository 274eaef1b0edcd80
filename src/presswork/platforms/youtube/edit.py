"""Changes the title, the description and the visibility of a live video.

An update replaces whole parts, so a part is read first, and sent back with all that is not changed: tags, category, language, license.
Source: Google, "Videos: update" (a part without a property loses it) and "Videos" (resource: publishAt), read 2026-11.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import Rejected
from presswork.platforms.json_values import items_of, part_of
from presswork.platforms.port import Job, LiveEdit
from presswork.platforms.youtube.api import VIDEOS, Api
from presswork.platforms.youtube.error_mapping import NOT_PUBLIC, YOUTUBE
from presswork.platforms.youtube.rules import PRIVATE
from presswork.platforms.youtube.videos import LIST

EDIT: Final = "videos_update"
_PRIVACY: Final = "privacyStatus"


async def edit_video(api: Api, job: Job, video_id: str, edit: LiveEdit) -> None:
    """Change a video of the channel. Raises TryLater, Rejected, CredentialInvalid."""
    changes = {name: changed for name, changed in _list_changes(edit).items() if changed}
    part = ",".join(changes)
    found = await api.ask(job, "GET", VIDEOS, {"part": part, "id": video_id}, step=LIST, now=job.now())
    video = next((item for item in items_of(found, "items") if item.get("id") == video_id), None)
    if video is None:
        raise Rejected("YouTube does not have the video any more.", advice="Look at the channel.", step=EDIT)
    body: dict[str, JsonValue] = {"id": video_id}
    for name, changed in changes.items():
        body[name] = {**part_of(video, name), **changed}
    if edit.privacy_level not in (None, PRIVATE):
        body["status"] = {name: value for name, value in part_of(body, "status").items() if name != "publishAt"}
    with YOUTUBE.lost(step=EDIT):
        _, response = await api.send(job, "PUT", VIDEOS, {"part": part}, step=EDIT, body=body)
    changed_video = YOUTUBE.object_of(response, step=EDIT, now=job.now())
    shown = part_of(changed_video, "status").get(_PRIVACY)
    if edit.privacy_level is not None and shown is not None and shown != edit.privacy_level:
        raise Rejected(
            f"YouTube accepted the change, and the video's visibility is still {shown}. {NOT_PUBLIC.sentence}",
            advice="See the video in YouTube Studio.",
            step=EDIT,
            failure=NOT_PUBLIC.failure,
        )


def _list_changes(edit: LiveEdit) -> Mapping[str, Mapping[str, JsonValue]]:
    """Return the changed properties by their parts. A title or description in other languages stays as it is."""
    texts = {"title": edit.title, "description": edit.caption}
    privacy = {} if edit.privacy_level is None else {_PRIVACY: edit.privacy_level}
    return {"snippet": {name: text for name, text in texts.items() if text is not None}, "status": privacy}
