"""A fake of the live platforms: proxies requests to the sandbox, or returns errors that quote the request.

It also receives webhooks and rejects each.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp import web

HOOK: Final = "/hook"
"""Path that receives webhooks."""
OF_ONE_CONNECTION: Final = {"connection", "content-length", "date", "host", "server", "transfer-encoding"}
"""Headers that are not passed on, in lower case."""


@dataclass
class Mirror:
    """A running mirror and its state."""

    url: str = ""
    sandbox_url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    """Headers that are added to each request to the sandbox."""
    quotes: bool = False
    quoted: set[str] = field(default_factory=set)
    """The hosts that answered so."""

    def as_own(self, text: str) -> str:
        """Return an answer of the sandbox with addresses of the mirror: clients refuse uploads to another host."""
        return text.replace(self.sandbox_url, self.url)

    def quote(self, request: web.Request, body: bytes) -> web.Response:
        """Return an error in each platform's format, with the whole request in each of its texts."""
        self.quoted.add(request.path.split("/")[1])
        words = f"{request.method} {request.path_qs} {dict(request.headers)} {body.decode('utf-8', 'replace')}"
        if request.path == HOOK:
            return web.Response(status=500, text=words)
        if "api.pinterest.com" in request.path:
            error: object = {"code": 1, "message": words}
        elif "api.telegram.org" in request.path:
            error = {"ok": False, "error_code": 400, "description": words}
        elif "mastodon.social" in request.path:
            error = {"error": words, "error_description": words}
        elif "api.x.com" in request.path:
            error = {"title": words, "detail": words, "status": 400, "errors": [{"message": words}], "error": words}
        elif "oauth" in request.path:
            error = {
                "error": "invalid_grant",
                "error_description": words,
                "error_type": words,
                "error_message": words,
            }
        elif "Messages" in request.path:
            error = {"code": 21211, "message": words, "status": 400, "more_info": words}
        else:
            error = {
                "error": {
                    "code": "invalid_params" if "/v2/" in request.path else 100,
                    "message": words,
                    "type": "OAuthException",
                    "error_user_title": words,
                    "error_user_msg": words,
                    "fbtrace_id": words[:40],
                    "log_id": words[:40],
                    "status": "INVALID_ARGUMENT",
                    "errors": [{"reason": "invalid", "message": words}],
                },
                "message": words,
                "status": 400,
                "code": "INVALID",
            }
        return web.Response(status=400, body=json.dumps(error).encode(), content_type="application/json")


def live_settings(mirror: Mirror, public_url: str) -> dict[str, str]:
    """Return the settings of a service whose live platforms are the mirror."""
    return {
        "public_url": public_url,
        "instagram_client_id": "ig-app",
        "instagram_graph_url": f"{mirror.url}/graph.instagram.com",
        "instagram_api_url": f"{mirror.url}/api.instagram.com",
        "instagram_www_url": f"{mirror.url}/www.instagram.com",
        "facebook_client_id": "fb-app",
        "facebook_graph_url": f"{mirror.url}/graph.facebook.com",
        "facebook_www_url": f"{mirror.url}/www.facebook.com",
        "tiktok_client_key": "tt-app",
        "tiktok_api_url": f"{mirror.url}/open.tiktokapis.com",
        "tiktok_www_url": f"{mirror.url}/www.tiktok.com",
        "threads_client_id": "th-app",
        "threads_graph_url": f"{mirror.url}/graph.threads.net",
        "threads_www_url": f"{mirror.url}/threads.net",
        "facebook_upload_url": f"{mirror.url}/rupload.facebook.com",
        "facebook_video_url": f"{mirror.url}/graph-video.facebook.com",
        "youtube_client_id": "yt-app",
        "youtube_accounts_url": f"{mirror.url}/accounts.google.com",
        "youtube_oauth_url": f"{mirror.url}/oauth2.googleapis.com",
        "youtube_api_url": f"{mirror.url}/www.googleapis.com",
        "youtube_analytics_url": f"{mirror.url}/youtubeanalytics.googleapis.com",
        "linkedin_client_id": "li-app",
        "linkedin_www_url": f"{mirror.url}/www.linkedin.com",
        "linkedin_api_url": f"{mirror.url}/api.linkedin.com",
        "mastodon_url": f"{mirror.url}/mastodon.social",
        "x_client_id": "x-app",
        "x_www_url": f"{mirror.url}/x.com",
        "x_api_url": f"{mirror.url}/api.x.com",
        "telegram_bot_id": "4711000",
        "telegram_api_url": f"{mirror.url}/api.telegram.org",
        "pinterest_app_id": "pi-app",
        "pinterest_www_url": f"{mirror.url}/www.pinterest.com",
        "pinterest_api_url": f"{mirror.url}/api.pinterest.com",
        "sms_account_sid": "AC00000000000000000000000000000001",
        "sms_api_url": f"{mirror.url}/api.twilio.com",
        "sms_from": "+15005550006",
    }


def passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a message that its next connection has, too."""
    return {name: value for name, value in headers.items() if name.lower() not in OF_ONE_CONNECTION}


@contextlib.asynccontextmanager
async def serving_mirror() -> AsyncIterator[Mirror]:
    """Serve a mirror; the test sets `sandbox_url` later.

    It closes each connection after its response, since its clients are killed and would leave connections open.
    """
    mirror = Mirror()
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:

        async def answer(request: web.Request) -> web.Response:
            response = await forward(request)
            response.force_close()
            return response

        async def forward(request: web.Request) -> web.Response:
            body = await request.read()
            if mirror.quotes or request.path == HOOK:
                return mirror.quote(request, body)
            headers = passed_on(request.headers) | mirror.headers
            url = f"{mirror.sandbox_url}{request.path_qs}"
            async with session.request(request.method, url, headers=headers, data=body, allow_redirects=False) as reply:
                content = mirror.as_own((await reply.read()).decode("latin-1")).encode("latin-1")
                kept = {name: mirror.as_own(value) for name, value in passed_on(reply.headers).items()}
                return web.Response(status=reply.status, body=content, headers=kept)

        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        mirror.url = f"http://{host}:{port}"
        try:
            yield mirror
        finally:
            # Connections queue up while a command runs, and asyncio drops those that it accepts while it closes.
            for _ in range(3):
                await asyncio.sleep(0)
            await runner.cleanup()
