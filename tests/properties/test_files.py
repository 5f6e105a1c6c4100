"""Law: every export re-imports to no change, whatever the records hold, in all formats."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.imports.test_imports import checked, codes
from tests.properties.files import (
    custom_fields,
    export,
    few,
    taken_back,
    texts,
)
from tests.world import World
from turnus.accounts.queries import company
from turnus.contacts.models import Organization, Person
from turnus.core.cadence import TWICE_A_MONTH, YEARLY
from turnus.core.calendar import moment_at
from turnus.core.fields import (
    Address,
    ContactPoint,
    DateSpan,
    FieldKind,
    TimeSpan,
)
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import save_label
from turnus.fields.catalog import catalog
from turnus.imports.models import Import
from turnus.imports.plan import Verdict
from turnus.imports.plan_storage import unpack
from turnus.imports.targets import target_paths
from turnus.sales.models import Deal

K = FieldKind
days = st.dates(date(1990, 1, 1), date(2099, 12, 31))
times = st.times().map(lambda at: at.replace(microsecond=0))
amounts = st.decimals(-(10**9), 10**9, places=2)
VALUES: dict[FieldKind, st.SearchStrategy[Any]] = {
    **dict.fromkeys((K.TEXT, K.LARGE_TEXT, K.AUTOCOMPLETE), texts),
    K.PHONE: st.sampled_from(["+49 40 1", "040/12", "0401"]),
    K.NUMBER: st.decimals(-(10**9), 10**9, places=3).map(
        lambda one: one.normalize() + 0
    ),
    K.MONEY: st.builds(Money.of, amounts, st.just("EUR")),
    K.DATE: days,
    K.DATE_RANGE: st.tuples(days, days).map(
        lambda pair: DateSpan(min(pair), max(pair))
    ),
    K.TIME: times.map(lambda at: time(at.hour, at.minute, at.second)),
    K.TIME_RANGE: st.builds(TimeSpan, times, times),
    K.ADDRESS: texts.map(Address),
}
#: Microseconds are those of stamps from before stamps were whole seconds.
moments = st.one_of(
    st.datetimes(datetime(2001, 1, 1), datetime(2018, 11, 13)),
    st.dates(date(2001, 1, 1), date(2018, 11, 13)).map(
        lambda day: datetime.combine(day, time())
    ),
)
PHONES = (
    ContactPoint("+49 170 1234567"),
    ContactPoint("+1 (030) 12/34-5.6"),
    ContactPoint("'0170 123"),
    ContactPoint("-0170 55"),
)
formats = pytest.mark.parametrize("ending", ["xlsx", "csv"])
languages = pytest.mark.parametrize("language", ["de", "en"])


def own_paths(kind: RecordKind) -> tuple[str, ...]:
    """Return the fields that a file of records of this kind can bring, without contacts' fields."""
    return tuple(
        path
        for path in target_paths(catalog(kind))
        if "." not in path or path.startswith("custom.")
    )


def age() -> None:
    """Let everything have been added at a moment that no file shows to the microsecond."""
    for model in (Deal, Person, Organization):
        model.objects.update(
            created_at=datetime(2017, 3, 31, 22, 0, 0, 250, tzinfo=UTC)
        )


def unlike(of: Import) -> list[tuple[str, dict[str, Any]]]:
    """Return the rows of a checked file that would change something."""
    rows = [row for block in of.blocks.all() for row in unpack(block.rows)]
    return [
        (str(row.verdict), row.changes)
        for row in rows
        if row.verdict is not Verdict.SAME
    ]


