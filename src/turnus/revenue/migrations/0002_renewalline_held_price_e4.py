from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("revenue", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="renewalline",
            name="held_price_e4",
            field=models.BigIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RunSQL("UPDATE revenue_renewalline SET held_price_e4 = price_e4", migrations.RunSQL.noop),
    ]
