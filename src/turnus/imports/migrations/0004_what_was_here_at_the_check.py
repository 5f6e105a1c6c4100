"""Lets a plan say what was here when it was checked, when that was, and how it ended without being carried out."""

from django.db import migrations, models

STATES = (
    "columns", "checking", "checked", "importing", "done", "failed", "undoing", "undone", "discarded", "expired",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_how_the_file_was_read")]

    operations = [
        migrations.AddField("import", "checked_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("import", "is_again", models.BooleanField(default=False)),
        migrations.AddField("planblock", "known", models.JSONField(null=True)),
        migrations.AlterField(
            "import",
            "state",
            models.CharField(
                choices=[(state, state.capitalize()) for state in STATES], default="columns", max_length=10
            ),
        ),
    ]
