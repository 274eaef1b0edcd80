"""Writes the descriptions of the apps for Zapier and Make: the actions, their fields and samples, from the OpenAPI document.

What runs them is Make itself, and `integrations/zapier/index.js`.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from presswork import __version__

Json = Any  # a value of the OpenAPI document, or of what is written


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """An operation of the API that both apps have, with the fields that a form of them can show."""

    key: str
    operation: str
    label: str
    noun: str
    fields: Sequence[str]
    is_list: bool = False


_ACTIONS: Final = (
    _Choice(
        key="uploadContent",
        operation="upload_content",
        label="Create Content",
        noun="Content",
        fields=("projectId", "media", "caption", "firstComment", "labels"),
    ),
    _Choice(
        key="publishContent",
        operation="publish_content",
        label="Publish Content Now",
        noun="Post",
        fields=("containerId", "targets"),
    ),
    _Choice(
        key="scheduleContent",
        operation="schedule_content",
        label="Schedule Content",
        noun="Post",
        fields=("containerId", "scheduledFor", "queue", "targets"),
    ),
    _Choice(key="getPost", operation="get_scheduled_post", label="Get a Post", noun="Post", fields=("postId",)),
    _Choice(
        key="listAccounts",
        operation="list_social_accounts",
        label="List Accounts",
        noun="Account",
        fields=("projectId", "platform", "status"),
        is_list=True,
    ),
)
_MEMBERS: Final[Mapping[str, Sequence[str]]] = {
    "media": ("url", "altText"),
    "targets": ("socialAccountId", "mode", "captionOverride", "firstCommentOverride"),
}
"""What a form shows of the objects of a list."""
_LABELS: Final = {
    "projectId": "Project",
    "containerId": "Content",
    "socialAccountId": "Account",
    "postId": "Post",
    "url": "URL",
    "scheduledFor": "Time",
}
_LONG: Final = {"caption", "firstComment", "captionOverride", "firstCommentOverride", "altText"}
_PROJECTS: Final = ("listProjects", "id", "name")
_ACCOUNTS: Final = ("listAccounts", "socialAccountId", "handle")
_PICKERS: Final = {"projectId": _PROJECTS, "socialAccountId": _ACCOUNTS}
_PROJECT_OF_ACCOUNTS: Final = "The project of the content: only to list its accounts below."
_EVENT_SAMPLE: Final = "post.published"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """A field of a form."""

    name: str
    kind: str
    """`text`, `long`, `integer`, `boolean` or `instant`."""
    about: str
    is_required: bool
    choices: Sequence[str] = ()
    is_list: bool = False
    members: Sequence["_Field"] = ()
    is_sent: bool = True

    @property
    def label(self) -> str:
        words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in self.name)
        return _LABELS.get(self.name, words.capitalize())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """An operation, ready to be written."""

    choice: _Choice
    about: str
    method: str
    path: str
    fields: Sequence[_Field]
    sample: Json
    places: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The fields that go into the query and into the body."""


def write(document: Json) -> Mapping[str, str]:
    """Return the files of both apps by their path in `integrations`. Raises KeyError if the API has no such operation or field."""
    reader = _Reader(document)
    actions = [reader.action(choice) for choice in _ACTIONS]
    events = sorted(name for name in document["webhooks"] if name != "test.ping")
    sample = document["webhooks"][_EVENT_SAMPLE]["post"]["requestBody"]["content"]["application/json"]["example"]
    return {
        "zapier/app.json": _dump(_zapier(actions, events, sample)),
        **{f"make/{name}": _dump(value) for name, value in _make(actions, events, sample)},
    }


