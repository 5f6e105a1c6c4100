from django.db import migrations, models

#: Terms that filled a gap were written without one.
FILL = (
    "UPDATE revenue_term SET cadence = (SELECT s.cadence FROM revenue_subscription s WHERE s.id = revenue_term.subscription_id)"
    " WHERE cadence = ''"
)


class Migration(migrations.Migration):

    # The rows are filled first, in a transaction of their own: PostgreSQL changes no table with pending changes.
    atomic = False

    dependencies = [
        ("revenue", "0003_term_cadence"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(condition=models.Q(("cadence", ""), _negated=True), name="term_has_cadence"),
        ),
    ]
