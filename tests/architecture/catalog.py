"""Texts of the product as gettext sees them: in Python, in templates, in the German catalog."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.architecture.source import PACKAGE, modules, name_of, templates

#: What marks a text, as `make messages` knows it.
_KEYWORDS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}


def german() -> Catalog:
    """Return the German catalog."""
    return read_po(
        BytesIO(
            (
                PACKAGE / "locale" / "de" / "LC_MESSAGES" / "django.po"
            ).read_bytes()
        ),
        locale="de",
    )


def texts() -> Iterator[tuple[str, str]]:
    """Yield every text that is marked for translation (of a plural, its singular) with its file."""
    for path in modules():
        yield from _marked(path, path.read_text(encoding="utf-8"))
    for path in templates():
        # Django's own way: a template becomes Python in which only the marked texts are left. Its
        # lines are indented as HTML is, which Python would not take.
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        yield from _marked(
            path, "\n".join(line.lstrip() for line in source.splitlines())
        )


def _marked(path: Path, source: str) -> Iterator[tuple[str, str]]:
    for _line, function, message, _comments in extract_python(
        BytesIO(source.encode()), _KEYWORDS, (), {}
    ):
        parts = message if isinstance(message, tuple) else (message,)
        text = parts[1] if function.startswith("pgettext") else parts[0]
        if text:
            yield text, name_of(path)


def translations(message: Message) -> tuple[str, ...]:
    """Return what a message is in German: one text, or one for each plural form."""
    return (
        (message.string,)
        if isinstance(message.string, str)
        else tuple(message.string)
    )


def originals(message: Message) -> tuple[str, ...]:
    """Return a message as it stands in the source: one text, or singular and plural."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)
