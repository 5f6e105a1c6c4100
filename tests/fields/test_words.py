"""Words of fields in the languages that have a message catalog."""

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog as MessageCatalog
from babel.messages.mofile import write_mo
from django.conf import settings as configured
from django.utils.translation import pgettext_lazy

from turnus.core.fields import (
    ADDRESS_PARTS,
    LABEL_WORDS,
    CellRules,
    ContactPoint,
    FieldKind,
    reader_for,
    show,
)
from turnus.core.records import RecordKind
from turnus.fields.builtin import BUILTIN
from turnus.fields.catalog import Catalog
from turnus.fields.choices import STATUS_WORDS
from turnus.fields.field import RECORD_NAMES, Field, currency_names
from turnus.fields.part_words import (
    ADDRESS_PART_NAMES,
    LABEL_NAMES,
    PointLabels,
    label_name,
)
from turnus.fields.words import Words, notation_of
from turnus.imports.field_parts import part_names, target_name
from turnus.revenue.models import Plan
from turnus.revenue.plans.actions import add_ready_made_plans
from turnus.sales.actions_pipelines import first_pipeline

#: Context in the catalog -> text -> its translation.
FRENCH = {
    "field": {"Deal": "Affaire", "Value": "Valeur", "Won": "Gagnée"},
    "contact point": {"Home": "Domicile"},
    "address": {"Postal code": "Code postal"},
    "plan": {"Yearly": "Annuel"},
    "stage": {"Qualified": "Qualifiée"},
}
TITLE, VALUE = BUILTIN[RecordKind.DEAL][:2]


@pytest.fixture
def with_french(settings: Any, tmp_path: Path) -> None:
    """A third language: a catalog, and a line in the settings."""
    catalog = MessageCatalog("fr")
    for context, words in FRENCH.items():
        for text, translated in words.items():
            catalog.add(text, translated, context=context)
    folder = tmp_path / "fr" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalog)
    settings.LANGUAGES = [*configured.LANGUAGES, ("fr", "Français")]
    settings.LOCALE_PATHS = [*configured.LOCALE_PATHS, tmp_path]


def test_names_and_headings_come_from_the_catalog_of_a_language() -> None:
    assert (VALUE.name("en"), VALUE.name("de")) == ("Value", "Wert")
    assert (VALUE.heading("en"), VALUE.heading("de")) == (
        "Deal - Value",
        "Deal - Wert",
    )
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


def test_labels_of_phones_are_called_in_english_in_a_language_without_a_catalog() -> (
    None
):
    assert label_name("home", "de") == "Privat"
    assert label_name("home", "xx") == "Home"
    assert label_name("yacht", "de") == "yacht"


def test_what_the_labels_and_parts_are_called_is_read_as_well() -> None:
    for label, words in LABEL_NAMES.items():
        assert set(words.values()) <= set(LABEL_WORDS[label])
    for part, words in ADDRESS_PART_NAMES.items():
        for language, word in words.items():
            assert word in ADDRESS_PARTS[part][language]


@pytest.mark.usefixtures("with_french")
def test_a_third_language_needs_a_catalog_and_no_code() -> None:
    field = Field(RecordKind.DEAL, "value", VALUE.kind, Words(FRESH["Value"]))
    assert Words(FRESH["Deal"])["fr"] == "Affaire"
    assert field.name("fr") == "Valeur"
    assert list(field.names.values()) == ["Value", "Wert", "Valeur"]
    assert (
        TITLE.heading("fr") == f"{RECORD_NAMES[RecordKind.DEAL]['fr']} - Title"
    )
    assert STATUS_WORDS["won"].all == ["Won", "Gewonnen", "Gagnée"]


@pytest.mark.usefixtures("with_french")
def test_labels_of_phones_in_a_third_language_are_shown_and_read_back() -> (
    None
):
    notation = notation_of("fr")
    labels = PointLabels("fr")
    points = (ContactPoint("+33 1 23456789", "home"),)
    text = show(FieldKind.PHONES, points, notation=notation, choices=labels)
    assert notation.decimal_comma
    assert text == "+33 1 23456789 (Domicile)"
    rules = CellRules(notation, choices=labels)
    assert reader_for(FieldKind.PHONES, rules)(text) == points


@pytest.mark.usefixtures("with_french")
def test_parts_of_addresses_have_names_and_headings_in_a_third_language() -> (
    None
):
    names = dict.fromkeys(["en", "de", "fr"], "Livraison")
    key = f"custom.{'0' * 40}"
    field = Field(RecordKind.DEAL, key, FieldKind.ADDRESS, names, custom_id=1)
    deals = Catalog(RecordKind.DEAL, {key: field})
    assert (
        target_name(f"{key}#postal_code", deals, "fr")
        == "Livraison (Code postal)"
    )
    headings = part_names(key, field, "postal_code", prefixes=[])
    assert "Livraison (Code postal)" in headings
    assert "PLZ von Livraison" in headings


@pytest.mark.usefixtures("with_french")
@pytest.mark.django_db
def test_a_new_company_has_plans_and_stages_in_a_third_language() -> None:
    pipeline = first_pipeline(language="fr")
    add_ready_made_plans(language="fr")
    assert pipeline.stages.get(position=0).name == "Qualifiée"
    assert [plan.name for plan in Plan.objects.all()[:2]] == [
        "Annuel",
        "Half-yearly",
    ]


#: Words of the test, which forget nothing that another test has looked up.
FRESH = {text: pgettext_lazy("field", text) for text in ("Deal", "Value")}
