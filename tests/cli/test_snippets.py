"""`presswork snippets` and `presswork labels` against a running server."""

from typing import Any

import pytest
from tests.cli.person import Person

pytestmark = pytest.mark.slow


def test_texts_are_kept_and_filled_in(person: Person) -> None:
    """Snippets, variables and link parameters are listed and changed; content with labels is found by them."""
    snippet = person.run("snippets", "create", "Signature", "Call {{phone}}").stdout.strip()
    person.run("snippets", "change", snippet, "--text", "Call {{phone}} now")
    assert "Call {{phone}} now" in person.run("snippets", "list").stdout
    assert person.run("snippets", "change", snippet).status == 1
    assert person.json("snippets", "delete", snippet)["id"] == snippet
    assert "no meaning" in person.run("snippets", "variables").stdout
    assert person.json("snippets", "variables", "--set", "phone=+351", "--set", "a=b=c")["variables"] == {
        "phone": "+351",
        "a": "b=c",
    }
    assert person.run("snippets", "variables", "--set", "phone").status == 1
    assert "phone = +351" in person.run("snippets", "variables", "--unset", "a").stdout
    assert person.run("snippets", "utm", "--source", "x").status == 1
    shown = person.run("snippets", "utm", "--domain", "shop.example", "--source", "{platform}").stdout
    assert "utm_source = {platform}" in shown

    def items(*command: str) -> list[dict[str, Any]]:
        found: Any = person.json(*command)["items"]
        return list(found)

    to = ("--to", "instagram:@cli.shop", "--label", "rye", "--caption", "At {{phone}}: https://shop.example")
    (post,) = items("publish", "a.jpg", *to)
    assert post["texts"]["caption"] == "At +351: https://shop.example?utm_source=instagram"
    assert [one["id"] for one in items("posts", "--label", "rye")] == [post["id"]]
    assert [one["id"] for one in items("content", "--label", "rye")] == [post["containerId"]]
    assert {"label": "rye", "contentCount": 1} in items("labels")
    for off in ("variables", "utm"):
        person.run("snippets", off, "--off")
