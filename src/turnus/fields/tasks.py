"""Jobs of the package: indexes of custom fields, made while people go on writing."""

from turnus.core.records import RecordKind
from turnus.fields.actions import index_field
from turnus.fields.models import CustomField
from turnus.history.tracked import tracked
from turnus.jobs.actions import Context
from turnus.jobs.lanes import JobLane
from turnus.jobs.registry import task
from turnus.kit.json_columns import drop_json_index


@task("fields.index", lane=JobLane.LONG)
def index(_context: Context, *, field_id: int) -> None:
    """Index a field, unless it was deleted meanwhile."""
    field = CustomField.objects.filter(pk=field_id).first()
    if field is not None:
        index_field(field)


@task("fields.drop_index", lane=JobLane.LONG)
def drop_index(_context: Context, *, record_kind: str, key: str) -> None:
    """Drop the index of a field that was deleted."""
    drop_json_index(tracked(RecordKind(record_kind)).model, key)
