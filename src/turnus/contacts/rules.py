"""What is true of every organization and person: names, and the columns that follow from them."""

from collections.abc import Mapping
from typing import Any

from turnus.core.fields import Value
from turnus.core.folding import fold_name
from turnus.core.naming import name_key
from turnus.fields.catalog import Catalog
from turnus.fields.values import folded_cells, put
from turnus.kit.errors import UserError


def derive_organization(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what follows from an organization's name and texts: the key of its name, and the folded columns."""
    return {
        "name_key": name_key(row["name"]),
        "name_folded": fold_name(row["name"]),
        "folded": folded_cells(row, ("address", "country")),
    }


def derive_person(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what follows from a person's name and texts: the key of the name, and the folded columns."""
    return {
        "name_key": name_key(row["name"]),
        "name_folded": fold_name(row["name"]),
        "folded": folded_cells(row, ("first_name", "last_name", "emails", "phones")),
    }


def settle(
    values: Mapping[str, Value | None], row: Mapping[str, Any], catalog: Catalog
) -> dict[str, Any]:
    """Return the columns that change when the fields of an organization or person get `values`; refuses a blank name.

    A person's name and its first and last name follow each other: whichever is given makes the other.
    """
    values = _with_name(values, row)
    columns: dict[str, Any] = {}
    for key, value in values.items():
        put(columns, catalog[key], value, row)
    if "name" in columns or not row.get("name"):
        columns["name"] = " ".join(str(columns.get("name") or "").split())
        if not columns["name"]:
            raise UserError("field.required", field="name")
    return columns


def _with_name(
    values: Mapping[str, Value | None], row: Mapping[str, Any]
) -> dict[str, Value | None]:
    given = dict(values)
    if {"first_name", "last_name"} & given.keys() and not given.get("name"):
        first = given.get("first_name", row.get("first_name")) or ""
        last = given.get("last_name", row.get("last_name")) or ""
        given["name"] = f"{first} {last}".strip() or row.get("name")
    return given
