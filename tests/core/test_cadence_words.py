"""Plan words in German and English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnus.core.cadence import TWICE_A_MONTH
from turnus.core.cadence_words import Certainty, guess_cadence

CERTAIN = {
    "1y": (
        "jährlich, Jaehrlich, Jahresabo, p.a., annual, yearly, once a year, 12 Monate, "
        "12-monatig, zwölf Monate, zwoelf Monate, 1 Jahr"
    ),
    "2y": "zweijährlich, alle zwei Jahre, biennial, 24 months",
    "6m": (
        "halbjährlich, halb-jährlich, Halbjahr, semi-annual, half-yearly, "
        "every 6 months, 2x pro Jahr, zweimal im Jahr, twice a year, 1/2-jährlich"
    ),
    "3m": (
        "vierteljährlich, quartalsweise, Quartal, jedes Quartal, quarterly, per quarter, "
        "alle 3 Monate, viermal im Jahr, 1/4-jährlich, ¼-jährlich"
    ),
    "18m": "every 18 months, alle achtzehn Monate",
    "2m": "alle zwei Monate, zweimonatlich, every two months, jeden zweiten Monat",
    "1m": (
        "monatlich, Monatsabo, mtl., 99 EUR / Monat, monthly, every month, 1x monatlich, "
        "once a month, mthly"
    ),
    "2/m": (
        "zweimal monatlich, 2x monatlich, halbmonatlich, twice a month, twice monthly, "
        "semi-monthly, 24x im Jahr"
    ),
    "2w": (
        "14-täglich, 14-taegig, vierzehntäglich, zweiwöchentlich, alle zwei Wochen, "
        "fortnightly, every other week, every two weeks"
    ),
    "1w": "wöchentlich, woechentlich, weekly, jede Woche, einmal pro Woche, 7 Tage, wöch., wkly",
    "4w": "alle 28 Tage, every 4 weeks, 4-weekly, 4-wöchentlich",
    "1d": "täglich, daily",
}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (form, each)
        for form, many in CERTAIN.items()
        for each in many.split(", ")
    ],
)
def test_words_with_one_meaning(form: str, words: str) -> None:
    assert str(guess_cadence(f"Wartung ({words})").cadence) == form


@pytest.mark.parametrize(
    ("words", "forms"),
    [
        ("bimonthly", "2m 2/m"),
        ("bi-monthly", "2m 2/m"),
        ("zweimonatig", "2m 2/m"),
        ("2-monatig", "2m 2/m"),
        ("biweekly", "2w"),
        ("bi-annual", "6m 2y"),
        ("biannually", "6m 2y"),
        ("Laufzeit 12 Monate, Zahlung monatlich", "1y 1m"),
        ("einmalig + monatlich", "1m"),
    ],
)
def test_words_that_a_person_must_answer(words: str, forms: str) -> None:
    guess = guess_cadence(words)
    assert guess.certainty is Certainty.AMBIGUOUS
    assert guess.cadence is None
    assert [str(each) for each in guess.candidates] == forms.split()


@pytest.mark.parametrize(
    "words",
    [
        "einmalig",
        "Einmalzahlung",
        "one-time",
        "One-off",
        "once",
        "non-recurring",
        "einm.",
        "Projekt",
    ],
)
def test_words_for_a_single_purchase(words: str) -> None:
    assert guess_cadence(words).certainty is Certainty.ONE_OFF


@pytest.mark.parametrize(
    "words",
    [
        "",
        "Gold",
        "2024",
        "0 Monate",
        "0x pro Jahr",
        "5x monatlich",
        "7 times a year",
        "twice weekly",
        "Montag",
    ],
)
def test_words_that_name_no_cadence(words: str) -> None:
    assert guess_cadence(words).certainty is Certainty.NONE


@given(st.text(max_size=40))
def test_any_text_has_an_answer(words: str) -> None:
    guess = guess_cadence(words)
    assert bool(guess.candidates) == (
        guess.certainty in {Certainty.CERTAIN, Certainty.AMBIGUOUS}
    )


@pytest.mark.parametrize(
    "words", ["2 × monatlich", "2×monatlich", "2* monatlich", "2 x monatlich"]
)
def test_a_sign_for_times_is_read_as_one(words: str) -> None:
    assert guess_cadence(words).cadence == TWICE_A_MONTH
