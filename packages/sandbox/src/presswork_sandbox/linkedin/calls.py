"""One call of LinkedIn's API, once its token is known to be valid."""

from collections.abc import Mapping
from dataclasses import dataclass

from presswork_sandbox.calls import Call
from presswork_sandbox.linkedin.people import Caller
from presswork_sandbox.wire import JSONValue


@dataclass(frozen=True, slots=True, kw_only=True)
class APICall:
    """One call with a valid token: the thing that its path names, its query, its body and its version."""

    call: Call
    caller: Caller
    key: str
    query: Mapping[str, str]
    body: Mapping[str, JSONValue]
    version: str
