"""Changes of the cadastre that name the parcels they change: ends, new numbers, splits, mergers, re-surveys.

operations.record_parcels finds parcels by their public code and changes only what a file names; here a person has
decided what became of which parcel.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.errors import InvalidInput
from gisplatform.registers import database_time
from gisplatform.undo import Undone, undo
from layers.parcels.models import Parcel, PublicCode
from layers.parcels.operations import PARCEL_ROWS, as_csv, hold_cadastre

# A parcel as it is from a day on. Without an identity it is a new one.
CHANGED_PARCELS = pa.schema([pa.field("identity", pa.int64()), *PARCEL_ROWS])
# What came from what: the parcel that was there, the public code of one that is there from the day on, and a
# ParcelLineage.Kind. A parcel does not come from itself, so whose identity goes on stands here for the others only.
DESCENT = pa.schema(
    [
        pa.field("predecessor", pa.int64(), nullable=False),
        pa.field("successor_code", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
    ]
)
_NAMED = 5

_CHANGING = f"""
    DROP TABLE IF EXISTS pg_temp.changing, pg_temp.touched;
    CREATE TEMPORARY TABLE changing (
        identity bigint, commune_code text NOT NULL, sheet text NOT NULL, number text NOT NULL,
        suffix smallint NOT NULL, old_sheet text NOT NULL, old_number text NOT NULL, land_use text NOT NULL,
        area_document_m2 float, boundary geometry(MultiPolygon, {REGISTER_SRID}) NOT NULL,
        code text GENERATED ALWAYS AS ({PublicCode.template}) STORED
    ) ON COMMIT DROP
"""
_UNIQUE = "CREATE UNIQUE INDEX ON changing (code); CREATE UNIQUE INDEX ON changing (identity)"
# The parcels that are changed or ended, each with its version that stands.
_TOUCHED = """
    CREATE TEMPORARY TABLE touched ON COMMIT DROP AS
    SELECT asked.identity, parcel.code, parcel.identity IS NOT NULL AS stands
    FROM (SELECT identity FROM changing WHERE identity IS NOT NULL UNION SELECT unnest(%(ended)s::bigint[])) asked
        LEFT JOIN parcels_parcel parcel ON parcel.identity = asked.identity
            AND upper_inf(parcel.recorded_during) AND upper_inf(parcel.valid_during);
    CREATE UNIQUE INDEX ON touched (identity);
    ANALYZE changing; ANALYZE touched
"""
_CHANGED_SINCE = """
    SELECT coalesce(touched.code, parcel.code, touched.identity::text)
    FROM touched LEFT JOIN parcels_parcel parcel ON parcel.identity = touched.identity
        AND (lower(parcel.recorded_during) > %(compared_at)s OR upper(parcel.recorded_during) > %(compared_at)s)
    WHERE NOT touched.stands OR parcel.identity IS NOT NULL
    GROUP BY 1 ORDER BY 1
"""
_CODE_TAKEN = """
    SELECT DISTINCT changing.code
    FROM changing JOIN parcels_parcel parcel USING (code) LEFT JOIN touched ON touched.identity = parcel.identity
    WHERE upper_inf(parcel.recorded_during) AND parcel.valid_during && daterange(%(valid_from)s, NULL)
        AND touched.identity IS NULL
    ORDER BY 1
"""
# One join, not registers.close over a subquery: right after a bulk load the planner knows nothing of identities, and
# of two joins it then makes one that takes minutes.
_CLOSE = """
    UPDATE parcels_parcel parcel SET recorded_during = tstzrange(lower(parcel.recorded_during), %(now)s)
    FROM touched
    WHERE parcel.identity = touched.identity AND upper_inf(parcel.recorded_during)
        AND parcel.valid_during && daterange(%(valid_from)s, NULL)
"""
_VERSION = """identity, valid_during, recorded_during, commune_code, sheet, number, suffix, old_sheet, old_number,
        land_use_codes, area_document_m2, boundary"""
_KEEP_BEFORE = f"""
    INSERT INTO parcels_parcel ({_VERSION})
    SELECT identity, valid_during * daterange(NULL, %(valid_from)s), tstzrange(%(now)s, NULL), commune_code, sheet,
        number, suffix, old_sheet, old_number, land_use_codes, area_document_m2, boundary
    FROM parcels_parcel parcel JOIN touched USING (identity)
    WHERE upper(parcel.recorded_during) = %(now)s
        AND NOT isempty(parcel.valid_during * daterange(NULL, %(valid_from)s))
"""  # noqa: S608 - our own words
_ADD = f"""
    INSERT INTO parcels_parcel ({_VERSION})
    SELECT coalesce(identity, nextval('register_identity')), daterange(%(valid_from)s, NULL), tstzrange(%(now)s, NULL),
        commune_code, sheet, number, suffix, old_sheet, old_number, string_to_array(land_use, '+'), area_document_m2,
        boundary
    FROM changing
    ORDER BY code
