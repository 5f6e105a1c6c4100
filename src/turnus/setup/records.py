"""What a set-up file says: records of what should be there.

A value of None stands for a key that the file does not have: what is there then stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.core.cadence import Cadence
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.setup.map_reader import Written
from turnus.setup.nodes import YamlNode


@dataclass(frozen=True, slots=True)
class CompanySetup:
    """The company: values by the key of `update_company`."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RateSetup:
    """What one unit of a currency is worth in the company's from a day on."""

    line: int
    currency: str
    on: date
    rate: Decimal

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return f"{self.currency} {self.on}"


@dataclass(frozen=True, slots=True)
class UserSetup:
    """A user, known by email; `password` is only for a new one, None: invited."""

    line: int
    email: str
    name: str | None
    is_admin: bool | None
    is_active: bool | None
    team: Written[str | None] | None
    permissions: tuple[str, ...] | None
    language: str | None
    password: str | None

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return self.email


@dataclass(frozen=True, slots=True)
class StageSetup:
    """A stage of a pipeline, known by name."""

    line: int
    name: str
    probability: int | None

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return self.name


@dataclass(frozen=True, slots=True)
class PipelineSetup:
    """A pipeline, known by name, with the order of its stages."""

    line: int
    name: str
    has_deal_probability: bool | None
    stages: tuple[StageSetup, ...]

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return self.name


@dataclass(frozen=True, slots=True)
class LabelSetup:
    """A label of a kind of record, known by name."""

    line: int
    record: RecordKind
    name: str
    color: str | None

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return self.name


@dataclass(frozen=True, slots=True)
class FieldSetup:
    """A custom field of a kind of record, known by name, with the order of its options."""

    line: int
    record: RecordKind
    name: str
    kind: FieldKind | None
    kind_line: int
    description: str | None
    is_required: bool | None
    options: tuple[Written[str], ...] | None

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return self.name


@dataclass(frozen=True, slots=True)
class PlanSetup:
    """A plan, known by name; `grace_days` of None written out: what is usual."""

    line: int
    name: str
    cadence: Cadence | None
    cadence_line: int
    grace_days: Written[int | None] | None
    renewal_way: str | None
    days_before: int | None
    stage: Written[str | None] | None

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return self.name


@dataclass(frozen=True, slots=True)
class FilterSetup:
    """A saved filter, known by its list, its owner and its name.

    The conditions and the columns are read once the fields that they name are there.
    """

    line: int
    record: RecordKind
    name: str
    owner: Written[str] | None
    is_shared: bool | None
    where: YamlNode | None
    columns: tuple[Written[str], ...] | None
    sort: Written[str | None] | None

    @property
    def identity(self) -> str:
        """What tells it from the others of its list."""
        return f"{self.name} ({self.owner.value})" if self.owner else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A whole set-up file."""

    company: CompanySetup | None
    currencies: tuple[Written[str], ...]
    rates: tuple[RateSetup, ...]
    teams: tuple[Written[str], ...]
    users: tuple[UserSetup, ...]
    pipelines: tuple[PipelineSetup, ...]
    lost_reasons: tuple[Written[str], ...]
    labels: tuple[LabelSetup, ...]
    fields: tuple[FieldSetup, ...]
    plans: tuple[PlanSetup, ...]
    filters: tuple[FilterSetup, ...]
