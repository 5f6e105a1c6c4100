"""Email addresses and phone numbers with labels: read, shown, joined without duplicates."""

from collections.abc import Iterable, Mapping

from turnus.core.fields.errors import ParseError
from turnus.core.fields.letters import visible
from turnus.core.fields.notes import Notes
from turnus.core.fields.phones import BETWEEN, is_phone
from turnus.core.fields.values import ContactPoint
from turnus.core.folding import fold
from turnus.core.issues import IssueCode

#: What a contact point is for, in words: the first of each language is shown, all are understood.
#: As in files (pipedrive.md: Labels of fields) ("Telefon - Büro", "Email (Work)", "Email (Home)"),
#: and what people write beside them.
LABEL_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "work": {
        "en": ("Work", "Business", "Office"),
        "de": ("Arbeit", "Büro", "Geschäftlich", "Dienstlich", "Beruflich", "Firma"),
    },
    "home": {"en": ("Home", "Private", "Personal"), "de": ("Privat", "Zuhause")},
    "mobile": {"en": ("Mobile", "Cell"), "de": ("Mobil", "Handy", "Mobiltelefon")},
    "other": {"en": ("Other",), "de": ("Sonstige", "Sonstiges", "Andere", "Weitere")},
}
#: What a contact point is for if nobody says.
USUAL_LABEL = "work"
_LONGEST = 255
#: So many letters of several points one cell may hold.
_LONGEST_LIST = 4_000
_BY_WORD = {
    fold(word): label
    for label, words in LABEL_WORDS.items()
    for spoken in words.values()
    for word in (label, *spoken)
}


def label_name(label: str, language: str) -> str:
    """Return the word for a label in `language`, else in English; an unknown one is its own word.

    >>> label_name("home", "de"), label_name("yacht", "de")
    ('Privat', 'yacht')
    """
    if label not in LABEL_WORDS:
        return label
    words = LABEL_WORDS[label]
    return words.get(language, words["en"])[0]


def parse_points(
    text: str, *, label: str = USUAL_LABEL, is_email: bool
) -> tuple[ContactPoint, ...]:
    """Return the contact points in `text`, split by commas or semicolons, the primary one first.

    A label stands behind its value in brackets, in either language; `label` is what the others are
    for. Raises ParseError EMAIL_INVALID, PHONE_INVALID or TOO_LONG.

    >>> parse_points("a@b.de, c@d.de (privat)", is_email=True)
    (ContactPoint(value='a@b.de', label='work'), ContactPoint(value='c@d.de', label='home'))
    """
    notes = Notes()
    points = points_in(text, notes, label=label, is_email=is_email)
    if notes.found:
        raise ParseError(notes.found[0].code, **notes.found[0].params)
    return points or ()


def points_in(
    text: str, notes: Notes, *, label: str = USUAL_LABEL, is_email: bool
) -> tuple[ContactPoint, ...] | None:
    """Return the contact points in `text`, as `parse_points`; None if there is none.

    What no phone number can be is left out and noted: its digits may be lost, and it would tell two
    people apart, or make them one.
    """
    if len(text) > _LONGEST_LIST:
        raise ParseError(IssueCode.TOO_LONG, length=len(text), limit=_LONGEST_LIST)
    parts = (part.strip() for part in BETWEEN.split(visible(text)))
    points = [_point(part, label, is_email=is_email) for part in parts if part]
    if not is_email:
        for point in points:
            if not is_phone(point.value):
                notes.add(IssueCode.PHONE_INVALID, text=point.value)
        points = [point for point in points if is_phone(point.value)]
    return joined_points(points) or None


def show_points(points: Iterable[ContactPoint], language: str) -> str:
    """Return points as text that reads back as the same, without the usual label if possible."""
    return ", ".join(_shown(point, language) for point in points)


def joined_points(*groups: Iterable[ContactPoint]) -> tuple[ContactPoint, ...]:
    """Return the points of all groups in order, each value once, with its first label.

    Case and spaces do not matter.
    """
    known: dict[str, ContactPoint] = {}
    for group in groups:
        for point in group:
            known.setdefault(point_key(point.value), point)
    return tuple(known.values())


def point_key(value: str) -> str:
    """Return an address or number as it is compared."""
    return "".join(fold(value).split())


def _point(text: str, label: str, *, is_email: bool) -> ContactPoint:
    value, said = _split_label(text)
    if len(value) > _LONGEST:
        raise ParseError(IssueCode.TOO_LONG, length=len(value), limit=_LONGEST)
    if is_email and ("@" not in value[1:-1] or " " in value):
        raise ParseError(IssueCode.EMAIL_INVALID, text=value)
    return ContactPoint(value, said or label)


def _split_label(text: str) -> tuple[str, str]:
    """Return the value and the label in brackets behind it; other brackets are part of it."""
    value, found, rest = text.rpartition("(")
    label = _BY_WORD.get(fold(rest[:-1]), "") if found and rest.endswith(")") else ""
    return (value.strip(), label) if label and value.strip() else (text, "")


def _shown(point: ContactPoint, language: str) -> str:
    is_plain = point.label == USUAL_LABEL and not _split_label(point.value)[1]
    return (
        point.value
        if is_plain
        else f"{point.value} ({label_name(point.label, language)})"
    )
