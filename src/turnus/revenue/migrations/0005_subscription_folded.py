from django.db import migrations

#: Text fields of a subscription, besides the company's own ones.
TEXT_COLUMNS = ("end_reason",)
ROWS_AT_ONCE = 2_000


def fill(apps, schema_editor):
    """Give subscriptions the folded copies that filters on their texts compare: they were left empty."""
    from turnus.fields.values import folded_cells

    subscriptions = apps.get_model("revenue", "Subscription").objects
    changed = []
    for one in subscriptions.order_by("pk").iterator(chunk_size=ROWS_AT_ONCE):
        folded = folded_cells({"custom": one.custom, "end_reason": one.end_reason}, TEXT_COLUMNS)
        if folded != one.folded:
            one.folded = folded
            changed.append(one)
        if len(changed) == ROWS_AT_ONCE:
            subscriptions.bulk_update(changed, ["folded"])
            changed = []
    subscriptions.bulk_update(changed, ["folded"])


class Migration(migrations.Migration):

    dependencies = [
        ("revenue", "0004_term_has_cadence"),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
