"""Which custom fields, choices and labels there are: what a record can be given back."""

from dataclasses import dataclass

from turnus.core.fields import KINDS, FieldKind
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField, FieldOption, Label
from turnus.history.tracked import IsOffered

_CUSTOM = "custom."
_LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Offered:
    """The custom fields and labels of one kind of record, as they were when this was read."""

    #: Keys of all custom fields.
    keys: frozenset[str]
    #: Key of a field with choices -> their ids.
    options: dict[str, set[int]]
    labels: frozenset[int]

    @classmethod
    def load(cls, record: RecordKind) -> IsOffered:
        """Return whether a cell of a record of this kind may hold a value; three queries."""
        fields = CustomField.objects.filter(record_kind=str(record))
        kinds = dict(fields.values_list("key", "kind"))
        options: dict[str, set[int]] = {}
        for key, kind in kinds.items():
            if KINDS[FieldKind(kind)].has_options:
                options[key] = set()
        stored = FieldOption.objects.filter(field__key__in=options)
        for key, option_id in stored.values_list("field__key", "pk"):
            options[key].add(option_id)
        labels = Label.objects.filter(record_kind=str(record))
        label_ids = frozenset(labels.values_list("pk", flat=True))
        return cls(frozenset(kinds), options, label_ids).has

    def has(self, cell: str, value: object) -> bool:
        """Return whether everything that `value` names is there; an empty value names nothing."""
        if value is None:
            return True
        if cell == _LABELS:
            return self.labels.issuperset(_choices(value))
        if not cell.startswith(_CUSTOM):
            return True
        key, _underscore, _part = cell.removeprefix(_CUSTOM).partition("_")
        if key in self.options:
            return self.options[key].issuperset(_choices(value))
        return key in self.keys


def _choices(value: object) -> list[object]:
    """Return the choices that a cell holds: one, or several."""
    return value if isinstance(value, list) else [value]
