"""The key of each contact's name beside it; folded names lose signs that nobody sees."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations, models

from turnus.core.folding import fold
from turnus.core.naming import name_key
from turnus.kit.sql import update_rows

_BLOCK = 2_000


def fill(apps: Any, schema_editor: Any) -> None:
    """Compute the keys of the names that are here, in blocks."""
    for name in ("Organisation", "Person"):
        model = apps.get_model("contacts", name)
        for block in _blocks(model):
            rows = ((name_key(called), fold(called), pk) for pk, called in block)
            update_rows(model, ["name_key", "name_folded"], rows)


def _blocks(model: Any) -> Iterator[list[tuple[int, str]]]:
    last = 0
    while block := list(model.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "name")[:_BLOCK]):
        yield block
        last = block[-1][0]


class Migration(migrations.Migration):

    dependencies = [
        ("contacts", "0002_bills_with"),
    ]

    operations = [
        migrations.AddField("organisation", "name_key", models.CharField(default="", max_length=510), preserve_default=False),
        migrations.AddField("person", "name_key", models.CharField(default="", max_length=510), preserve_default=False),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex("organisation", models.Index(fields=["name_key", "id"], name="organisation_name_key")),
        migrations.AddIndex("person", models.Index(fields=["name_key", "id"], name="person_name_key")),
    ]
