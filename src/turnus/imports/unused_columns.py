"""Columns that hold values and fill no field: which, with a sample, and why they stay out."""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from functools import lru_cache

from turnus.core.mapping import loose_key, without_unit
from turnus.core.records import RecordKind
from turnus.core.tables import Row
from turnus.fields.catalog import Catalog
from turnus.fields.field import Field, currency_names
from turnus.imports.files import sample_of
from turnus.imports.targets import prefixes_of, target_paths

_SAMPLE_LENGTH = 40


class Because(StrEnum):
    """Why a column with values stays out."""

    #: It holds what Turnus or the program that wrote the file computes.
    RULE = "rule"
    #: A person left it out.
    SAID = "said"
    #: Nobody said anything about it: the rows go in, the command names it and exits with 1.
    UNSAID = "unsaid"


#: What Pipedrive computes and writes into its exports, of all kinds of record.
_COMPUTED = (
    "Next activity date",
    "Datum nächste Aktivität",
    "Datum der nächsten Aktivität",
    "Last activity date",
    "Datum letzte Aktivität",
    "Datum der letzten Aktivität",
    "Total activities",
    "Gesamtzahl der Aktivitäten",
    "Aktivitäten gesamt",
    "Done activities",
    "Erledigte Aktivitäten",
    "Activities to do",
    "Zu erledigende Aktivitäten",
    "Email messages count",
    "Anzahl E-Mail-Nachrichten",
    "Anzahl der E-Mail-Nachrichten",
    "Last email received",
    "Letzte E-Mail erhalten",
    "Zuletzt erhaltene E-Mail",
    "Last email sent",
    "Letzte E-Mail gesendet",
    "Zuletzt gesendete E-Mail",
    "Product quantity",
    "Produktmenge",
    "Product amount",
    "Produktbetrag",
    "MRR",
    "ARR",
    "ACV",
    "Currency of MRR",
    "Currency of ARR",
    "Currency of ACV",
    "Währung von MRR",
    "Währung von ARR",
    "Währung von ACV",
    "Archive status",
    "Archivstatus",
    "Archivierungsstatus",
    "Won deals",
    "Gewonnene Deals",
    "Lost deals",
    "Verlorene Deals",
    "Open deals",
    "Offene Deals",
    "Closed deals",
    "Geschlossene Deals",
    "Abgeschlossene Deals",
    "Total deals",
    "Deals gesamt",
    "People count",
    "People",
    "Anzahl Personen",
    "Anzahl der Personen",
)
#: Numbers of a row's contacts, which are found by name.
_CONTACT_IDS = (
    "Organization ID",
    "Organisation ID",
    "Organisations-ID",
    "Contact person ID",
    "Kontaktperson ID",
    "Kontaktperson-ID",
    "Person ID",
    "Person-ID",
)
#: The column that the file of problem rows adds.
_OWN = ("Problem",)


class ColumnWatch:
    """Looks, while the rows go by, for the first value of each column that fills no field."""

    def __init__(
        self,
        headings: Sequence[str],
        columns: Sequence[str | None],
        *,
        read_beside: Collection[int],
    ) -> None:
        self.headings = headings
        self.waiting = [
            index
            for index, path in enumerate(columns)
            if path is None and index not in read_beside
        ]
        #: Column -> its first value as text.
        self.samples: dict[int, str] = {}

    def see(self, rows: Sequence[Row]) -> None:
        """Look through a block of rows; a column costs nothing after its first value."""
        for index in list(self.waiting):
            sample = next(_texts(rows, index), None)
            if sample is not None:
                self.samples[index] = sample
                self.waiting.remove(index)

    def found(
        self, fields: Catalog, ignored: Collection[str]
    ) -> list[dict[str, str]]:
        """Return the columns with values as they are stored: heading, sample, because."""
        by_rule = _left_out_by_rule(fields)
        return [
            {
                "heading": self.headings[index],
                "sample": self.samples[index],
                "because": str(
                    _because(self.headings[index], by_rule, ignored)
                ),
            }
            for index in sorted(self.samples)
        ]


def _because(
    heading: str, by_rule: Collection[str], ignored: Collection[str]
) -> Because:
    name, _unit = without_unit(heading)
    if loose_key(name) in by_rule:
        return Because.RULE
    return Because.SAID if heading in ignored else Because.UNSAID


def _texts(rows: Sequence[Row], index: int) -> Iterator[str]:
    for row in rows:
        cell = row.cells[index]
        if cell is None or cell == "":
            continue
        text = sample_of(cell).strip()
        if text:
            yield text[:_SAMPLE_LENGTH]


def _left_out_by_rule(fields: Catalog) -> frozenset[str]:
    """Return the headings (`loose_key`) of columns that a program computes."""
    importable = set(target_paths(fields))
    headings: list[str] = []
    for path, field in fields.by_path.items():
        if path not in importable:
            headings += _headings_of(field, fields.record)
    return _fixed_headings() | frozenset(map(loose_key, headings))


@lru_cache(maxsize=1)
def _fixed_headings() -> frozenset[str]:
    words = [*_COMPUTED, *_CONTACT_IDS]
    headings = [*words, *_OWN]
    for kind in RecordKind:
        for prefix in prefixes_of(kind):
            headings += [f"{prefix} - {word}" for word in words]
    return frozenset(map(loose_key, headings))


def _headings_of(field: Field, record: RecordKind) -> Iterator[str]:
    """Yield the headings of a field that no file fills: prefixed and, of own fields, bare."""
    yield from field.headings.values()
    if field.headings:
        # Owners and stages are called by their whole heading only.
        return
    names = [*field.names.values(), *field.aliases]
    words = list(names)
    for name in names:
        words += currency_names(name)
    for word in words:
        for prefix in prefixes_of(field.record):
            yield f"{prefix} - {word}"
        if field.record is record:
            yield word
