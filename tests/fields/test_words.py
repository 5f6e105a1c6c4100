"""Words of fields in the languages that have a message catalog."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from django.conf import settings as configured
from django.utils.translation import pgettext_lazy

from turnus.core.fields import label_name
from turnus.core.records import RecordKind
from turnus.fields.builtin import BUILTIN
from turnus.fields.choices import STATUS_WORDS
from turnus.fields.field import RECORD_NAMES, Field, currency_names
from turnus.fields.words import Words

FRENCH = {"Deal": "Affaire", "Value": "Valeur", "Won": "Gagnée"}
TITLE, VALUE = BUILTIN[RecordKind.DEAL][:2]


@pytest.fixture
def with_french(settings: Any, tmp_path: Path) -> None:
    """A third language: a catalog, and a line in the settings."""
    catalog = Catalog("fr")
    for text, translated in FRENCH.items():
        catalog.add(text, translated, context="field")
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LANGUAGES = [*configured.LANGUAGES, ("fr", "Français")]
    settings.LOCALE_PATHS = [*configured.LOCALE_PATHS, tmp_path]


def test_names_and_headings_come_from_the_catalog_of_a_language() -> None:
    assert (VALUE.name("en"), VALUE.name("de")) == ("Value", "Wert")
    assert (VALUE.heading("en"), VALUE.heading("de")) == ("Deal - Value", "Deal - Wert")
    assert currency_names("Budget") == [
        "Currency of Budget",
        "Währung von Budget",
        "Budget - Currency",
        "Budget - Währung",
    ]


def test_a_language_without_a_catalog_is_called_in_english() -> None:
    assert VALUE.name("xx") == "Value"
    assert dict(Words(pgettext_lazy("field", "Owner"))) == {
        "en": "Owner",
        "de": "Besitzer",
    }


def test_labels_of_phones_are_called_in_english_in_a_further_language() -> None:
    assert [label_name("home", language) for language in ("de", "fr")] == [
        "Privat",
        "Home",
    ]


@pytest.mark.usefixtures("with_french")
def test_a_third_language_needs_a_catalog_and_no_code() -> None:
    field = Field(RecordKind.DEAL, "value", VALUE.kind, Words(FRESH["Value"]))
    assert Words(FRESH["Deal"])["fr"] == "Affaire"
    assert field.name("fr") == "Valeur"
    assert list(field.names.values()) == ["Value", "Wert", "Valeur"]
    assert TITLE.heading("fr") == f"{RECORD_NAMES[RecordKind.DEAL]['fr']} - Title"
    assert STATUS_WORDS["won"].all == ["Won", "Gewonnen", "Gagnée"]


#: Words of the test, which forget nothing that another test has looked up.
FRESH = {text: pgettext_lazy("field", text) for text in ("Deal", "Value")}
