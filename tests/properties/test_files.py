"""Law: every export re-imports to no change, whatever stands in the records, in both languages and formats."""

from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.files import custom_fields, export, few, taken_back, texts
from tests.test_imports import checked, codes
from tests.world import World
from turnus.core.fields import Address, ContactPoint, DateSpan, FieldKind, TimeSpan
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import save_label
from turnus.fields.catalogue import catalogue
from turnus.imports.models import Import
from turnus.imports.plan import Verdict, unpack
from turnus.imports.targets import target_paths

K = FieldKind
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
times = st.times().map(lambda at: at.replace(microsecond=0))
amounts = st.decimals(-(10**9), 10**9, places=2)
VALUES: dict[FieldKind, st.SearchStrategy[Any]] = {
    **dict.fromkeys((K.TEXT, K.LARGE_TEXT, K.AUTOCOMPLETE), texts),
    K.PHONE: st.sampled_from(["+49 40 1", "040/12", "0401"]),
    K.NUMBER: st.decimals(-(10**9), 10**9, places=3).map(lambda one: one.normalize() + 0),
    K.MONEY: st.builds(Money.of, amounts, st.just("EUR")),
    K.DATE: days,
    K.DATE_RANGE: st.tuples(days, days).map(lambda pair: DateSpan(min(pair), max(pair))),
    K.TIME: times.map(lambda at: time(at.hour, at.minute, at.second)),
    K.TIME_RANGE: st.builds(TimeSpan, times, times),
    K.ADDRESS: texts.map(Address),
}
formats = pytest.mark.parametrize("ending", ["xlsx", "csv"])
languages = pytest.mark.parametrize("language", ["de", "en"])


def own_paths(kind: RecordKind) -> tuple[str, ...]:
    """Return the fields that a file of records of this kind can bring; without those of their contacts."""
    return tuple(path for path in target_paths(catalogue(kind)) if "." not in path or path.startswith("custom."))


def unlike(of: Import) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a checked file that would change something."""
    rows = [row for block in of.blocks.all() for row in unpack(block.rows)]
    return [(str(row.verdict), row.changes) for row in rows if row.verdict is not Verdict.SAME]


@formats
@languages
def test_an_export_of_deals_re_imports_to_no_change(world: World, tmp_path: Path, language: str, ending: str) -> None:
    custom = custom_fields(world)
    organisation, person = world.organisation().pk, world.person().pk
    label = save_label(by=world.admin, record=RecordKind.DEAL, name="Heiß, sehr", colour="red").pk
    deals = st.fixed_dictionaries(
        {"title": texts, "value": VALUES[K.MONEY], "status": st.sampled_from(["open", "lost"]), "expected_close_on": days},
        optional={"won": st.just(True), "labels": st.just((label,)), "lost_reason": texts, "person": st.just(person),
                  "probability": st.integers(0, 100), "channel": texts, "visibility": st.sampled_from(["owner", "team"]),
                  **{path: VALUES[kind] for kind, path in custom.items() if kind in VALUES}},
    )  # fmt: skip

    @few
    @given(st.lists(deals, min_size=1, max_size=3))
    def law(given: list[dict[str, Any]]) -> None:
        def body() -> None:
            for values in given:
                won = {"status": "won", "won_at": datetime(2018, 10, 1, 9, 30)} if values.pop("won", False) else {}
                if won or values["status"] == "open":
                    values.pop("lost_reason", None)
                world.deal(organisation=organisation, **{**values, **won})
            path = export(world, RecordKind.DEAL, own_paths(RecordKind.DEAL), tmp_path / f"deals.{ending}", language)
            of = checked(world, path, answers={"existing": {"do": "update"}})
            assert (unlike(of), codes(of)) == ([], [])

        taken_back(body)

    law()


@formats
@languages
@pytest.mark.parametrize("kind", [RecordKind.PERSON, RecordKind.ORGANISATION])
def test_an_export_of_contacts_re_imports_to_no_change(
    world: World, tmp_path: Path, kind: RecordKind, language: str, ending: str
) -> None:
    contacts: dict[RecordKind, st.SearchStrategy[Any]] = {
        RecordKind.ORGANISATION: st.fixed_dictionaries({"name": texts}, optional={"address": texts}),
        RecordKind.PERSON: st.fixed_dictionaries(
            {"name": texts}, optional={"emails": st.just((ContactPoint("a@b.de"), ContactPoint("c@d.de")))}
        ),
    }

    @few
    @given(st.lists(contacts[kind], min_size=1, max_size=3))
    def law(given: list[dict[str, Any]]) -> None:
        def body() -> None:
            for values in given:
                (world.person if kind is RecordKind.PERSON else world.organisation)(**values)
            path = export(world, kind, own_paths(kind), tmp_path / f"contacts.{ending}", language)
            of = checked(world, path, kind=kind)
            assert (unlike(of), codes(of)) == ([], [])

        taken_back(body)

    law()
