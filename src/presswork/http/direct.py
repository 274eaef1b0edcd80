"""Routes that are served without FastAPI's way of working out, at each call, what a route's function wants.

That costs more than the whole of a publish call's own work (docs/performance.md), so the one hot route does without.
FastAPI still has the route too: the OpenAPI document comes from there.
"""

from starlette.routing import Match, Route
from starlette.types import Scope


class DirectRoute(Route):
    """A route whose function gets the request and reads from it what it needs. Left out of the OpenAPI document."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether a call is for this route; the log and idempotency find the route in the scope, as with FastAPI's."""
        match, found = super().matches(scope)
        return match, {**found, "route": self}
