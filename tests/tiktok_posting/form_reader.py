"""Reads the form of a page as a browser does: its fields, what is chosen, and what sending it would send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A checkbox."""

    is_ticked: bool
    is_disabled: bool


@dataclass(slots=True, kw_only=True)
class PageForm:
    """The fields of the first form of a page, and all text of the page."""

    values: dict[str, str] = field(default_factory=dict)
    boxes: dict[str, Box] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    invalid: set[str] = field(default_factory=set)
    is_there: bool = False
    text: str = ""
    html: str = ""

    @classmethod
    def of(cls, html: str) -> Self:
        """Read a page."""
        form = cls(html=html)
        _Reader(form).feed(html)
        form.text = " ".join(form.text.split())
        return form

    def filled(self, changes: Mapping[str, str]) -> dict[str, str]:
        """Return what the form sends with these changes; an empty value clears a field or unticks a box."""
        ticked = {name: "on" for name, box in self.boxes.items() if box.is_ticked and not box.is_disabled}
        sent = {**self.values, **ticked, "step": "post", **changes}
        return {name: value for name, value in sent.items() if value or name in self.values}


class _Reader(HTMLParser):
    def __init__(self, form: PageForm) -> None:
        super().__init__()
        self.form = form
        self.select: str | None = None
        self.area: str | None = None
        self.is_hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        name = values.get("name") or ""
        self.is_hidden = tag in ("style", "script")
        if "aria-invalid" in values:
            self.form.invalid.add(name)
        if tag == "form":
            self.form.is_there = True
        elif tag == "input" and values.get("type") == "checkbox" and name:
            self.form.boxes[name] = Box(is_ticked="checked" in values, is_disabled="disabled" in values)
        elif tag == "input" and values.get("type") != "checkbox":
            self.form.values[name] = values.get("value") or ""
        elif tag == "select":
            self.select = name
            self.form.values[name] = ""
            self.form.options[name] = []
        elif tag == "option" and self.select is not None:
            self.form.options[self.select].append(values.get("value") or "")
            if "selected" in values:
                self.form.values[self.select] = values.get("value") or ""
        elif tag == "textarea":
            self.area = name
            self.form.values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        self.is_hidden = False
        if tag == "textarea" and self.area is not None:
            self.form.values[self.area] = self.form.values[self.area].removeprefix("\n")
            self.area = None
        elif tag == "select":
            self.select = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.form.values[self.area] += data
        elif not self.is_hidden:
            self.form.text += f"{data} "
