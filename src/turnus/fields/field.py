"""What a field is: how it is named, read, stored, filtered, imported and exported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypedDict, Unpack

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from turnus.core.fields import KINDS, FieldKind
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.words import Words

#: How each kind of record is called in headings, by language: `Deal - Value`, `Organization -
#: Name`.
RECORD_NAMES: Mapping[RecordKind, Mapping[str, str]] = {
    RecordKind.DEAL: Words(pgettext_lazy("field", "Deal")),
    RecordKind.PERSON: Words(pgettext_lazy("field", "Person")),
    RecordKind.ORGANIZATION: Words(pgettext_lazy("field", "Organization")),
    RecordKind.SUBSCRIPTION: Words(pgettext_lazy("field", "Subscription")),
}
#: How files call the currency of an amount, by language.
CURRENCY_WORD = Words(pgettext_lazy("field", "Currency"))
_CURRENCY_OF = Words(pgettext_lazy("field", "Currency of {name}"))


#: How many years ahead a year of two digits may lie, where a field's days may lie ahead at all.
YEARS_AHEAD = 20
#: A subscription is agreed upon before it starts, but not long before.
_YEARS_AHEAD_OF_START = 2
#: Days of custom fields that have happened, by what people call them.
_PAST_WORDS = (
    "geburt",
    "birth",
    "born",
    "gegrundet",
    "gegruendet",
    "grundung",
    "gruendung",
    "founded",
)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of one kind of record, built-in or custom.

    `key` is the stable word used in filters, columns, URLs and mappings; a custom field's is
    `custom.<40 digits>`. `column` is the database column of a built-in one (empty where the value
    is computed from others). `names` and `headings` are by language; `aliases` are further headings
    that an import detects.
    """

    record: RecordKind
    key: str
    kind: FieldKind
    names: Mapping[str, str]
    column: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    is_editable: bool = True
    is_importable: bool = True
    is_required: bool = False
    is_sortable: bool = True
    is_filterable: bool = True
    is_listed: bool = True
    custom_id: int | None = None

    @property
    def is_custom(self) -> bool:
        """Whether the company added the field."""
        return self.custom_id is not None

    @property
    def years_ahead(self) -> int:
        """How many years ahead a day may lie whose year has two digits; 0 for what has happened."""
        if KINDS[self.kind].is_past or self._is_called_past:
            return 0
        return (
            _YEARS_AHEAD_OF_START if self.key == "started_on" else YEARS_AHEAD
        )

    @property
    def _is_called_past(self) -> bool:
        """Whether the company's own name for the field says that its days have happened."""
        if not self.is_custom:
            return False
        for name in self.names.values():
            folded_name = fold(name)
            if any(word in folded_name for word in _PAST_WORDS):
                return True
        return False

    @property
    def storage_key(self) -> str:
        """The key inside the `custom` column; only for custom fields."""
        return self.key.removeprefix("custom.")

    def name(self, language: str) -> str:
        """Return the field's name in `language`; a custom field has one name in all."""
        return self.names.get(language) or self.names["en"]

    def heading(self, language: str) -> str:
        """Return the heading of the field's column in a file, e.g. `Deal - Won time`."""
        own_heading = self.headings.get(language)
        if own_heading:
            return own_heading
        record_name = RECORD_NAMES[self.record][language]
        return f"{record_name} - {self.name(language)}"

    def currency_heading(self, language: str) -> str:
        """Return the heading of the currency beside an amount: `Deal - Currency of Budget`."""
        record_name = RECORD_NAMES[self.record][language]
        currency_of_it = _CURRENCY_OF[language].format(
            name=self.name(language)
        )
        return f"{record_name} - {currency_of_it}"


def currency_names(name: str) -> list[str]:
    """Return what files call the column with the currency of the amount `name`.

    The wording is "Currency of Value" (pipedrive.md: Labels of fields), and what people write.
    """
    sentences = [
        sentence.format(name=name) for sentence in _CURRENCY_OF.values()
    ]
    words = [f"{name} - {word}" for word in CURRENCY_WORD.values()]
    return [*sentences, *words]


class Flags(TypedDict, total=False):
    """What a built-in field differs in from most fields."""

    is_editable: bool
    is_importable: bool
    is_required: bool
    is_sortable: bool
    is_filterable: bool
    is_listed: bool


class SystemFlags(TypedDict):
    """The flags of fields that the product keeps itself."""

    is_editable: bool
    is_importable: bool


def built_in(
    record: RecordKind,
    key: str,
    kind: FieldKind,
    name: Promise,
    /,
    *aliases: str,
    column: str = "",
    has_column: bool = True,
    **flags: Unpack[Flags],
) -> Field:
    """Return a built-in field; without a `column` of its own name it has that of its key."""
    return Field(
        record,
        key,
        kind,
        Words(name),
        column=(column or key) if has_column else "",
        aliases=aliases,
        **flags,
    )


#: Flags of fields that the product keeps itself.
SYSTEM: SystemFlags = {"is_editable": False, "is_importable": False}
#: Columns of files only: what a row is, and days as people write them.
FILE_ONLY: Flags = {
    "is_editable": False,
    "is_sortable": False,
    "is_filterable": False,
    "is_listed": False,
}
