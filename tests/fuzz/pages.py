"""What a page lets somebody send: its forms with all their fields, and its links."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

Fields = list[tuple[str, str]]


@dataclass
class Form:
    """A form as a browser would send it: where to, how, and what it holds."""

    action: str
    method: str
    fields: Fields = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    #: Submit buttons with a name: each is another way to send the form.
    buttons: Fields = field(default_factory=list)


@dataclass
class Page(HTMLParser):
    """Reads one page, found at `address`."""

    address: str
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str] | None = None
        self._options: list[tuple[str, bool]] = []
        self._text: tuple[Form, str] | None = None

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        given = {name: value or "" for name, value in attrs}
        self._note_links(given)
        if tag == "form":
            self._open = self._form(given)
        elif tag == "option" and self._select:
            self._options.append((given.get("value", ""), "selected" in given))
        elif given.get("name") and (form := self._form_of(given)) is not None:
            self._note_field(tag, given, form)

    def handle_data(self, data: str) -> None:
        if self._text:
            form, name = self._text
            form.fields.append((name, data))
            self._text = None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea" and self._text:
            self.handle_data("")
        elif tag == "select" and self._select:
            form, name = self._select
            chosen = [value for value, is_chosen in self._options if is_chosen]
            form.fields += [
                (name, value)
                for value in chosen
                or [value for value, _ in self._options[:1]]
            ]
            self._select = None

    def _note_links(self, given: dict[str, str]) -> None:
        for name in ("href", "hx-get"):
            if given.get(name):
                self.links.append(urljoin(self.address, given[name]))
        if given.get("hx-post") and self._open is None:
            self.forms.append(
                Form(urljoin(self.address, given["hx-post"]), "POST")
            )

    def _form(self, given: dict[str, str]) -> Form:
        action = given.get("action") or given.get("hx-post") or ""
        is_post = (
            given.get("method", "").upper() == "POST" or "hx-post" in given
        )
        form = Form(
            urljoin(self.address, action) if action else self.address,
            "POST" if is_post else "GET",
        )
        self.forms.append(form)
        if given.get("id"):
            self._by_id[given["id"]] = form
        return form

    def _form_of(self, given: dict[str, str]) -> Form | None:
        # A field may stand before its form: then there is no form of that id yet, and the next page
        # has it.
        return (
            self._by_id.get(given["form"]) if given.get("form") else self._open
        )

    def _note_field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, kind = given["name"], given.get("type", "text")
        if tag == "button" or kind == "submit":
            form.buttons.append((name, given.get("value", "")))
        elif tag == "select":
            self._select, self._options = (form, name), []
        elif tag == "textarea":
            self._text = (form, name)
        elif kind == "file":
            form.files.append(name)
        elif (
            kind not in {"checkbox", "radio"}
            or "checked" in given
            or name not in dict(form.fields)
        ):
            form.fields.append(
                (name, given.get("value", "on" if kind == "checkbox" else ""))
            )


def read(address: str, html: str) -> Page:
    """Return what the page at `address` lets somebody send."""
    page = Page(address)
    page.feed(html)
    return page


def own_links(page: Page) -> Iterator[tuple[str, Fields]]:
    """Yield the addresses of ours that the page leads to: path and parameters."""
    for link in page.links:
        parts = urlsplit(link)
        if not parts.netloc and not parts.path.startswith("/static/"):
            yield parts.path, parse_qsl(parts.query, keep_blank_values=True)