class _Reader:
    def __init__(self, document: Json) -> None:
        self._schemas = document["components"]["schemas"]
        self._operations = {
            operation["operationId"]: (method, path, operation)
            for path, methods in document["paths"].items()
            for method, operation in methods.items()
        }

    def action(self, choice: _Choice) -> _Action:
        """Return an operation with its chosen fields, in their order."""
        method, path, operation = self._operations[choice.operation]
        parameters = {one["name"]: one for one in operation.get("parameters", ())}
        content = operation.get("requestBody", {"content": {"application/json": {"schema": {}}}})["content"]
        body = self._resolve(content["application/json"]["schema"])
        fields = []
        places: dict[str, list[str]] = {"query": [], "body": []}
        for name in choice.fields:
            if name in parameters:
                given = parameters[name]
                schema = {**given["schema"], "description": given.get("description", "")}
                fields.append(self._field(name, schema, is_required=given.get("required", False)))
                if given["in"] == "query":
                    places["query"].append(name)
            else:
                fields.append(self._field(name, body["properties"][name], is_required=name in body.get("required", ())))
                places["body"].append(name)
        if "targets" in choice.fields:
            fields.insert(
                1, _Field(name="projectId", kind="text", about=_PROJECT_OF_ACCOUNTS, is_required=False, is_sent=False)
            )
        answers = operation["responses"]
        answer = (answers.get("201") or answers["200"])["content"]["application/json"]
        sample = answer.get("example") or self._resolve(answer["schema"])["examples"][0]
        return _Action(
            choice=choice,
            about=f"{operation['summary']}.",
            method=method.upper(),
            path=path,
            fields=fields,
            sample=sample["items"][0] if choice.is_list else sample,
            places={place: names for place, names in places.items() if names},
        )

    def _field(self, name: str, given: Json, *, is_required: bool) -> _Field:
        schema = self._resolve(given)
        about = given.get("description") or schema.get("description", "")
        inner = self._resolve(schema["items"]) if schema.get("type") == "array" else schema
        return _Field(
            name=name,
            kind=self._kind(name, inner),
            about=about,
            is_required=is_required,
            choices=tuple(inner.get("enum", ())),
            is_list=schema.get("type") == "array",
            members=[
                self._field(member, inner["properties"][member], is_required=member in inner.get("required", ()))
                for member in _MEMBERS.get(name, ())
            ],
        )

    @staticmethod
    def _kind(name: str, schema: Json) -> str:
        if schema.get("format") == "date-time":
            return "instant"
        return "long" if name in _LONG else {"integer": "integer", "boolean": "boolean"}.get(schema.get("type"), "text")

    def _resolve(self, schema: Json) -> Json:
        """Follow references, and take what is not null of a choice."""
        if "$ref" in schema:
            return self._resolve(self._schemas[schema["$ref"].rpartition("/")[2]])
        options = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        if len(options) == 1:
            return {**self._resolve(options[0]), **{key: schema[key] for key in ("description",) if key in schema}}
        return schema


