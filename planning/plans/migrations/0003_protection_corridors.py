from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0002_search_terms"),
    ]

    operations = [
        migrations.AlterField(
            model_name="planline",
            name="kind",
            field=models.CharField(
                choices=[
                    ("red_line", "Red line"),
                    ("building_line", "Building line"),
                    ("corridor", "Protection corridor"),
                ],
                max_length=20,
            ),
        ),
    ]
