"""Addresses in parts: what the parts are called in files, and the text that they make together."""

from collections.abc import Mapping

#: The whole address as one text, beside its parts.
FULL = "full"
#: The parts of an address with the words of files for them; the first of each language is shown.
#: English: (pipedrive.md: Labels of fields). Pipedrive's German words are not known; these are the
#: usual ones, and only taken together with the field's own name ("PLZ von Lieferadresse"), so that
#: they cannot catch a column that means something else.
ADDRESS_PARTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    FULL: {
        "en": ("Full address", "Full/combined address", "Combined address"),
        "de": (
            "Vollständige Adresse",
            "Gesamte Adresse",
            "Vollständige/kombinierte Adresse",
        ),
    },
    "apartment": {
        "en": ("Apartment", "Apartment/suite no", "Suite no"),
        "de": ("Wohnung", "Wohnungsnummer", "Adresszusatz"),
    },
    "house_number": {"en": ("House number",), "de": ("Hausnummer",)},
    "street": {
        "en": ("Street", "Street/road name", "Road name"),
        "de": ("Straße", "Straßenname"),
    },
    "district": {
        "en": ("District", "District/sublocality", "Sublocality"),
        "de": ("Stadtteil", "Ortsteil", "Bezirk"),
    },
    "city": {
        "en": (
            "City",
            "City/town/village/locality",
            "Town",
            "Village",
            "Locality",
        ),
        "de": ("Ort", "Stadt", "Wohnort"),
    },
    "state": {
        "en": ("State", "State/county", "County"),
        "de": ("Bundesland", "Kanton"),
    },
    "region": {"en": ("Region",), "de": ("Region",)},
    "country": {"en": ("Country",), "de": ("Land", "Staat")},
    "postal_code": {
        "en": ("Postal code", "ZIP/Postal code", "ZIP", "ZIP code"),
        "de": ("PLZ", "Postleitzahl"),
    },
}
#: Lines of an address as they are written in most of Europe; the parts of one line stand side by
#: side.
_LINES = (
    ("street", "house_number", "apartment"),
    ("district",),
    ("postal_code", "city"),
    ("state",),
    ("region",),
    ("country",),
)


def composed(parts: Mapping[str, str]) -> str:
    """Return the one-line text of an address that is known by its parts.

    >>> street = {"street": "Elbchaussee", "house_number": "1"}
    >>> composed({**street, "postal_code": "22765", "city": "Hamburg"})
    'Elbchaussee 1, 22765 Hamburg'
    """
    lines = []
    for names in _LINES:
        present = [parts[name] for name in names if parts.get(name)]
        if present:
            lines.append(" ".join(present))
    return ", ".join(lines)
