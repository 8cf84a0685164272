"""Rules are dated data: codes, colours, deadlines and tables are rows with the time and the article they come from."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models, transaction
from django.db.models import F, Func, Q

from gisplatform import clock


class RuleQuerySet(models.QuerySet):
    """Rules by their day."""

    def in_force(self, on: date | None = None) -> Self:
        """Rows in force on a day (today)."""
        on = on or clock.today()
        return self.filter(
            Q(effective_from__isnull=True) | Q(effective_from__lte=on),
            Q(effective_to__isnull=True) | Q(effective_to__gte=on),
        )


class Rule(models.Model):
    """One row of a legal table. `effective_to` is the last day in force; empty while it is in force.

    An empty `effective_from` means that the first day is not known, as with codes of repealed circulars.

    `confidence` is kept as in the source: rows marked unverified stay marked, and pages show it.
    """

    code = models.CharField(max_length=40)
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)
    legal_basis = models.CharField(max_length=200)
    source = models.CharField(max_length=300)
    confidence = models.CharField(max_length=200)

    csv_path: ClassVar[Path]  # the table that ships with the app

    objects = RuleQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                name="%(app_label)s_%(class)s_code_and_day",
                fields=["code", "effective_from"],
                nulls_distinct=False,
            ),
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_one_in_force",
                expressions=[
                    (F("code"), RangeOperators.EQUAL),
                    (
                        Func("effective_from", "effective_to", template="daterange(%(expressions)s, '[]')",
                             output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code


@transaction.atomic
def load(rule: type[Rule]) -> int:
    """Bring one rule table to what its CSV file says; the same file twice changes nothing. Returns the rows.

    A deployment's own additions (other codes or other days) stay.
    """
    # Oldest first: the row that ends must end before the one that takes its place begins.
    rows = sorted(_rows(rule), key=lambda row: (row.code, row.effective_from or date.min))
    rule.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["code", "effective_from"],
        update_fields=[f.name for f in rule._meta.concrete_fields if f.name not in {"id", "code", "effective_from"}],
    )
    return len(rows)


def _rows(rule: type[Rule]) -> Iterator[Rule]:
    with rule.csv_path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            values: dict[str, Any] = {}
            for field in rule._meta.concrete_fields:
                if field.name in row:
                    values[field.name] = field.to_python(row[field.name]) if row[field.name] else field.get_default()
            yield rule(**values)
