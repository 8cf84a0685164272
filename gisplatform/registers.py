"""Registers keep time: a row is one version of one thing, and nothing is overwritten or deleted.

The database refuses anything else (gisplatform/migrations/0003_keep_history.py).
`identity` names the thing for ever; `valid_during` are the days on which the version has legal effect;
`recorded_during` is the time during which the register held it to be so. A change with effect from a day closes the
recorded time of the old version and writes what is now known: the old version up to that day, the new one from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Self

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateRangeField,
    DateTimeRangeField,
    RangeOperators,
)
from django.contrib.postgres.indexes import GinIndex, GistIndex
from django.db import connection
from django.db.models import Func, Q, Value

from gisplatform import clock


class NextIdentity(Func):
    """The next number of the one sequence that all registers share, so an identity is unique on the platform."""

    template = "nextval('register_identity')"
    output_field = models.BigIntegerField()


class FromNowOn(Func):
    """The range from this instant on. Not the transaction's start: another may have written the same thing since."""

    template = "tstzrange(clock_timestamp(), NULL)"
    output_field = DateTimeRangeField()


class VersionQuerySet(models.QuerySet):
    """Questions to a register. Without as_of or recorded there is no filter on time at all."""

    def recorded(self, known_at: datetime | None = None) -> Self:
        """Versions that the register holds to be true now, or held at a past moment."""
        if known_at is None:
            return self.filter(recorded_during__upper_inf=True)
        return self.filter(recorded_during__contains=known_at)

    def as_of(self, on: date | None = None, known_at: datetime | None = None) -> Self:
        """One version of each thing that has legal effect on a day (today), as known now or at a past moment."""
        return self.recorded(known_at).filter(valid_during__contains=on or clock.today())


class Version(models.Model):
    """What every register's row has. Written by operations only, never through save()."""

    identity = models.BigIntegerField(db_default=NextIdentity(), editable=False)
    valid_during = DateRangeField()
    recorded_during = DateTimeRangeField(db_default=FromNowOn(), editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            # Two rows may not claim the same thing for the same day at the same recorded time.
            ExclusionConstraint(
                name="%(app_label)s_%(class)s_one_version",
                expressions=[
                    ("identity", RangeOperators.EQUAL),
                    ("valid_during", RangeOperators.OVERLAPS),
                    ("recorded_during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_ranges_not_empty",
                condition=Q(valid_during__isempty=False, recorded_during__isempty=False),
            ),
        ]


def map_index(geometry: str, name: str = "map") -> models.Index:
    """The index that serves the map: place and day together, of the rows that the register holds true now."""
    return GistIndex(
        fields=[geometry, "valid_during"],
        name=f"%(app_label)s_%(class)s_{name}",
        condition=Q(recorded_during__upper_inf=True),
    )


def terms_index(expression: models.Expression, name: str) -> GinIndex:
    """The index that serves the search by the words of a text: `search_terms(text) @@ …`, asked of the same rows."""
    return GinIndex(expression, name=name, condition=Q(recorded_during__upper_inf=True))


def database_time() -> datetime:
    """The database's clock at this instant: one operation stamps all its rows with one such time.

    Ask after the rows are locked; a version that somebody else wrote in the meantime then lies before it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (instant,) = cursor.fetchone()
        return instant


@contextmanager
def history_may_go() -> Iterator[None]:
    """Let this transaction delete versions, which the database otherwise refuses.

    For what was made up only, such as the demo city; never for what an office has recorded.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL gisplatform.history = 'off'")
        yield
        cursor.execute("SET LOCAL gisplatform.history = 'on'")


def close(versions: VersionQuerySet, at: datetime) -> int:
    """The register holds these versions true until `at`, no longer; they stay readable. Returns how many."""
    ended = Func(
        "recorded_during",
        Value(at),
        template="tstzrange(lower(%(expressions)s)",
        arg_joiner="), ",
    )
    return versions.recorded().update(recorded_during=ended)
