"""Bluesky on the control surface: what the person does in the app."""

from typing import Final

from starlette.requests import Request

from presswork_sandbox.bluesky.facts import FACTS
from presswork_sandbox.bluesky.identifiers import AT_URI
from presswork_sandbox.bluesky.identity import find_account
from presswork_sandbox.bluesky.repo import Action, Repo
from presswork_sandbox.control_input import BadControl
from presswork_sandbox.control_router import ControlRouter
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue


class BlueskyControl:
    """Routes of the control surface for posts that the person deletes; their ids are URLs with slashes."""

    def __init__(self, sandbox: Sandbox, router: ControlRouter, repo: Repo) -> None:
        self._sandbox = sandbox
        self._repo = repo
        self.routes: Final = [router.route("POST", "/posts/at:/{place:path}/remove", self._remove_post)]

    async def _remove_post(self, request: Request) -> JSONValue:
        uri = "at://" + request.path_params["place"].lstrip("/")
        match = AT_URI.fullmatch(uri)
        account = None if match is None else find_account(self._sandbox, match[1])
        if match is None or account is None:
            raise BadControl("No live post has that id; GET /sandbox/control/posts lists them.")
        post = self._sandbox.posts.by_external_id(FACTS.name, uri)
        if self._repo.find(account, match[2], match[3]) is not None:
            write = self._repo.prepare(Action.DELETE, match[2], match[3], None, validate=None)
            self._repo.commit(account, [write])
        elif post is not None:  # a managed provider published it
            self._sandbox.posts.remove(post)
        else:
            raise BadControl("No live post has that id; GET /sandbox/control/posts lists them.")
        return {"externalId": uri}
