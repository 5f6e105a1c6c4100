from django.db import migrations, models

#: The texts that were stored, in the language of whoever asked.
_TITLES = {
    "all": ("All won deals", "Alle gewonnenen Deals"),
    "chosen": ("Chosen deals", "Ausgewählte Deals"),
    "import": ("Deals of an import", "Deals eines Imports"),
}


def name_sources(apps, schema_editor):
    proposals = apps.get_model("detection", "Proposal").objects
    for source, titles in _TITLES.items():
        proposals.filter(title__in=titles).update(source=source, title="")


def write_titles(apps, schema_editor):
    proposals = apps.get_model("detection", "Proposal").objects
    for source, titles in _TITLES.items():
        proposals.filter(source=source, title="").update(title=titles[0])


class Migration(migrations.Migration):

    dependencies = [
        ("detection", "0003_title_habits"),
    ]

    operations = [
        migrations.AlterField(
            model_name="proposal",
            name="title",
            field=models.CharField(blank=True, max_length=255),
        ),
        migrations.AddField(
            model_name="proposal",
            name="source",
            field=models.CharField(
                blank=True,
                choices=[
                    ("all", "All"),
                    ("chosen", "Chosen"),
                    ("import", "Import"),
                ],
                max_length=6,
            ),
        ),
        migrations.RunPython(name_sources, write_titles),
    ]
