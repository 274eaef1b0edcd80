"""Refuse query parameters that a route does not have, and repeated ones of which it reads one value.

A query is checked like a body, so that a typo in a filter does not return everything. The check is part of authentication
(`api/http/auth.py: RequireScope`), so no route with a key is without it. Routes of sign-in depend on it
directly. Other routes without a key accept whatever others add to their URLs: platforms to callbacks, browsers and proxies
to signed URLs.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.routing import APIRoute

from presswork.api.http.issues import issues_of, unknown
from presswork.core.errors import MAX_ISSUES, Invalid, Issue, IssueCode

Fields = dict[str, Any]  # Any: FastAPI's own fields, by wire name


def require_known_parameters(request: Request) -> None:
    """Raise Invalid with all issues of the query if it has an unknown parameter, or one too often.

    Other errors in values are left to FastAPI, which checks them later.
    """
    if not request.scope["query_string"]:
        return
    route = request.scope["route"]
    fields = _fields_of(route) if isinstance(route, APIRoute) else {}
    counts = Counter(name for name, _ in request.query_params.multi_items())
    found = list(_issues(counts, fields))
    if found:
        _, errors = request_params_to_args(list(fields.values()), request.query_params)
        raise Invalid([*found, *issues_of(errors, given=lambda one: one.get("input"), skip=1)])


async def only_known_parameters(request: Request) -> None:
    """Dependency of routes that need no caller: `require_known_parameters`."""
    require_known_parameters(request)


def _issues(counts: Counter[str], fields: Fields) -> Iterator[Issue]:
    for number, (name, count) in enumerate(counts.items()):
        if number > MAX_ISSUES:
            return
        if name not in fields:
            problem, code = unknown(name, fields, noun="query parameter", code=IssueCode.UNKNOWN_PARAMETER)
            yield Issue.at(name, problem, code)
        elif count > 1 and not _is_list(fields[name].field_info.annotation):
            problem = f"appears {count:,} times in the query, but has one value. Send it once."
            yield Issue.at(name, problem, IssueCode.REPEATED_PARAMETER)


def _fields_of(route: APIRoute) -> Fields:
    def walk(dependant: Dependant) -> Iterator[Any]:
        yield from dependant.query_params
        for below in dependant.dependencies:
            yield from walk(below)

    return {field.alias: field for field in walk(route.dependant)}


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))