def _dump(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


# Zapier: https://github.com/zapier/zapier-platform/blob/main/packages/schema/docs/build/schema.md

_ZAPIER_KINDS: Final = {"long": "text", "instant": "datetime", "text": "string"}


def _zapier(actions: Sequence[_Action], events: Sequence[str], sample: Json) -> Json:
    """Return the definition of the app without its functions, which index.js adds, and the requests that these send."""
    shown = {action.choice.key: _zapier_action(action) for action in actions}
    reads = {action.choice.key for action in actions if action.method == "GET"}
    events_field = _Field(
        name="events", kind="text", about="What starts the Zap.", is_required=True, choices=events, is_list=True
    )
    return {
        "version": __version__,
        "authentication": {
            "type": "custom",
            "fields": [
                {"key": "serverUrl", "label": "Server", "type": "string", "required": True, "placeholder": "https://presswork.example.com"},
                {"key": "apiKey", "label": "API key", "type": "password", "required": True, "helpText": "A test key publishes to the sandbox, a live key to the platforms."},
            ],
            "connectionLabel": "{{organizationName}} ({{environment}})",
        },
        "triggers": {
            "event": {
                "key": "event",
                "noun": "Event",
                "display": {"label": "Post Is Live, Has Failed, or Another Event", "description": "Triggers when Presswork sends a webhook."},
                "operation": {"type": "hook", "inputFields": [_zapier_field(events_field)], "sample": sample},
            },
            "listProjects": _zapier_list("listProjects", "Project"),
            "listAccounts": _zapier_list("listAccounts", "Account"),
        },
        "creates": {key: value for key, value in shown.items() if key not in reads},
        "searches": {key: value for key, value in shown.items() if key in reads},
        "requests": {
            **{
                action.choice.key: {
                    "method": action.method,
                    "path": action.path,
                    **action.places,
                    "isList": action.choice.is_list,
                }
                for action in actions
            },
            "listProjects": {"method": "GET", "path": "/v1/projects", "isList": True},
        },
    }  # fmt: skip


def _zapier_action(action: _Action) -> Json:
    return {
        "key": action.choice.key,
        "noun": action.choice.noun,
        "display": {"label": action.choice.label, "description": action.about},
        "operation": {"inputFields": [_zapier_field(one) for one in action.fields], "sample": action.sample},
    }


def _zapier_list(key: str, noun: str) -> Json:
    """Return a hidden trigger, from which a field takes its choices."""
    return {
        "key": key,
        "noun": noun,
        "display": {
            "label": f"List {noun}s",
            "description": f"Fills a field with the {noun.lower()}s.",
            "hidden": True,
        },
        "operation": {"type": "polling"},
    }


def _zapier_field(one: _Field) -> Json:
    shown: dict[str, Json] = {"key": one.name, "label": one.label}
    if one.members:
        return {**shown, "children": [_zapier_field(member) for member in one.members]}
    shown |= {"type": _ZAPIER_KINDS.get(one.kind, one.kind), "required": one.is_required}
    if one.about:
        shown["helpText"] = one.about
    if one.is_list:
        shown["list"] = True
    if one.choices:
        shown["choices"] = list(one.choices)
    if picker := _PICKERS.get(one.name):
        shown["dynamic"] = ".".join(picker)
    if one.name == "projectId" and not one.is_sent:
        shown["altersDynamicFields"] = True
    return shown


# Make: https://developers.make.com/custom-apps-documentation

_MAKE_KINDS: Final = {"long": "text", "instant": "date"}
_CRUD: Final = {"POST": "create", "GET": "read"}
_CONNECTION: Final = "presswork"
_HOOK: Final = "events"
_IDEMPOTENCY_KEY: Final = {
    "name": "idempotencyKey",
    "type": "text",
    "label": "Idempotency key",
    "required": False,
    "advanced": True,
    "help": "A value of your data, such as the id of a row, without spaces: a call that is repeated with it within 24 hours has one effect.",
}


def _make(actions: Sequence[_Action], events: Sequence[str], sample: Json) -> Iterator[tuple[str, Json]]:
    """Yield the files of the app by their path, in the form of Make's local development."""
    yield "general/base.iml.json", {
        "baseUrl": "{{connection.serverUrl}}/v1",
        "headers": {"authorization": "Bearer {{connection.apiKey}}"},
        "response": {"error": {"type": "RuntimeError", "message": "[{{statusCode}} {{body.error.code}}] {{body.error.message}}"}},
        "log": {"sanitize": ["request.headers.authorization"]},
    }  # fmt: skip
    yield (
        f"connections/{_CONNECTION}.communication.iml.json",
        {
            "url": "{{parameters.serverUrl}}/v1/whoami",
            "headers": {"authorization": "Bearer {{parameters.apiKey}}"},
            "response": {
                "metadata": {"type": "text", "value": "{{body.organizationName}} ({{body.environment}})"},
                "error": {"message": "[{{statusCode}}] {{body.error.message}}"},
            },
            "log": {"sanitize": ["request.headers.authorization"]},
        },
    )
    yield f"connections/{_CONNECTION}.params.iml.json", [
        {"name": "serverUrl", "type": "url", "label": "Server", "required": True, "help": "Such as https://presswork.example.com, without a slash at the end."},
        {"name": "apiKey", "type": "password", "label": "API key", "required": True, "help": "A test key publishes to the sandbox, a live key to the platforms."},
    ]  # fmt: skip
    for key, url, (_, value, label) in (
        ("listProjects", "/projects", _PROJECTS),
        ("listAccounts", "/projects/{{parameters.projectId}}/social-accounts", _ACCOUNTS),
    ):
        output = {"label": f"{{{{item.{label}}}}}", "value": f"{{{{item.{value}}}}}"}
        yield (
            f"rpcs/{key}.communication.iml.json",
            {
                "url": url,
                "qs": {"limit": 200},
                "response": {"iterate": "{{body.items}}", "output": output},
            },
        )
    for action in actions:
        yield from _make_module(action)
    choices = [{"label": name, "value": name} for name in events]
    yield f"webhooks/{_HOOK}.communication.iml.json", {"output": "{{body}}"}
    yield (
        f"webhooks/{_HOOK}.params.iml.json",
        [
            {
                "name": "events",
                "type": "select",
                "label": "Events",
                "required": True,
                "multiple": True,
                "options": choices,
            }
        ],
    )
    yield (
        f"webhooks/{_HOOK}.attach.iml.json",
        {
            "url": "/webhook-endpoints",
            "method": "POST",
            "body": {"url": "{{webhook.url}}", "events": "{{parameters.events}}", "description": "Make"},
            "response": {"data": {"externalHookId": "{{body.endpoint.id}}"}},
        },
    )
    yield (
        f"webhooks/{_HOOK}.detach.iml.json",
        {
            "url": "/webhook-endpoints/{{webhook.externalHookId}}",
            "method": "DELETE",
        },
    )
    yield "modules/watchEvents.communication.iml.json", {"output": "{{body}}"}
    yield "modules/watchEvents.samples.iml.json", sample
    yield "makecomapp.json", _make_index(actions)


def _make_module(action: _Action) -> Iterator[tuple[str, Json]]:
    path = action.path.removeprefix("/v1").replace("{", "{{parameters.").replace("}", "}}")
    request: dict[str, Json] = {"url": path, "method": action.method}
    fields = [_make_field(one) for one in action.fields]
    if "body" in action.places:
        request["headers"] = {"idempotency-key": "{{ifempty(parameters.idempotencyKey, uuid)}}"}
        fields.append(_IDEMPOTENCY_KEY)
    for place, names in action.places.items():
        request["qs" if place == "query" else place] = {name: f"{{{{parameters.{name}}}}}" for name in names}
    if action.choice.is_list:
        request["response"] = {"iterate": "{{body.items}}", "output": "{{item}}"}
        request["pagination"] = {"qs": {"cursor": "{{body.nextCursor}}"}, "condition": "{{body.nextCursor}}"}
    else:
        request["response"] = {"output": "{{body}}"}
    start = f"modules/{action.choice.key}"
    yield f"{start}.communication.iml.json", request
    yield f"{start}.mappable-params.iml.json", fields
    yield f"{start}.samples.iml.json", action.sample


def _make_field(one: _Field) -> Json:
    shown: dict[str, Json] = {"name": one.name, "type": _MAKE_KINDS.get(one.kind, one.kind), "label": one.label}
    shown["required"] = one.is_required
    if one.about:
        shown["help"] = one.about
    if one.choices:
        shown |= {"type": "select", "options": [{"label": value, "value": value} for value in one.choices]}
    if picker := _PICKERS.get(one.name):
        shown |= {"type": "select", "options": f"rpc://{picker[0]}"}
    if one.members:
        shown |= {"type": "array", "spec": [_make_field(member) for member in one.members]}
    elif one.is_list:
        shown |= {"type": "array", "spec": {"type": "text"}}
    return shown


def _make_index(actions: Sequence[_Action]) -> Json:
    modules = {
        action.choice.key: {
            "label": action.choice.label,
            "description": action.about,
            "moduleType": "search" if action.choice.is_list else "action",
            **({} if action.choice.is_list else {"actionCrud": _CRUD[action.method]}),
            "connection": _CONNECTION,
            "codeFiles": {
                "communication": f"modules/{action.choice.key}.communication.iml.json",
                "mappableParams": f"modules/{action.choice.key}.mappable-params.iml.json",
                "samples": f"modules/{action.choice.key}.samples.iml.json",
            },
        }
        for action in actions
    }
    return {
        "fileVersion": 1,
        "generalCodeFiles": {"base": "general/base.iml.json"},
        "components": {
            "connection": {
                _CONNECTION: {
                    "label": "Presswork",
                    "connectionType": "basic",
                    "codeFiles": {
                        "communication": f"connections/{_CONNECTION}.communication.iml.json",
                        "params": f"connections/{_CONNECTION}.params.iml.json",
                    },
                }
            },
            "webhook": {
                _HOOK: {
                    "label": "Events",
                    "webhookType": "web",
                    "connection": _CONNECTION,
                    "codeFiles": {
                        name: f"webhooks/{_HOOK}.{name}.iml.json"
                        for name in ("communication", "params", "attach", "detach")
                    },
                }
            },
            "module": {
                **modules,
                "watchEvents": {
                    "label": "Watch Events",
                    "description": "Starts when a post is live or has failed, or at another event.",
                    "moduleType": "instant_trigger",
                    "webhook": _HOOK,
                    "codeFiles": {
                        "communication": "modules/watchEvents.communication.iml.json",
                        "samples": "modules/watchEvents.samples.iml.json",
                    },
                },
            },
            "rpc": {
                key: {
                    "label": label,
                    "connection": _CONNECTION,
                    "codeFiles": {"communication": f"rpcs/{key}.communication.iml.json"},
                }
                for key, label in (("listProjects", "List projects"), ("listAccounts", "List accounts"))
            },
        },
        "origins": [],
    }
