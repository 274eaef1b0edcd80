"""JSON that is stored and returned: it is sent as the database returns it, and is neither parsed nor validated again."""

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, JsonValue
from tests.api_server import Api

from presswork.api.app import create_routes
from presswork.api.http.body import Out
from presswork.api.http.responses import reply_of
from presswork.api.http.stored_json import StoredObject
from presswork.core.json_text import JSONText

PROJECT = {"name": "Corner Bakery", "timezone": "Europe/Lisbon"}
NESTED: dict[str, Any] = {"a": [json.loads("[" * 190 + "0" + "]" * 190)] * 42}
"""Nearly 16 KiB in the form that takes longest to parse and to validate."""
BOUNDED = {
    "TimelineItem.detail",
    "PromotionError.details",
    "PreflightError.details",
    "PreflightWarning.details",
    "ImportFinding.details",
    "BulkError.details",
    "PostInsights.raw",
    "Reading.raw",
    "TakeDownError.details",
    "SandboxFault.value",
    "SandboxPost.params",
    "PasskeyOptions.public_key",
}
"""Fields that Presswork itself or its sandbox fills with a few facts, not clients with documents."""


async def test_metadata_is_sent_as_it_is_stored(api: Api) -> None:
    """A list and a single project contain each project's metadata in the spelling of the database."""
    client = await api.client()
    sent: list[dict[str, Any]] = [NESTED, {"b": ['", {}', 1.50, None, {"é": "\\"}]}, {}]
    ids = [(await client.post("/v1/projects", json={**PROJECT, "metadata": one})).json()["id"] for one in sent]
    listed = await client.get("/v1/projects", params={"order": "asc"})
    assert [(item["id"], item["metadata"]) for item in listed.json()["items"]] == list(zip(ids, sent, strict=True))
    rows = await api.context.pool.fetch("SELECT metadata::text AS text FROM projects ORDER BY created_at, id")
    for row, project_id in zip(rows, ids, strict=True):
        assert f'"metadata":{row["text"]},' in listed.text
        assert f'"metadata":{row["text"]},' in (await client.get(f"/v1/projects/{project_id}")).text


async def test_config_is_sent_as_it_is_stored(api: Api) -> None:
    """A list and a single layer contain the config in the spelling of the database."""
    client = await api.client()
    project_id = (await client.post("/v1/projects", json=PROJECT)).json()["id"]
    path = f"/v1/projects/{project_id}/layers"
    body = {"templateId": "af058068-ad85-4fb8-92a1-f531b40bfcbc", "config": NESTED}
    made = await client.post(path, json=body)
    assert (made.status_code, made.json()["config"]) == (201, NESTED)
    text = await api.context.pool.fetchval("SELECT config::text FROM layers")
    assert f'"config":{text},' in (await client.get(path)).text
    assert f'"config":{text},' in (await client.get(f"{path}/{made.json()['id']}")).text


def test_no_response_validates_stored_json() -> None:
    """In the models of all responses, JSON of any form is a stored text; the exceptions hold a few facts each."""
    create_routes()  # imports the models of all routes
    found = {
        f"{model.__name__}.{name}"
        for model in _models(Out)
        for name, field in model.model_fields.items()
        if _is_any_json(field.annotation)
    }
    assert found - BOUNDED == set()


def test_texts_are_inserted_in_their_order() -> None:
    """Several stored texts of nested models replace their own marks, whatever they contain."""

    class Part(Out):
        one: StoredObject
        name: str
        other_one: StoredObject | None = None

    class Whole(Out):
        parts: list[Part]

    texts = [JSONText('{"a": "\\"}'.replace("\\", "\\\\")), JSONText('{"name": "b"}'), JSONText("{}")]
    whole = Whole(
        parts=[Part(one=texts[0], name='"', other_one=texts[1]), Part(one=texts[2], name="x")],
    )
    body = reply_of(whole, exclude_none=True).body.decode()
    assert body == (
        f'{{"parts":[{{"one":{texts[0]},"name":"\\"","otherOne":{texts[1]}}},{{"one":{texts[2]},"name":"x"}}]}}'
    )


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from _models(model)


def _is_any_json(annotation: Any) -> bool:  # Any: what a field is annotated with
    return annotation is JsonValue or any(map(_is_any_json, get_args(annotation)))
