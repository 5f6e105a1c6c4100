from django.db import migrations, models

#: Until now a subscription had one cadence for all its terms.
FILL = "UPDATE revenue_term SET cadence = (SELECT s.cadence FROM revenue_subscription s WHERE s.id = revenue_term.subscription_id)"


class Migration(migrations.Migration):

    dependencies = [
        ("revenue", "0002_renewalline_held_price_e4"),
    ]

    operations = [
        migrations.AddField(
            model_name="term",
            name="cadence",
            field=models.CharField(default="", max_length=20),
            preserve_default=False,
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
