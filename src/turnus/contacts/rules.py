"""What is true of every organization and person: names, and the columns that follow from them."""

from typing import cast

from turnus.contacts.changes import ContactChanges
from turnus.core.folding import fold_name
from turnus.core.naming import name_key
from turnus.fields.catalog import Catalog
from turnus.fields.columns import FieldValues, StoredColumns
from turnus.fields.values import folded_cells, put
from turnus.history.tracked import StoredRow
from turnus.kit.errors import UserError

#: Columns that mean something together only: a name and its parts follow each other.
PERSON_GROUPS = (frozenset({"name", "first_name", "last_name"}),)
_ORGANIZATION_TEXTS = ("address", "country")
_PERSON_TEXTS = ("first_name", "last_name", "emails", "phones")


def derive_organization(row: StoredColumns) -> StoredRow:
    """Return what follows from an organization: the key of its name, the folded columns."""
    return _derived(row, _ORGANIZATION_TEXTS)


def derive_person(row: StoredColumns) -> StoredRow:
    """Return what follows from a person: the key of the name, the folded columns."""
    return _derived(row, _PERSON_TEXTS)


def _derived(row: StoredColumns, texts: tuple[str, ...]) -> StoredRow:
    name: str = row["name"]
    return {
        "name_key": name_key(name),
        "name_folded": fold_name(name),
        "folded": folded_cells(row, texts),
    }


def settle(
    values: FieldValues, row: StoredColumns, catalog: Catalog
) -> ContactChanges:
    """Return the columns that change when the fields of an organization or person get `values`.

    `row` is empty for a new one. A person's name and its first and last name follow each other:
    whichever is given makes the other. Refuses a blank name.
    """
    columns: StoredRow = {}
    for key, value in _with_name(values, row).items():
        put(columns, catalog[key], value, row)
    if "name" in columns or not row.get("name"):
        typed_name = str(columns.get("name") or "")
        columns["name"] = " ".join(typed_name.split())
        if not columns["name"]:
            raise UserError("field.required", field="name")
    return cast("ContactChanges", columns)


def _with_name(values: FieldValues, row: StoredColumns) -> FieldValues:
    """Return the values with the name that a first or last name makes, if no name is among them."""
    has_part = "first_name" in values or "last_name" in values
    if not has_part or values.get("name"):
        return values
    first_name = values.get("first_name", row.get("first_name")) or ""
    last_name = values.get("last_name", row.get("last_name")) or ""
    name = f"{first_name} {last_name}".strip() or row.get("name")
    return {**values, "name": name}