"""  # noqa: S608 - our own words
_DESCEND = """
    INSERT INTO parcels_parcellineage (predecessor, successor, kind, happened_on, decision_ref, recorded_during)
    SELECT DISTINCT came.predecessor, heir.identity, came.kind, %(valid_from)s::date, %(decision_ref)s,
        tstzrange(%(now)s, NULL)
    FROM unnest(%(predecessor)s::bigint[], %(code)s::text[], %(kind)s::text[]) came (predecessor, code, kind)
        JOIN parcels_parcel heir ON heir.code = came.code AND lower(heir.recorded_during) = %(now)s
            AND upper_inf(heir.valid_during)
    WHERE heir.identity <> came.predecessor
    ORDER BY 1, 2
"""
_NO_DESCENT = """
    UPDATE parcels_parcellineage SET recorded_during = tstzrange(%(instant)s, %(now)s)
    WHERE lower(recorded_during) = %(instant)s AND upper_inf(recorded_during)
"""
_DESCEND_ANEW = """
    INSERT INTO parcels_parcellineage (predecessor, successor, kind, happened_on, decision_ref, recorded_during)
    SELECT predecessor, successor, kind, happened_on, decision_ref, tstzrange(%(now)s, NULL)
    FROM parcels_parcellineage WHERE upper(recorded_during) = %(instant)s
    ORDER BY id
"""


@dataclass(frozen=True)
class Changed:
    """What was recorded, and at which instant: with it everything can be taken back."""

    instant: datetime
    new: int
    changed: int
    ended: int
    descended: int


@transaction.atomic
def change_parcels(
    *,
    parcels: pa.Table,
    ended: pa.Array,
    descent: pa.Table,
    valid_from: date,
    compared_at: datetime,
    decision_ref: str = "",
) -> Changed:
    """Record what became of parcels from a day on, all of it or nothing.

    parcels       CHANGED_PARCELS, each identity and each public code once. A row with an identity changes that parcel,
                  its number as well; whatever was recorded for it from the day on is replaced, what was before stays
    ended         int64, identities of other parcels, which are no longer there from the day on
    descent       DESCENT; its predecessors are among the changed or ended, its successors among `parcels`
    compared_at   the database's time at which somebody looked at the register and decided this

    One that records at the same time waits until this is committed. Raises InvalidInput, and changes nothing, where
    one of the parcels has changed or ended since, or a number belongs to a parcel that is not changed here.
    """
    hold_cadastre()
    with connection.cursor() as cursor:
        cursor.execute(_CHANGING)
        names = ", ".join(CHANGED_PARCELS.names)
        with connection.wrap_database_errors, cursor.copy(f"COPY changing ({names}) FROM STDIN (FORMAT csv)") as copy:
            for chunk in as_csv(parcels.select(CHANGED_PARCELS.names)):
                copy.write(chunk)
        try:
            with transaction.atomic():
                cursor.execute(_UNIQUE)
        except IntegrityError as twice:
            raise InvalidInput(_("A parcel is given more than once."), reason=str(twice)) from None
        steps: dict[str, Any] = {
            "valid_from": valid_from,
            "compared_at": compared_at,
            "decision_ref": decision_ref,
            "ended": ended.to_pylist(),
        }
        cursor.execute(_TOUCHED, steps)
        _refuse_conflicts(cursor, steps)
        instant = database_time()
        steps["now"] = instant
        cursor.execute(_CLOSE, steps)
        cursor.execute(_KEEP_BEFORE, steps)
        cursor.execute(_ADD, steps)
        columns = {name: descent[name].to_pylist() for name in DESCENT.names}
        cursor.execute(_DESCEND, {**steps, **columns, "code": columns["successor_code"]})
        descended = cursor.rowcount
        changed = parcels.num_rows - parcels["identity"].null_count
        return Changed(instant, parcels.num_rows - changed, changed, len(ended), descended)


def _refuse_conflicts(cursor: CursorWrapper, steps: dict[str, Any]) -> None:
    cursor.execute(_CHANGED_SINCE, steps)
    if since := [code for (code,) in cursor.fetchall()]:
        raise InvalidInput(
            _(
                "%(count)d parcels have changed in the register since they were compared (%(codes)s). Compare the file"
                " again; nothing was recorded."
            )
            % {"count": len(since), "codes": _some(since)},
            problem="changed_since",
            parcels=since,
        )
    cursor.execute(_CODE_TAKEN, steps)
    if taken := [code for (code,) in cursor.fetchall()]:
        raise InvalidInput(
            _(
                "%(count)d numbers belong to other parcels of the register, which this change leaves as they are"
                " (%(codes)s). Accept what becomes of those parcels as well, or leave these rows out; nothing was"
                " recorded."
            )
            % {"count": len(taken), "codes": _some(taken)},
            problem="code_taken",
            parcels=taken,
        )


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:_NAMED]) + (", …" if len(codes) > _NAMED else "")


@transaction.atomic
def undo_parcels(*, instant: datetime) -> Undone:
    """Take back what one operation recorded in the cadastre, and what came from what by it.

    Raises InvalidInput like gisplatform.undo.
    """
    hold_cadastre()
    now = database_time()
    undone = undo(Parcel, instant, now)
    with connection.cursor() as cursor:
        cursor.execute(_NO_DESCENT, {"instant": instant, "now": now})
        cursor.execute(_DESCEND_ANEW, {"instant": instant, "now": now})
    return undone
