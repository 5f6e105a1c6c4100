"""What the parts of fields are called: labels of emails and phones, parts of addresses."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from turnus.core.fields.addresses import FULL
from turnus.core.folding import fold
from turnus.fields.words import Words

LABEL_NAMES: Mapping[str, Words] = {
    "work": Words(pgettext_lazy("contact point", "Work")),
    "home": Words(pgettext_lazy("contact point", "Home")),
    "mobile": Words(pgettext_lazy("contact point", "Mobile")),
    "other": Words(pgettext_lazy("contact point", "Other")),
}
ADDRESS_PART_NAMES: Mapping[str, Words] = {
    FULL: Words(pgettext_lazy("address", "Full address")),
    "apartment": Words(pgettext_lazy("address", "Apartment")),
    "house_number": Words(pgettext_lazy("address", "House number")),
    "street": Words(pgettext_lazy("address", "Street")),
    "district": Words(pgettext_lazy("address", "District")),
    "city": Words(pgettext_lazy("address", "City")),
    "state": Words(pgettext_lazy("address", "State")),
    "region": Words(pgettext_lazy("address", "Region")),
    "country": Words(pgettext_lazy("address", "Country")),
    "postal_code": Words(pgettext_lazy("address", "Postal code")),
}


def label_name(label: str, language: str) -> str:
    """Return the word for the label of a contact point; an unknown label is its own word."""
    words = LABEL_NAMES.get(label)
    if words is None:
        return label
    return words.get(language) or words["en"]


@dataclass(frozen=True, slots=True)
class PointLabels:
    """The labels of contact points as choices: found in every language, shown in one."""

    language: str = "en"

    def find(self, word: str) -> str | None:
        """Return the label that people call `word`; None if nobody does."""
        key = fold(word)
        for label, words in LABEL_NAMES.items():
            if key in {fold(name) for name in words.values()}:
                return label
        return None

    def name(self, stored: int | str) -> str:
        """Return the word for a label."""
        return label_name(str(stored), self.language)
