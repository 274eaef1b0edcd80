"""The branding of a project: its fields, the contrast of its colour, its logo, and how its pages show it."""

import asyncio
from base64 import b64encode
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from tests.content.conftest import FileHost
from tests.databases import until_waiting
from tests.links.conftest import Links

from presswork.branding.brand_project import MAX_LOGO_BYTES
from presswork.core.enums import LinkKind
from presswork.projects.branding import Branding, contrast


def logo(width: int = 40, height: int = 20) -> bytes:
    """Return a PNG."""
    file = BytesIO()
    Image.new("RGBA", (width, height), (20, 40, 60, 128)).save(file, "PNG")
    return file.getvalue()


def test_the_text_on_a_colour_has_the_better_contrast() -> None:
    """White on dark colours, black on light ones; the ratios are those of WCAG."""
    assert (contrast("#000000", "#ffffff"), contrast("#777777", "#777777")) == (21.0, 1.0)
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert [Branding(color=color).on_color for color in ("#0b5fff", "#c96a00")] == ["#ffffff", "#000000"]


async def test_a_page_shows_the_branding_of_its_project(links: Links, files: FileHost) -> None:
    """Name, colour and a copy of the logo are on the page; null removes all of it, and the copy too."""
    path = f"/v1/projects/{links.project_id}"
    branding = {"name": "Marta’s <Bakery>", "logoUrl": files.put("logo.png", logo()), "color": "#8A3B12"}
    headers = {"Idempotency-Key": "logo"}
    changed = await links.owner.patch(path, json={"branding": branding}, headers=headers)
    assert changed.status_code == 200, changed.text
    assert changed.json()["branding"] == {**branding, "color": "#8a3b12"}
    assert (await links.owner.patch(path, json={"branding": branding}, headers=headers)).content == changed.content
    assert files.hits == ["logo.png"]
    _, token = await links.make(LinkKind.REVIEW)
    page = await links.open(LinkKind.REVIEW, token)
    assert "Marta’s &lt;Bakery&gt;" in page.text
    style = ":root{--brand:#8a3b12;--on-brand:#ffffff}"
    assert f"<style>{style}</style>" in page.text
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'self' 'sha256-{digest}';" in page.headers["content-security-policy"]
    source = page.text.partition('class="logo" src="')[2].partition('"')[0].replace("&amp;", "&")
    image = await links.browser.get(source)
    assert (image.status_code, image.headers["content-type"], image.content) == (200, "image/png", logo())
    await links.owner.patch(path, json={"branding": None})
    assert (await links.owner.get(path)).json()["branding"] is None
    assert (await links.browser.get(source)).status_code == 404
    assert "<style>" not in (await links.open(LinkKind.REVIEW, token)).text


@pytest.mark.parametrize(
    ("field", "value", "issue"),
    [
        ("color", "red", "invalid_format"),
        ("color", "#12345", "invalid_format"),
        ("color", "#ffd500", "low_contrast"),
        ("color", "#8a3b12;}", "invalid_format"),
        ("name", "  ", "blank"),
        ("logoUrl", "", "too_short"),
    ],
)
async def test_a_bad_field_is_an_issue(links: Links, field: str, value: str, issue: str) -> None:
    """A colour must be one and have contrast, and texts must not be empty."""
    refused = await links.owner.patch(f"/v1/projects/{links.project_id}", json={"branding": {field: value}})
    assert refused.status_code == 422, refused.text
    (found,) = refused.json()["error"]["details"]["issues"]
    assert (found["path"], found["code"]) == (f"branding.{field}", issue)


async def test_a_logo_must_be_a_small_image(links: Links, files: FileHost) -> None:
    """A missing file, text, a picture with too many pixels and a large file are refused, and nothing is changed."""
    path = f"/v1/projects/{links.project_id}"
    wrong = {
        files.base_url + "/none.png": (422, "MEDIA_UNREACHABLE"),
        files.put("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"): (422, "MEDIA_UNSUPPORTED"),
        files.put("wide.png", logo(2001, 10)): (422, "MEDIA_UNSUPPORTED"),
        files.put("large.png", logo() + bytes(MAX_LOGO_BYTES)): (422, "MEDIA_UNREACHABLE"),
    }
    found = {}
    for url in wrong:
        refused = await links.owner.patch(path, json={"name": "Changed", "branding": {"logoUrl": url}})
        found[url] = (refused.status_code, refused.json()["error"]["code"])
        assert "branding.logoUrl" in refused.json()["error"]["message"], refused.text
    assert found == wrong
    project = (await links.owner.get(path)).json()
    assert (project["name"], project["branding"]) == ("Corner Bakery", None)


async def test_of_two_new_logos_one_stays(links: Links, files: FileHost) -> None:
    """Two changes at once store a logo each; the one that is replaced is removed, whichever comes first."""
    path = f"/v1/projects/{links.project_id}"
    urls = [files.put(f"{name}.png", logo(width)) for name, width in (("a", 40), ("b", 50))]
    pool = links.api.context.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM projects FOR UPDATE")
        changes = [asyncio.create_task(links.owner.patch(path, json={"branding": {"logoUrl": url}})) for url in urls]
        await until_waiting(pool, 2)
    assert [(await change).status_code for change in changes] == [200, 200]
    logos = links.api.context.settings.data_dir / "media" / "logos"
    assert len([path for path in logos.rglob("*") if path.is_file()]) == 1
