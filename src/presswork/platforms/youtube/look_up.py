"""Reports what became of the call that makes a video visible.

The call is idempotent: it sets the visibility of one video, whose id is known, and one that arrives late can only set the same.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from presswork.platforms.errors import FailureCode, Rejected, Reported
from presswork.platforms.port import Absent, Failed, Job, Present, Sighting
from presswork.platforms.youtube.api import Api
from presswork.platforms.youtube.error_mapping import NOT_PUBLIC
from presswork.platforms.youtube.media_rules import is_short
from presswork.platforms.youtube.options import PRIVATE, settings_of
from presswork.platforms.youtube.videos import VideoState, read_video

UPDATE: Final = "videos_update"
CONFIRMED: Final = "visibilityConfirmed"
"""Stored once YouTube has confirmed a call."""


async def look_up(api: Api, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
    """Read the video's visibility. Raises TryLater, Rejected, CredentialInvalid where it can't be read."""
    video_id = video_in(prepared)
    state = await read_video(api, job, video_id)
    if state is None:
        deleted = Rejected(
            "YouTube does not have the video any more: it was deleted on YouTube. Nothing is visible.",
            advice="Publish again if the video is still wanted.",
            step=UPDATE,
            failure=FailureCode.CANCELED_BY_PLATFORM,
        )
        return Absent(message="YouTube does not list the video at the moment.", evidence="missing", instead=deleted)
    if state.failure is not None:
        return Failed(
            reason=Rejected(
                f"{state.failure.sentence} The video is not visible.",
                advice=state.failure.advice,
                step=UPDATE,
                failure=state.failure.failure,
                **Reported(platform_code=state.reason or state.upload_status),
            )
        )
    wanted = settings_of(job.options).visibility
    if wanted == PRIVATE or not state.is_private:
        return live(api, job, video_id, state)
    if job.state.get(CONFIRMED) is not True:
        return Absent(message="The video is still private.", evidence="private")
    refused = Rejected(
        f"YouTube accepted the change to {wanted}, but the video is still private. {NOT_PUBLIC.sentence} It stays on the "
        f"channel ({api.endpoints.studio(video_id)}).",
        advice=NOT_PUBLIC.advice,
        step=UPDATE,
        failure=FailureCode.ACCOUNT_NOT_ELIGIBLE,
    )
    message = "YouTube confirmed the new visibility, and does not show it yet."
    return Absent(message=message, evidence="confirmed", instead=refused)


def live(api: Api, job: Job, video_id: str, state: VideoState) -> Present:
    """Return a post that is live, with its visibility where that is not public."""
    message = None
    if state.privacy is not None and state.privacy != "public":
        message = f"The video is on YouTube; its visibility is {state.privacy}."
    return Present(
        external_id=video_id,
        external_url=api.endpoints.video(video_id, is_short=is_short(job.media[0])),
        message=message,
    )


def video_in(prepared: Mapping[str, JsonValue]) -> str:
    """Return the id of the video that `prepare` returned. Raises KeyError on anything else."""
    video_id = prepared["videoId"]
    if not isinstance(video_id, str):
        raise KeyError("videoId")
    return video_id
