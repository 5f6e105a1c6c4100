"""Reads a set-up file: every section into its records, everything that is wrong noted."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from turnus.accounts.access import Permission
from turnus.accounts.models import Language
from turnus.core.cadence import READY_MADE, Cadence
from turnus.core.fields import CUSTOM_KINDS, KINDS, FieldKind
from turnus.core.records import RecordKind
from turnus.fields.models import Label
from turnus.kit.errors import UserError
from turnus.kit.input_files import first_line
from turnus.revenue.models import RenewalWay
from turnus.setup import words
from turnus.setup.application import tidied
from turnus.setup.map_reader import MapReader, Written, unknown_word
from turnus.setup.nodes import read_nodes
from turnus.setup.problems import Problems
from turnus.setup.records import (
    CompanySetup,
    FieldSetup,
    FilterSetup,
    LabelSetup,
    PipelineSetup,
    PlanSetup,
    RateSetup,
    Setup,
    StageSetup,
    UserSetup,
)

#: As in the forms: a leap year.
_MOST_DAYS = 366


class _Listed(Protocol):
    """Something that is told from the others of its list by its identity."""

    @property
    def line(self) -> int: ...

    @property
    def identity(self) -> str: ...


L = TypeVar("L", bound=_Listed)


def read_setup(text: str) -> Setup:
    """Return what a set-up file says; raises SetupRefusedError with everything that is wrong."""
    problems = Problems()
    top = MapReader(
        read_nodes(text, problems), "", problems, known=words.SECTIONS
    )
    setup = Setup(
        company=_company(top),
        currencies=top.texts("currencies") or (),
        rates=_rates(top),
        teams=top.texts("teams") or (),
        users=_users(top),
        pipelines=_pipelines(top),
        lost_reasons=top.texts("lost_reasons") or (),
        labels=_of_lists(top, "labels", words.LABEL_KEYS, _label),
        fields=_of_lists(top, "fields", words.FIELD_KEYS, _field),
        plans=_plans(top),
        filters=_of_lists(top, "filters", words.FILTER_KEYS, _filter),
    )
    problems.refuse_any()
    return setup


def _company(top: MapReader) -> CompanySetup | None:
    reader = top.map("company", words.COMPANY_KEYS)
    if reader is None:
        return None
    values = {}
    for key in words.COMPANY_KEYS:
        text = reader.text(key)
        if text is not None:
            values[key] = text
    reader.word("language", Language.values)
    return CompanySetup(reader.line, values)


def _rates(top: MapReader) -> tuple[RateSetup, ...]:
    rates = []
    for reader in top.maps("rates", words.RATE_KEYS):
        currency = reader.required("currency").strip().upper()
        day = reader.day("from")
        rate = reader.decimal("rate")
        if currency and day is not None and rate is not None:
            rates.append(RateSetup(reader.line, currency, day, rate))
    _refuse_twice(top, "rates", rates)
    return tuple(rates)


def _users(top: MapReader) -> tuple[UserSetup, ...]:
    users = []
    for reader in top.maps("users", words.USER_KEYS):
        user = UserSetup(
            line=reader.line,
            email=reader.required("email").strip().lower(),
            name=reader.text("name"),
            is_admin=reader.flag("admin"),
            is_active=reader.flag("active"),
            team=reader.nullable("team"),
            permissions=_permissions(reader),
            language=_language(reader),
            password=_password(reader),
        )
        users.append(user)
    _refuse_twice(top, "users", users)
    return tuple(users)


def _permissions(reader: MapReader) -> tuple[str, ...] | None:
    written = reader.texts("permissions")
    if written is None:
        return None
    known = [str(permission) for permission in Permission]
    _refuse_unknown(reader, "permissions", written, known)
    return tuple(sorted(each.value for each in written))


def _language(reader: MapReader) -> str | None:
    """Return a user's language; empty for that of the company."""
    written = reader.nullable("language")
    if written is None or not written.value:
        return None if written is None else ""
    return reader.word("language", Language.values)


def _password(reader: MapReader) -> str | None:
    """Return a new user's password, which never stands in the file itself."""
    variable = reader.text("password_env")
    if variable is not None:
        password = os.environ.get(variable, "")
        if not password:
            error = UserError("apply.password_env", name=variable)
            reader.refuse("password_env", error)
        return password
    file = reader.text("password_file")
    if file is None:
        return None
    try:
        return first_line(Path(file))
    except UserError as error:
        reader.refuse("password_file", error)
        return None


