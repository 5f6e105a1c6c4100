"""Email addresses and phone numbers with labels: read, shown, joined without duplicates."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from turnus.core.fields.errors import ParseError
from turnus.core.fields.known_words import Choices
from turnus.core.fields.letters import visible
from turnus.core.fields.notes import Notes
from turnus.core.fields.phones import BETWEEN, is_phone
from turnus.core.fields.values import ContactPoint
from turnus.core.folding import fold
from turnus.core.issues import IssueCode

#: Words that files have for the labels of contact points (pipedrive.md: Labels of fields), such as
#: "Telefon - Büro" and "Email (Work)", and what people write beside them. They are read, not shown.
LABEL_WORDS: Mapping[str, tuple[str, ...]] = {
    "work": (
        "Work",
        "Business",
        "Office",
        "Arbeit",
        "Büro",
        "Geschäftlich",
        "Dienstlich",
        "Beruflich",
        "Firma",
    ),
    "home": ("Home", "Private", "Personal", "Privat", "Zuhause"),
    "mobile": ("Mobile", "Cell", "Mobil", "Handy", "Mobiltelefon"),
    "other": ("Other", "Sonstige", "Sonstiges", "Andere", "Weitere"),
}
#: What a contact point is for if nobody says.
USUAL_LABEL = "work"
_LONGEST = 255
#: So many letters of several points one cell may hold.
_LONGEST_LIST = 4_000
_BY_WORD = {
    fold(word): label
    for label, words in LABEL_WORDS.items()
    for word in (label, *words)
}


class _LabeledText(NamedTuple):
    value: str
    #: Empty if the text has none.
    label: str


def parse_points(
    text: str, *, label: str = USUAL_LABEL, is_email: bool
) -> tuple[ContactPoint, ...]:
    """Return the contact points in `text`, split by commas or semicolons, the primary one first.

    A label stands behind its value in brackets; `label` is what the others are for.
    Raises ParseError EMAIL_INVALID, PHONE_INVALID or TOO_LONG.

    >>> parse_points("a@b.de, c@d.de (privat)", is_email=True)
    (ContactPoint(value='a@b.de', label='work'), ContactPoint(value='c@d.de', label='home'))
    """
    notes = Notes()
    points = points_in(text, notes, label=label, is_email=is_email)
    if notes.found:
        raise ParseError(notes.found[0].code, **notes.found[0].params)
    return points or ()


def points_in(
    text: str,
    notes: Notes,
    *,
    label: str = USUAL_LABEL,
    is_email: bool,
    labels: Choices | None = None,
) -> tuple[ContactPoint, ...] | None:
    """Return the contact points in `text`, as `parse_points`; None if there is none.

    `labels` knows further words for labels. What no phone number can be is skipped and noted: its
    digits may be lost, and it would tell two people apart, or make them one.
    """
    if len(text) > _LONGEST_LIST:
        raise ParseError(
            IssueCode.TOO_LONG, length=len(text), limit=_LONGEST_LIST
        )
    points: list[ContactPoint] = []
    for part in BETWEEN.split(visible(text)):
        point_text = part.strip()
        if not point_text:
            continue
        labeled = _labeled(point_text, labels)
        point = ContactPoint(labeled.value, labeled.label or label)
        _check_length(point)
        if is_email:
            _check_email(point)
        elif not is_phone(point.value):
            notes.add(IssueCode.PHONE_INVALID, text=point.value)
            continue
        points.append(point)
    return joined_points(points) or None


def show_points(points: Iterable[ContactPoint], labels: Choices | None) -> str:
    """Return points as text that reads back as the same, without the usual label if possible.

    Without `labels` a label is its own word.
    """
    return ", ".join(_shown(point, labels) for point in points)


def joined_points(*groups: Iterable[ContactPoint]) -> tuple[ContactPoint, ...]:
    """Return the points of all groups in order, each value once, with its first label.

    Case and spaces do not matter.
    """
    by_key: dict[str, ContactPoint] = {}
    for group in groups:
        for point in group:
            by_key.setdefault(point_key(point.value), point)
    return tuple(by_key.values())


def point_key(value: str) -> str:
    """Return an address or number as it is compared."""
    return "".join(fold(value).split())


def _check_length(point: ContactPoint) -> None:
    length = len(point.value)
    if length > _LONGEST:
        raise ParseError(IssueCode.TOO_LONG, length=length, limit=_LONGEST)


def _check_email(point: ContactPoint) -> None:
    has_sign_inside = "@" in point.value[1:-1]
    if not has_sign_inside or " " in point.value:
        raise ParseError(IssueCode.EMAIL_INVALID, text=point.value)


def _labeled(text: str, labels: Choices | None) -> _LabeledText:
    """Return a text and the label in brackets behind it; other brackets are part of the text."""
    if not text.endswith(")"):
        return _LabeledText(text, "")
    before, bracket, rest = text.rpartition("(")
    value = before.strip()
    if not bracket or not value:
        return _LabeledText(text, "")
    label = _label_called(rest[:-1], labels)
    return _LabeledText(value, label) if label else _LabeledText(text, "")


def _label_called(word: str, labels: Choices | None) -> str:
    label = _BY_WORD.get(fold(word), "")
    if label or labels is None:
        return label
    return str(labels.find(word) or "")


def _shown(point: ContactPoint, labels: Choices | None) -> str:
    looks_labeled = bool(_labeled(point.value, labels).label)
    if point.label == USUAL_LABEL and not looks_labeled:
        return point.value
    word = labels.name(point.label) if labels else point.label
    return f"{point.value} ({word})"
