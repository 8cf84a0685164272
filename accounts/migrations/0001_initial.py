import django.contrib.postgres.fields
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("gisplatform", "0001_foundations"),
    ]

    operations = [
        migrations.CreateModel(
            name="Organisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("code", models.SlugField(unique=True)),
                ("name", models.CharField(max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "This user name is taken."},
                        max_length=60,
                        unique=True,
                        validators=[django.core.validators.RegexValidator("^[\\w.@+-]+$")],
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120)),
                ("email", models.EmailField(blank=True, max_length=254)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("citizen", "Citizen"),
                                ("planner", "Planner"),
                                ("officer", "Permit officer"),
                                ("clerk", "Counter clerk"),
                                ("utility", "Utility"),
                                ("operator", "Camera operator"),
                                ("administrator", "Administrator"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("is_demo", models.BooleanField(default=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "roles__contained_by",
                                [
                                    "citizen",
                                    "planner",
                                    "officer",
                                    "clerk",
                                    "utility",
                                    "operator",
                                    "administrator",
                                ],
                            )
                        ),
                        name="accounts_user_known_roles",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("roles__contains", ["utility"]), _negated=True),
                            ("organisation__isnull", False),
                            _connector="OR",
                        ),
                        name="accounts_user_utility_has_organisation",
                    ),
                ],
            },
        ),
    ]
