"""A minimal provider for Presswork's managed mode. See docs/provider-protocol.md."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import sqlite3
import time
import urllib.request
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


async def publish(payload: dict[str, Any]) -> tuple[str | None, str | None]:
    """Publish the post and return its id and URL, None where unknown. Replace this with your implementation."""
    return None, f"https://www.{payload['account']['platform']}.com/{payload['account']['handle']}"


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the Standard Webhooks signature."""
    content = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), content, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def refuse(status: int, code: str, message: str) -> Response:
    """Return an error of the protocol."""
    return JSONResponse({"error": {"code": code, "message": message}}, status)


class Provider:
    """Verifies calls, stores dispatches by post id, publishes and reports."""

    def __init__(self, secret: str, database: str) -> None:
        self.secret = secret
        self.db = sqlite3.connect(database, isolation_level=None)
        self.db.execute("CREATE TABLE IF NOT EXISTS dispatches (post_id TEXT PRIMARY KEY, content TEXT, dispatch TEXT)")

    async def answer(self, request: Request) -> Response:
        """Handle any call, after verifying the signature of the raw body."""
        body, given = await request.body(), request.headers
        post_id, stamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
        right = sign(self.secret, post_id, stamp, body).encode()
        signed = any(hmac.compare_digest(one.encode(), right) for one in given.get("webhook-signature", "").split())
        fresh = stamp.isdecimal() and abs(time.time() - int(stamp)) <= 300
        if not signed or not fresh or request.path_params.get("post_id", post_id) != post_id:
            return refuse(401, "invalid_signature", "The signature is wrong or too old.")
        if request.url.path == "/":
            return JSONResponse({"name": "Example", "protocol": 1, "platforms": ["tiktok"], "signature": "verified"})
        if request.url.path == "/dispatches":
            return self.accept(post_id, json.loads(body))
        row = self.db.execute("SELECT dispatch FROM dispatches WHERE post_id = ?", (post_id,)).fetchone()
        if row is None:
            return refuse(404, "unknown_post", "There is no dispatch of this post.")
        if request.method == "GET":
            return JSONResponse(json.loads(row[0]))
        return refuse(409, "too_late", "Publishing has started, so it can't be canceled.")

    def accept(self, post_id: str, payload: dict[str, Any]) -> Response:
        """Store a new dispatch and start it after the response; return a known one unchanged."""
        if payload["postId"] != post_id:
            return refuse(401, "invalid_signature", "webhook-id must be the postId of the body.")
        content = {name: payload[name] for name in payload.keys() - {"requestedAt", "deadline", "callbackUrl"}}
        content["media"] = [{**medium, "url": None} for medium in payload["media"]]
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        new = {"postId": post_id, "dispatchId": f"d_{post_id}", "sequence": 1, "status": "accepted", "error": None}
        new |= {"externalId": None, "externalUrl": None, "at": datetime.now(UTC).isoformat()}
        sql = "INSERT INTO dispatches VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        if self.db.execute(sql, (post_id, digest, json.dumps(new))).rowcount:
            return JSONResponse(new, 201, background=BackgroundTask(self.work, new, payload))
        sql = "SELECT content, dispatch FROM dispatches WHERE post_id = ?"
        known_digest, known = self.db.execute(sql, (post_id,)).fetchone()
        if known_digest != digest:
            return refuse(409, "different_content", "This post was dispatched with other content.")
        return JSONResponse(json.loads(known))

    async def work(self, dispatch: dict[str, Any], payload: dict[str, Any]) -> None:
        """Publish once. After a crash the dispatch stays `working`: check the account before you publish it manually."""
        if datetime.now(UTC) >= datetime.fromisoformat(payload["deadline"]):
            error = {"code": "deadline_passed", "message": "The deadline has passed."}
            await self.change(dispatch, payload, status="failed", error=error)
            return
        await self.change(dispatch, payload, status="working")
        external_id, external_url = await publish(payload)
        await self.change(dispatch, payload, status="published", externalId=external_id, externalUrl=external_url)

    async def change(self, dispatch: dict[str, Any], payload: dict[str, Any], **changes: object) -> None:
        """Store a change and report it once; Presswork polls if there is no report."""
        dispatch |= {**changes, "sequence": dispatch["sequence"] + 1, "at": datetime.now(UTC).isoformat()}
        body, post_id = json.dumps(dispatch), dispatch["postId"]
        self.db.execute("UPDATE dispatches SET dispatch = ? WHERE post_id = ?", (body, post_id))
        if payload["callbackUrl"] is not None:
            await asyncio.to_thread(self.report, payload["callbackUrl"], f"d_{dispatch['sequence']}_{post_id}", body)

    def report(self, url: str, message_id: str, body: str) -> None:
        """Report a dispatch to Presswork, signed as its own calls are."""
        stamp, data = str(int(time.time())), body.encode()
        headers = {"content-type": "application/json", "webhook-id": message_id, "webhook-timestamp": stamp}
        headers["webhook-signature"] = sign(self.secret, message_id, stamp, data)
        try:
            urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=10).close()
        except OSError as error:
            print(f"The report failed: {error}")


def create_app() -> Starlette:
    """Return the app. PROVIDER_SECRET is the shared secret, PROVIDER_DB the file with the dispatches."""
    provider = Provider(os.environ["PROVIDER_SECRET"], os.environ.get("PROVIDER_DB", "provider.sqlite3"))
    return Starlette(
        routes=[
            Route("/", provider.answer),
            Route("/dispatches", provider.answer, methods=["POST"]),
            Route("/dispatches/{post_id}", provider.answer),
            Route("/dispatches/{post_id}/cancel", provider.answer, methods=["POST"]),
        ]
    )
