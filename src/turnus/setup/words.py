"""The words of a set-up file: its sections, its keys, and the lists that fields belong to."""

from collections.abc import Mapping

from turnus.core.cadence import READY_MADE, Cadence
from turnus.core.records import RecordKind
from turnus.sales.models import Stage

SECTIONS = (
    "company",
    "currencies",
    "rates",
    "teams",
    "users",
    "pipelines",
    "lost_reasons",
    "labels",
    "fields",
    "plans",
    "filters",
)
COMPANY_KEYS = ("name", "language", "currency", "time_zone")
RATE_KEYS = ("currency", "from", "rate")
USER_KEYS = (
    "email",
    "name",
    "admin",
    "active",
    "team",
    "permissions",
    "language",
    "password_env",
    "password_file",
)
PIPELINE_KEYS = ("name", "deal_probability", "stages")
STAGE_KEYS = ("name", "probability")
LABEL_KEYS = ("name", "color")
FIELD_KEYS = ("name", "kind", "description", "required", "options")
PLAN_KEYS = (
    "name",
    "every",
    "grace_days",
    "renewal",
    "days_before",
    "stage",
)
FILTER_KEYS = ("name", "owner", "shared", "columns", "sort", "where")

#: How the lists of records are called, as in addresses.
LISTS: Mapping[str, RecordKind] = {
    "deals": RecordKind.DEAL,
    "persons": RecordKind.PERSON,
    "organizations": RecordKind.ORGANIZATION,
    "subscriptions": RecordKind.SUBSCRIPTION,
}
LIST_WORDS: Mapping[RecordKind, str] = {
    record: word for word, record in LISTS.items()
}

#: What joins the names of a pipeline and one of its stages.
_BETWEEN = " / "


def stage_word(pipeline: str, stage: str) -> str:
    """Return how a file names a stage: `Sales / Qualified`."""
    return f"{pipeline}{_BETWEEN}{stage}"


def stage_in_words(stage: Stage | None) -> str | None:
    """Return how a file names a stage; None for none. Its pipeline is read with it, or queried."""
    if stage is None:
        return None
    return stage_word(stage.pipeline.name, stage.name)


def cadence_word(cadence: Cadence) -> str:
    """Return how a file names a cadence: `yearly`, else its stored form, such as `3m-last`."""
    for word, ready_made in READY_MADE.items():
        if cadence == ready_made:
            return word
    return str(cadence)
