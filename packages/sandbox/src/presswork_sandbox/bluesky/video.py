"""video.bsky.app: it checks and encodes a video, and leaves the file with the account's server as a blob.

Source: bluesky-social/atproto, lexicons/app/bsky/video, and its issues 3026 and 3097 (answers of uploadVideo come without
`jobStatus`; 409 already_exists); docs.bsky.app, "Video"; read 2026-11. The daily limits are reports of users.
"""

from typing import Final

from starlette.requests import Request

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.blobs import Blobs, receive
from presswork_sandbox.bluesky.errors import invalid
from presswork_sandbox.bluesky.facts import VIDEO
from presswork_sandbox.bluesky.lexicons import VIDEO_BYTES
from presswork_sandbox.bluesky.service_auth import UPLOAD_METHOD, ServiceTokens, upload_audiences
from presswork_sandbox.bluesky.video_jobs import VideoJobs
from presswork_sandbox.bluesky.video_uploads import VideoUploads
from presswork_sandbox.bluesky.xrpc import Exchange, Method, XRPCHost
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

LIMITS_METHOD: Final = "app.bsky.video.getUploadLimits"


class VideoService:
    """The host, as an ASGI app (`host`)."""

    def __init__(self, sandbox: Sandbox, blobs: Blobs) -> None:
        self._sandbox = sandbox
        self._tokens = ServiceTokens(sandbox)
        self._jobs = VideoJobs(sandbox, blobs)
        uploads, name = VideoUploads(sandbox, self._tokens, self._jobs), "app.bsky.video"
        methods = {
            f"{name}.uploadVideo": Method(operation="upload_video", verb="POST", run=self._upload, takes_bytes=True),
            f"{name}.getJobStatus": Method(operation="job_status", verb="GET", run=self._status),
            f"{name}.getUploadLimits": Method(operation="upload_limits", verb="GET", run=self._limits),
            f"{name}.startUpload": Method(operation="video_start_upload", verb="POST", run=uploads.start),
            f"{name}.uploadPart": Method(
                operation="video_upload_part", verb="POST", run=uploads.take_part, takes_bytes=True
            ),
            f"{name}.getUploadStatus": Method(operation="video_upload_status", verb="GET", run=uploads.status),
            f"{name}.finishUpload": Method(operation="video_finish_upload", verb="POST", run=uploads.finish),
            f"{name}.abortUpload": Method(operation="video_abort_upload", verb="POST", run=uploads.abort),
        }
        self.host: Final = XRPCHost(sandbox, VIDEO, methods, owner=self._tokens.owner, held_by=self._holding_fault)

    def _holding_fault(self, request: Request) -> int | None:
        job = self._jobs.find(request.query_params.get("jobId", ""))
        return None if job is None else job.fault_id

    async def _upload(self, exchange: Exchange) -> Reply:
        request, jobs = exchange.request, self._jobs
        account = self._tokens.check(request, upload_audiences(request), UPLOAD_METHOD)
        if request.query_params.get("did") != account.user_id:
            raise invalid("did must be the account that the token is from")
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "video/mp4":
            raise invalid(f"Wrong request encoding (Content-Type): {media_type or 'none'}")
        refusal = jobs.refusal(account)
        if refusal is not None:
            return _refuse_upload(account, *refusal)
        upload = await receive(self._sandbox, request, VIDEO_BYTES)
        known = jobs.find_processed(account, upload.cid)
        if known is not None:
            # Without the blob, which is in the status of that job.
            body = {name: jobs.describe(known)[name] for name in ("jobId", "did", "state")}
            body |= {"error": "already_exists", "message": "Video already processed"}
            return json_reply(body, 409)
        return json_reply(jobs.describe(jobs.start(exchange.call, account, upload, jobs.new_id())))

    def _limits(self, exchange: Exchange) -> Reply:
        account = self._tokens.check(exchange.request, {f"did:web:{VIDEO}"}, LIMITS_METHOD)
        (videos, size), refusal = self._jobs.count_left(account), self._jobs.refusal(account)
        body: dict[str, JSONValue] = {
            "canUpload": refusal is None,
            "remainingDailyVideos": videos,
            "remainingDailyBytes": size,
        }
        if refusal is not None:
            body |= {"error": refusal[0], "message": refusal[1]}
        return json_reply(body)

    def _status(self, exchange: Exchange) -> Reply:
        job_id = text_of(exchange.params.get("jobId"))
        if not job_id:
            raise invalid('Error: Params must have the property "jobId"')
        job = self._jobs.find(job_id)
        if job is None:
            raise invalid("Job not found")
        return json_reply({"jobStatus": self._jobs.describe(self._jobs.poll(exchange.call, job))})


def _refuse_upload(account: Account, error: str, message: str) -> Reply:
    status: JSONValue = {"jobId": "", "did": account.user_id, "state": "", "error": error, "message": message}
    return json_reply({"jobStatus": status}, 400)
