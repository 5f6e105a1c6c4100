"""Cells of a list page as HTML.

They do not come from a template: for hundreds of cells, the template language takes most of
a page's time for them. What a cell shows is decided in `cells`; here is only its markup.
"""

from functools import lru_cache
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from turnus.web.lists.cells import DrawnCell
from turnus.web.templatetags.show import initials, tone

#: Columns that lead to the row's own page; links of the others look quieter.
_OWN_LINKS = frozenset({"title", "name"})
#: Looks of cells that hold their text and nothing else.
_PLAIN = frozenset({"", "number"})
_NOTHING = '<span class="t-cell__none">–</span>'


def cell_html(cell: DrawnCell) -> SafeString:
    """Return the table cell; cells.js adds a button where it can be changed."""
    look = f" t-cell--{cell.look}" if cell.look else ""
    return mark_safe(f'<td class="t-cell{look}">{_content(cell)}</td>')  # noqa: S308 (every value is escaped)


def _content(cell: DrawnCell) -> str:
    if cell.link:
        return _link(cell)
    if cell.labels:
        labels = "".join(_label(text, color) for text, color in cell.labels)
        return _in_line(labels)
    if not cell.text:
        return _NOTHING
    if cell.note or cell.look not in _PLAIN:
        return _in_line(_mark(cell) + _text(cell) + _note(cell))
    return escape(cell.text)


def _in_line(parts: str) -> str:
    return f'<div class="t-cell__in">{parts}</div>'


def _text(cell: DrawnCell) -> str:
    return f'<span class="t-cell__text">{escape(cell.text)}</span>'


def _note(cell: DrawnCell) -> str:
    return (
        f'<span class="t-cell__note">{escape(cell.note)}</span>'
        if cell.note
        else ""
    )


def _link(cell: DrawnCell) -> str:
    quiet = "" if cell.path in _OWN_LINKS else " t-cell__link--other"
    return f'<a class="t-cell__link{quiet}" href="{escape(cell.link)}">{escape(cell.text)}</a>'


def _label(text: str, color: str) -> str:
    return (
        f'<span class="t-label t-label--{escape(color)}">{escape(text)}</span>'
    )


def _mark(cell: DrawnCell) -> str:
    """Return what stands before the text: a stage's ring, a person's letters."""
    if cell.look == "stage":
        return _ring(cell.progress)
    if cell.look == "user":
        return _avatar(cell.text)
    return ""


@lru_cache
def _ring(progress: int) -> str:
    return render_to_string("parts/ring.html", {"progress": progress}).strip()


@lru_cache
def _avatar(name: str) -> str:
    letters = escape(initials(name))
    return f'<span class="t-avatar t-avatar--{tone(name)}" aria-hidden="true">{letters}</span>'
