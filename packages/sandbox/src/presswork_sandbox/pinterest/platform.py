"""Pinterest in an open sandbox."""

from collections.abc import Sequence
from typing import Final

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route

from presswork_sandbox.accounts import Account
from presswork_sandbox.consent import Consent
from presswork_sandbox.control_input import BadControl, handle_of, known_keys, one_of
from presswork_sandbox.control_router import ControlRouter, Listing, read_control, read_filters
from presswork_sandbox.core import Sandbox
from presswork_sandbox.pages import Pages
from presswork_sandbox.pinterest.boards import MAX_NAME, PRIVACIES, Boards
from presswork_sandbox.pinterest.facts import API, FACTS, SANDBOX_API, UPLOAD, WWW
from presswork_sandbox.pinterest.hosts import PinterestHost, StorageHost
from presswork_sandbox.pinterest.media import Media
from presswork_sandbox.pinterest.oauth import OAuth, PinterestFlow
from presswork_sandbox.pinterest.pins import Pins, pin_url
from presswork_sandbox.pinterest.rules import Rules
from presswork_sandbox.platform import OpenPlatform, PostLocation
from presswork_sandbox.wire import JSONValue

HOSTS: Final = (API, SANDBOX_API)


def open_pinterest(sandbox: Sandbox, pages: Pages, router: ControlRouter) -> OpenPlatform:
    """Return Pinterest."""
    rules, boards, media = Rules(sandbox.platform_settings), Boards(sandbox), Media(sandbox)
    pins, oauth = Pins(sandbox, rules, boards, media), OAuth(sandbox, rules)
    consent = Consent(sandbox, pages, PinterestFlow())

    def new_location(_account: Account, _kind: str) -> PostLocation:
        pin_id = pins.new_id()
        return PostLocation(external_id=pin_id, url=pin_url(pin_id))

    return OpenPlatform(
        name=FACTS.name,
        routes=[
            *(Route(f"/{WWW}/{path}", consent) for path in ("oauth", "oauth/")),
            *(
                Mount(
                    f"/{host}",
                    PinterestHost(sandbox, host, boards=boards, media=media, oauth=oauth, pins=pins, rules=rules),
                )
                for host in HOSTS
            ),
            Mount(f"/{UPLOAD}", StorageHost(sandbox, media)),
            *pages.posts(
                lambda path: sandbox.posts.by_external_id(FACTS.name, path["pin_id"]),
                *(f"/{WWW}/pin/{{pin_id}}{end}" for end in ("", "/")),
            ),
            *pages.profile(FACTS.name, *(f"/{WWW}/{{handle}}{end}" for end in ("", "/"))),
        ],
        details_of=lambda post, _assets: pins.details_of(post),
        fields_of=pins.fields_of,
        new_location=new_location,
        control=[*router.rules("/pinterest", rules), *_control_boards(sandbox, router, boards)],
    )


def _control_boards(sandbox: Sandbox, router: ControlRouter, boards: Boards) -> Sequence[BaseRoute]:
    """Return the routes for boards that the person made in the app."""

    async def listed(request: Request) -> Listing:
        platform, handle = read_filters(request)
        found = boards.all(handle) if platform in {None, FACTS.name} else ()
        return Listing(boards.to_json(board) for board in found)

    async def create(request: Request) -> JSONValue:
        body = await read_control(request)
        known_keys(body, ["platform", "handle", "name", "privacy", "host", "sections"])
        one_of(body, "platform", [FACTS.name], FACTS.name)
        host, privacy = one_of(body, "host", HOSTS, API), one_of(body, "privacy", PRIVACIES, PRIVACIES[0])
        name, sections = body.get("name"), body.get("sections", [])
        names = [name, *sections] if isinstance(sections, list) else [None]
        if not all(isinstance(one, str) and one.strip() and len(one) <= MAX_NAME for one in names):
            raise BadControl(f"name and each of sections must be a string of 1 to {MAX_NAME} characters.")
        account = sandbox.accounts.ensure(FACTS.name, handle_of(body.get("handle")), sandbox.clock.now())
        board = boards.create(host, account, str(name), privacy=privacy)
        for one in names[1:]:
            boards.create_section(board, {"name": one})
        return boards.to_json(board)

    return [router.route("GET", "/boards", listed), router.route("POST", "/boards", create)]