def _pipelines(top: MapReader) -> tuple[PipelineSetup, ...]:
    pipelines = []
    for reader in top.maps("pipelines", words.PIPELINE_KEYS):
        pipeline = PipelineSetup(
            line=reader.line,
            name=_name(reader),
            has_deal_probability=reader.flag("deal_probability"),
            stages=tuple(_stages(reader)),
        )
        pipelines.append(pipeline)
    _refuse_twice(top, "pipelines", pipelines)
    return tuple(pipelines)


def _stages(pipeline: MapReader) -> Sequence[StageSetup]:
    stages = []
    for reader in pipeline.maps("stages", words.STAGE_KEYS):
        probability = reader.number("probability", most=100)
        stages.append(StageSetup(reader.line, _name(reader), probability))
    _refuse_twice(pipeline, "stages", stages)
    return stages


def _label(reader: MapReader, record: RecordKind) -> LabelSetup:
    color = reader.word("color", Label.Color.values)
    return LabelSetup(reader.line, record, _name(reader), color)


def _field(reader: MapReader, record: RecordKind) -> FieldSetup:
    kind_word = reader.word("kind", [str(kind) for kind in CUSTOM_KINDS])
    kind = None if kind_word is None else FieldKind(kind_word)
    options = reader.texts("options")
    if kind is not None and options and not KINDS[kind].has_options:
        error = UserError("apply.no_options", kind=str(kind))
        reader.refuse("options", error)
    return FieldSetup(
        line=reader.line,
        record=record,
        name=_name(reader),
        kind=kind,
        kind_line=reader.line_of("kind"),
        description=_nullable_text(reader, "description"),
        is_required=reader.flag("required"),
        options=options,
    )


def _plans(top: MapReader) -> tuple[PlanSetup, ...]:
    plans = []
    for reader in top.maps("plans", words.PLAN_KEYS):
        plan = PlanSetup(
            line=reader.line,
            name=_name(reader),
            cadence=_cadence(reader),
            cadence_line=reader.line_of("every"),
            grace_days=reader.nullable_number("grace_days", most=_MOST_DAYS),
            renewal_way=reader.word("renewal", RenewalWay.values),
            days_before=reader.number("days_before", most=_MOST_DAYS),
            stage=reader.nullable("stage"),
        )
        plans.append(plan)
    _refuse_twice(top, "plans", plans)
    return tuple(plans)


def _cadence(reader: MapReader) -> Cadence | None:
    """Return a cadence, written as a word (`yearly`) or in its stored form (`3m`, `2/m:1,15`)."""
    text = reader.text("every")
    if text is None:
        return None
    if text in READY_MADE:
        return READY_MADE[text]
    try:
        return Cadence.parse(text)
    except ValueError:
        error = UserError(
            "apply.cadence", text=text, listed=", ".join(READY_MADE)
        )
        reader.refuse("every", error)
        return None


def _filter(reader: MapReader, record: RecordKind) -> FilterSetup:
    sort = reader.nullable("sort")
    return FilterSetup(
        line=reader.line,
        record=record,
        name=_name(reader),
        owner=reader.written("owner"),
        is_shared=reader.flag("shared"),
        where=reader.node("where"),
        columns=reader.texts("columns"),
        sort=sort,
    )


def _of_lists(
    top: MapReader,
    section: str,
    keys: Sequence[str],
    read: Callable[[MapReader, RecordKind], L],
) -> tuple[L, ...]:
    """Return what a section has for each list of records: `fields: {deals: [...]}`."""
    lists = top.map(section, list(words.LISTS))
    if lists is None:
        return ()
    found = []
    for word, record in words.LISTS.items():
        items = [read(reader, record) for reader in lists.maps(word, keys)]
        _refuse_twice(lists, word, items)
        found += items
    return tuple(found)


def _name(reader: MapReader) -> str:
    """Return the name with single spaces, as it is stored."""
    return tidied(reader.required("name"))


def _nullable_text(reader: MapReader, key: str) -> str | None:
    written = reader.nullable(key)
    return None if written is None else written.value or ""


def _refuse_unknown(
    reader: MapReader,
    key: str,
    written: Sequence[Written[str]],
    known: Sequence[str],
) -> None:
    for each in written:
        if each.value not in known:
            error = unknown_word(each.value, known)
            reader.problems.add(each.line, f"{reader.place}.{key}", error)


def _refuse_twice(
    reader: MapReader, key: str, items: Sequence[_Listed]
) -> None:
    """Note what is named twice: which of the two holds, nobody could tell."""
    lines: dict[str, int] = {}
    place = f"{reader.place}.{key}" if reader.place else key
    for item in items:
        name = item.identity
        known_line = lines.setdefault(name, item.line)
        if known_line != item.line:
            error = UserError("apply.name_twice", name=name, before=known_line)
            reader.problems.add(item.line, place, error)