@formats
@languages
def test_an_export_of_deals_re_imports_to_no_change(
    world: World, tmp_path: Path, language: str, ending: str
) -> None:
    custom = custom_fields(world)
    organization, person = (
        world.organization().pk,
        world.person(phones=PHONES).pk,
    )
    label = save_label(
        by=world.admin, record=RecordKind.DEAL, name="Heiß, sehr", color="red"
    ).pk
    deals = st.fixed_dictionaries(
        {
            "title": texts,
            "value": VALUES[K.MONEY],
            "status": st.sampled_from(["open", "lost"]),
            "expected_close_on": days,
        },
        optional={
            "won": moments,
            "labels": st.just((label,)),
            "lost_reason": texts,
            "person": st.just(person),
            "probability": st.integers(0, 100),
            "channel": texts,
            "visibility": st.sampled_from(["owner", "team"]),
            **{
                path: VALUES[kind]
                for kind, path in custom.items()
                if kind in VALUES
            },
        },
    )

    @few
    @given(st.lists(deals, min_size=1, max_size=3))
    def law(given: list[dict[str, Any]]) -> None:
        def body() -> None:
            for values in given:
                won_at = values.pop("won", None)
                won = {"status": "won", "won_at": won_at} if won_at else {}
                if won or values["status"] == "open":
                    values.pop("lost_reason", None)
                deal = world.deal(
                    organization=organization, **{**values, **won}
                )
                if won_at:
                    stamped = moment_at(won_at, company().zone)
                    Deal.objects.filter(pk=deal.pk).update(
                        won_at=stamped, first_won_at=stamped
                    )
            age()
            paths = target_paths(catalog(RecordKind.DEAL))
            path = export(
                world,
                RecordKind.DEAL,
                tuple(paths),
                tmp_path / f"deals.{ending}",
                language,
            )
            of = checked(world, path, answers={"existing": {"do": "update"}})
            assert (unlike(of), codes(of)) == ([], [])

        taken_back(body)

    law()


@formats
@languages
@pytest.mark.parametrize("kind", [RecordKind.PERSON, RecordKind.ORGANIZATION])
def test_an_export_of_contacts_re_imports_to_no_change(
    world: World, tmp_path: Path, kind: RecordKind, language: str, ending: str
) -> None:
    contacts: dict[RecordKind, st.SearchStrategy[Any]] = {
        RecordKind.ORGANIZATION: st.fixed_dictionaries(
            {"name": texts}, optional={"address": texts}
        ),
        RecordKind.PERSON: st.fixed_dictionaries(
            {"name": texts},
            optional={
                "emails": st.just(
                    (ContactPoint("a@b.de"), ContactPoint("c@d.de"))
                )
            },
        ),
    }

    @few
    @given(st.lists(contacts[kind], min_size=1, max_size=3))
    def law(given: list[dict[str, Any]]) -> None:
        def body() -> None:
            for values in given:
                (
                    world.person
                    if kind is RecordKind.PERSON
                    else world.organization
                )(**values)
            age()
            path = export(
                world,
                kind,
                own_paths(kind),
                tmp_path / f"contacts.{ending}",
                language,
            )
            of = checked(world, path, kind=kind)
            assert (unlike(of), codes(of)) == ([], [])

        taken_back(body)

    law()


@formats
@languages
def test_an_export_of_subscriptions_re_imports_to_no_change(
    world: World, tmp_path: Path, language: str, ending: str
) -> None:
    plans = [
        world.plan(),
        world.plan("Abo jährlich", YEARLY),
        world.plan("Zweimal im Monat", TWICE_A_MONTH),
    ]
    organizations = [
        world.organization(f"Kunde {number}").pk for number in range(3)
    ]
    subscriptions = st.fixed_dictionaries(
        {
            "plan": st.sampled_from(plans),
            "start": st.dates(date(2017, 1, 1), date(2018, 10, 31)),
            "amount": st.decimals(1, 10**6, places=2),
            "organization": st.sampled_from(organizations),
            "title": texts,
        }
    )

    @few
    @given(st.lists(subscriptions, min_size=1, max_size=3))
    def law(given: list[dict[str, Any]]) -> None:
        def body() -> None:
            for values in given:
                start, plan = values["start"], values["plan"]
                rest = {
                    key: value
                    for key, value in values.items()
                    if key not in {"start", "plan"}
                }
                world.subscription(plan, start=start, won_at=start, **rest)
            path = export(
                world,
                RecordKind.SUBSCRIPTION,
                ("mrr",),
                tmp_path / f"abos.{ending}",
                language,
            )
            of = checked(world, path, kind=RecordKind.SUBSCRIPTION)
            assert (unlike(of), set(codes(of))) == (
                [],
                {"row.subscription_here"},
            )

        taken_back(body)

    law()
