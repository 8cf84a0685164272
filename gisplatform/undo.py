"""Taking back what one operation recorded, without losing that it was once recorded."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform.errors import InvalidInput
from gisplatform.registers import Version, close

_NAMED = 5  # things that a sentence names
_NAMED_FOR_PROGRAMS = 1000
_CHANGED_SINCE = sql.SQL(
    """
    SELECT DISTINCT ON (identity) id FROM {register}
    WHERE identity IN (
            SELECT identity FROM {register}
            WHERE lower(recorded_during) = %(instant)s OR upper(recorded_during) = %(instant)s
        ) AND (lower(recorded_during) > %(instant)s OR upper(recorded_during) > %(instant)s)
    ORDER BY identity, recorded_during DESC
    """
)
_WRITE_ANEW = sql.SQL(
    """
    INSERT INTO {register} ({columns}, recorded_during)
    SELECT {columns}, tstzrange(%(now)s, NULL) FROM {register}
    WHERE upper(recorded_during) = %(instant)s
    ORDER BY id
    """
)


@dataclass(frozen=True)
class Undone:
    """How many versions are no longer held true, and how many are held true again."""

    taken_back: int
    restored: int


@transaction.atomic
def undo(model: type[Version], instant: datetime, now: datetime) -> Undone:
    """Let the register hold true what it held before one operation, of the things that the operation changed.

    instant  when the operation recorded: the one time that all its versions carry
    now      from when on it is taken back; the database's time. To undo at `now` is to do again

    Nothing is overwritten or deleted: versions recorded at the instant are closed, and those that were closed at it are
    written anew; that the register held otherwise in between stays readable. Raises InvalidInput, and changes nothing,
    where one of the things has changed since or what it had then is another's by now.
    """
    register = sql.Identifier(model._meta.db_table)
    steps = {"instant": instant, "now": now}
    moment = {"when": f"{timezone.localtime(instant):%d/%m/%Y %H:%M:%S}"}
    with connection.cursor() as cursor:
        # Who writes waits, who reads does not: between looking and writing nothing else may change one of the things.
        cursor.execute(sql.SQL("LOCK TABLE {register} IN SHARE ROW EXCLUSIVE MODE").format(register=register))
        cursor.execute(_CHANGED_SINCE.format(register=register), steps)
        changed = [number for (number,) in cursor.fetchall()]
        if changed:
            raise _changed_since(model, changed, moment)
        taken_back = close(model._default_manager.filter(recorded_during__startswith=instant), now)
        columns = sql.SQL(", ").join(sql.Identifier(name) for name in _written(model))
        try:
            with transaction.atomic():
                cursor.execute(_WRITE_ANEW.format(register=register, columns=columns), steps)
        except IntegrityError as taken:
            raise InvalidInput(
                _(
                    "What was recorded on %(when)s cannot be taken back: something recorded since stands in its place."
                    " Take that back first. (%(reason)s)"
                )
                % {**moment, "reason": " ".join(str(taken).split("DETAIL:")[-1].split())},
                problem="place_taken",
            ) from None
        restored = cursor.rowcount
    if not taken_back + restored:
        raise InvalidInput(
            _("Nothing was recorded on %(when)s, so there is nothing to take back.") % moment, problem="nothing"
        )
    return Undone(taken_back, restored)


def _written(model: type[Version]) -> list[str]:
    """The columns that make a version what it is; the database works out the others."""
    fields = model._meta.concrete_fields
    return [
        str(field.column) for field in fields if not field.generated and field.name not in ("id", "recorded_during")
    ]


def _changed_since(model: type[Version], changed: list[int], moment: dict[str, str]) -> InvalidInput:
    found = model._default_manager.filter(pk__in=changed[:_NAMED_FOR_PROGRAMS]).order_by("identity")
    names = [getattr(version, "code", "") or str(version) for version in found]
    more = ", …" if len(changed) > _NAMED else ""
    return InvalidInput(
        _(
            "What was recorded on %(when)s cannot be taken back as a whole: %(count)d of its things have changed since"
            " (%(names)s). Take the later changes back first, or correct these things one by one."
        )
        % {**moment, "count": len(changed), "names": ", ".join(names[:_NAMED]) + more},
        problem="changed_since",
        count=len(changed),
        things=names,
    )
