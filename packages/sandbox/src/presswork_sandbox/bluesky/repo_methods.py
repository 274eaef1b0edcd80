"""The methods of com.atproto.repo: what they read from a call, what it costs, and what they answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from presswork_sandbox.accounts import Account
from presswork_sandbox.bluesky.auth import Caller
from presswork_sandbox.bluesky.errors import XRPCError, invalid
from presswork_sandbox.bluesky.identity import find_account, status_of
from presswork_sandbox.bluesky.rate_limits import CREATE_POINTS, DELETE_POINTS, UPDATE_POINTS, WRITES, consume
from presswork_sandbox.bluesky.repo import LIST_DEFAULT, MAX_LIST, Action, Repo, Write
from presswork_sandbox.bluesky.shown import list_of, object_of
from presswork_sandbox.core import Sandbox
from presswork_sandbox.wire import JSONValue, Reply, json_reply, text_of

MAX_WRITES: Final = 200
"""Of one applyWrites."""
POINTS: Final[Mapping[Action, int]] = {
    Action.CREATE: CREATE_POINTS,
    Action.UPDATE: UPDATE_POINTS,
    Action.DELETE: DELETE_POINTS,
}
Params = Mapping[str, JSONValue]


class RepoMethods:
    """Answer calls that passed their input check."""

    def __init__(self, sandbox: Sandbox, repo: Repo) -> None:
        self._sandbox = sandbox
        self._repo = repo

    def create_record(self, caller: Caller, params: Params) -> Reply:
        """Create a record; with an rkey that is taken, the response is HTTP 500."""
        collection = self._own_collection(caller, params, (Action.CREATE,))

        def effect() -> Reply:
            write = self._repo.prepare(
                Action.CREATE, collection, text_of(params.get("rkey")), params["record"], validate=_validate(params)
            )
            commit = self._repo.commit(caller.account, [write], swap_commit=_text(params, "swapCommit"))
            return json_reply(_describe_write(caller.account, write, commit))

        return self._limit_writes(caller, CREATE_POINTS, effect)

    def put_record(self, caller: Caller, params: Params) -> Reply:
        """Write a record at a key: the same content is a no-op, other content overwrites."""
        collection = self._own_collection(caller, params, (Action.CREATE, Action.UPDATE))
        rkey = text_of(params["rkey"])

        def effect() -> Reply:
            current = self._repo.find(caller.account, collection, rkey)
            action = Action.CREATE if current is None else Action.UPDATE
            write = self._repo.prepare(action, collection, rkey, params["record"], validate=_validate(params))
            if current is not None and current.cid == write.cid:
                return json_reply(_describe_write(caller.account, write, None))
            swap = (_text(params, "swapRecord"),) if "swapRecord" in params else None
            commit = self._repo.commit(
                caller.account, [write], swap_commit=_text(params, "swapCommit"), swap_record=swap
            )
            return json_reply(_describe_write(caller.account, write, commit))

        return self._limit_writes(caller, UPDATE_POINTS, effect)

    def delete_record(self, caller: Caller, params: Params) -> Reply:
        """Delete a record, if it is there."""
        collection = self._own_collection(caller, params, (Action.DELETE,))
        rkey = text_of(params["rkey"])

        def effect() -> Reply:
            if self._repo.find(caller.account, collection, rkey) is None:
                return json_reply({})
            write = self._repo.prepare(Action.DELETE, collection, rkey, None, validate=None)
            swap = (_text(params, "swapRecord"),) if "swapRecord" in params else None
            commit = self._repo.commit(
                caller.account, [write], swap_commit=_text(params, "swapCommit"), swap_record=swap
            )
            return json_reply({"commit": commit})

        return self._limit_writes(caller, DELETE_POINTS, effect)

    def apply_writes(self, caller: Caller, params: Params) -> Reply:
        """Make several changes at once, all or none."""
        self._require_own(caller, params)
        asked = [(_action(part), object_of(part)) for part in list_of(params["writes"])]
        if len(asked) > MAX_WRITES:
            raise invalid(f"Too many writes. Max: {MAX_WRITES}")
        for action, part in asked:
            if caller.permissions is not None:
                caller.permissions.require_repo(action, text_of(part["collection"]))

        def effect() -> Reply:
            writes = [
                self._repo.prepare(
                    action,
                    text_of(part["collection"]),
                    text_of(part.get("rkey")),
                    part.get("value"),
                    validate=_validate(params),
                )
                for action, part in asked
            ]
            commit = self._repo.commit(caller.account, writes, swap_commit=_text(params, "swapCommit"))
            results = [_result(caller.account, write) for write in writes]
            return json_reply({"commit": commit, "results": results})

        return self._limit_writes(caller, sum(POINTS[action] for action, _ in asked), effect)

    def get_record(self, params: Params) -> Reply:
        """Return a record of any account here: the response of the account's server is never late."""
        account = self._require_readable(params)
        found = self._repo.find(account, text_of(params["collection"]), text_of(params["rkey"]))
        if found is None or params.get("cid", found.cid) != found.cid:
            place = f"at://{account.user_id}/{text_of(params['collection'])}/{text_of(params['rkey'])}"
            raise XRPCError("RecordNotFound", f"Could not locate record: {place}")
        return json_reply(found.to_json())

    def list_records(self, params: Params) -> Reply:
        """Return records of one collection, the newest keys first."""
        account = self._require_readable(params)
        limit = text_of(params.get("limit", str(LIST_DEFAULT)))
        if not (limit.isascii() and limit.isdigit() and 1 <= int(limit[:6]) <= MAX_LIST):
            raise invalid(f"Error: limit can not be less than 1 or greater than {MAX_LIST}")
        found = self._repo.listed(
            account,
            text_of(params["collection"]),
            cursor=_text(params, "cursor"),
            limit=int(limit),
            is_reverse=params.get("reverse") == "true",
        )
        body: dict[str, JSONValue] = {"records": [one.to_json() for one in found]}
        if found:
            body["cursor"] = found[-1].rkey
        return json_reply(body)

    def _require_readable(self, params: Params) -> Account:
        repo = text_of(params["repo"])
        account = find_account(self._sandbox, repo)
        if account is None:
            raise invalid(f"Could not find repo: {repo}")
        if status_of(account) is not None:
            raise XRPCError(f"Repo{str(status_of(account)).capitalize()}", f"Repo is {status_of(account)}: {repo}")
        return account

    def _require_own(self, caller: Caller, params: Params) -> None:
        account = find_account(self._sandbox, text_of(params["repo"]))
        if account is None:
            raise invalid(f"Could not find repo: {text_of(params['repo'])}")
        if account.id != caller.account.id:
            raise XRPCError("AuthenticationRequired", "Authentication Required")

    def _own_collection(self, caller: Caller, params: Params, actions: Sequence[Action]) -> str:
        """Return the collection of a write to the caller's own repository. Raises XRPCError."""
        self._require_own(caller, params)
        collection = text_of(params["collection"])
        if caller.permissions is not None:
            for action in actions:
                caller.permissions.require_repo(action, collection)
        return collection

    def _limit_writes(self, caller: Caller, points: int, effect: Callable[[], Reply]) -> Reply:
        """Answer a write, with the headers of the limit that it counts against, whatever comes of it."""
        headers = consume(self._sandbox, WRITES, caller.account.user_id, points) if points else {}
        try:
            reply = effect()
        except XRPCError as refused:
            reply = refused.reply()
        reply.headers = {**reply.headers, **headers}
        return reply


def _action(part: JSONValue) -> Action:
    return Action(text_of(object_of(part).get("$type")).partition("#")[2])


def _validate(params: Params) -> bool | None:
    validate = params.get("validate")
    return validate if isinstance(validate, bool) else None


def _text(params: Params, name: str) -> str | None:
    value = params.get(name)
    return value if isinstance(value, str) else None


def _uri(account: Account, write: Write) -> str:
    return f"at://{account.user_id}/{write.collection}/{write.rkey}"


def _describe_write(account: Account, write: Write, commit: Mapping[str, JSONValue] | None) -> Mapping[str, JSONValue]:
    body: dict[str, JSONValue] = {"uri": _uri(account, write), "cid": write.cid}
    if commit is not None:
        body["commit"] = commit
    if write.status is not None:
        body["validationStatus"] = write.status
    return body


def _result(account: Account, write: Write) -> Mapping[str, JSONValue]:
    kind = f"com.atproto.repo.applyWrites#{write.action}Result"
    if write.action is Action.DELETE:
        return {"$type": kind}
    return {"$type": kind, **_describe_write(account, write, None)}
