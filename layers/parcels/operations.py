"""Changing the cadastre."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.csv
import shapely
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.errors import InvalidInput
from gisplatform.registers import database_time
from layers.parcels.models import Parcel, ParcelLineage, PublicCode

# What a row of record_parcels holds; `boundary` is WKB of a MultiPolygon in the register's system (metres).
PARCEL_ROWS = pa.schema(
    [
        pa.field("commune_code", pa.string(), nullable=False),
        pa.field("sheet", pa.string(), nullable=False),
        pa.field("number", pa.string(), nullable=False),
        pa.field("suffix", pa.int16(), nullable=False),  # 1, or 2, 3, … where a sheet repeats a number
        pa.field("old_sheet", pa.string(), nullable=False),  # "" where there is none
        pa.field("old_number", pa.string(), nullable=False),
        pa.field("land_use", pa.string(), nullable=False),  # codes joined by +; "" where there is none
        pa.field("area_document_m2", pa.float64()),
        pa.field("boundary", pa.binary(), nullable=False),
    ]
)
_COPIED_ROWS = 20_000
# One number for all who write the cadastre, in PostgreSQL's space of advisory locks.
_CADASTRE_LOCK = 5_899_001
_HEIRS_NAMED = 5
# Rows that record_parcels leaves out. Where `ended_on` (YYYY-MM-DD) is null the code is another parcel's; `became` is
# a ParcelLineage.Kind or "", `heirs` are the public codes of what the ended parcel became, as words.
REFUSED_ROWS = pa.schema([(name, pa.string()) for name in ("code", "ended_on", "became", "heirs")])

_INCOMING = f"""
    CREATE TEMPORARY TABLE incoming (
        commune_code text NOT NULL, sheet text NOT NULL, number text NOT NULL, suffix smallint NOT NULL,
        old_sheet text NOT NULL, old_number text NOT NULL, land_use text NOT NULL, area_document_m2 float,
        boundary geometry(MultiPolygon, {REGISTER_SRID}) NOT NULL,
        code text GENERATED ALWAYS AS ({PublicCode.template}) STORED
    ) ON COMMIT DROP
"""
# Every parcel that the register knows under the rows' codes: the day on which it ends, if it does, and whether it
# already says the same.
_HELD = """
    CREATE TEMPORARY TABLE held ON COMMIT DROP AS
    SELECT incoming.code, parcel.identity,
        nullif(max(coalesce(upper(parcel.valid_during), 'infinity')), 'infinity') AS ended_on,
        bool_or((parcel.commune_code, parcel.sheet, parcel.number, parcel.suffix)
            <> (incoming.commune_code, incoming.sheet, incoming.number, incoming.suffix)) AS otherwise_named,
        bool_or(upper_inf(parcel.valid_during)
            AND parcel.old_sheet = incoming.old_sheet AND parcel.old_number = incoming.old_number
            AND parcel.land_use_codes::text[] = string_to_array(incoming.land_use, '+')
            AND parcel.area_document_m2 IS NOT DISTINCT FROM incoming.area_document_m2
            AND parcel.boundary = incoming.boundary) AS same
    FROM {parcel} parcel JOIN incoming USING (code)
    WHERE upper_inf(parcel.recorded_during)
    GROUP BY incoming.code, parcel.identity
"""
_REFUSED = """
    CREATE TEMPORARY TABLE refused ON COMMIT DROP AS
    SELECT code, CASE WHEN NOT bool_or(otherwise_named) THEN max(ended_on) END AS ended_on
    FROM held
    GROUP BY code
    HAVING bool_or(otherwise_named) OR bool_and(ended_on IS NOT NULL) OR max(ended_on) > %(valid_from)s
"""
_WHY_REFUSED = """
    SELECT refused.code, refused.ended_on::text, coalesce(min(lineage.kind), ''),
        coalesce(array_to_string((array_agg(DISTINCT heir.code))[1:{heirs}], ', ')
            || CASE WHEN count(DISTINCT heir.code) > {heirs} THEN ', …' ELSE '' END, '')
    FROM refused
        LEFT JOIN held ON held.code = refused.code AND held.ended_on = refused.ended_on
        LEFT JOIN {lineage} lineage ON lineage.predecessor = held.identity AND upper_inf(lineage.recorded_during)
        LEFT JOIN {parcel} heir ON heir.identity = lineage.successor AND upper_inf(heir.recorded_during)
    GROUP BY refused.code, refused.ended_on
    ORDER BY refused.code
"""
# After these, `held` has the one parcel that stands under each code and is left alone or changed.
_LEAVE_OUT_REFUSED = """
    DELETE FROM incoming USING refused WHERE incoming.code = refused.code;
    DELETE FROM held USING refused WHERE held.code = refused.code
"""
_LEAVE_OUT_ENDED = "DELETE FROM held WHERE ended_on IS NOT NULL"
# One join, not registers.close over a subquery: right after a bulk load the planner knows nothing of identities, and
# of two joins it then makes one that takes minutes.
_CLOSE = """
    UPDATE {parcel} parcel SET recorded_during = tstzrange(lower(parcel.recorded_during), %(now)s)
    FROM held
    WHERE NOT held.same AND parcel.identity = held.identity AND upper_inf(parcel.recorded_during)
        AND parcel.valid_during && daterange(%(valid_from)s, NULL)
"""
_KEEP_BEFORE = """
    INSERT INTO {parcel} (identity, valid_during, recorded_during, commune_code, sheet, number, suffix, old_sheet,
        old_number, land_use_codes, area_document_m2, boundary)
    SELECT parcel.identity, parcel.valid_during * daterange(NULL, %(valid_from)s), tstzrange(%(now)s, NULL),
        parcel.commune_code, parcel.sheet, parcel.number, parcel.suffix, parcel.old_sheet, parcel.old_number,
        parcel.land_use_codes, parcel.area_document_m2, parcel.boundary
    FROM {parcel} parcel JOIN held USING (identity)
    WHERE NOT held.same AND upper(parcel.recorded_during) = %(now)s
        AND NOT isempty(parcel.valid_during * daterange(NULL, %(valid_from)s))
"""
_ADD = """
    INSERT INTO {parcel} (identity, valid_during, recorded_during, commune_code, sheet, number, suffix, old_sheet,
        old_number, land_use_codes, area_document_m2, boundary)
    SELECT coalesce(held.identity, nextval('register_identity')), daterange(%(valid_from)s, NULL),
        tstzrange(%(now)s, NULL), commune_code, sheet, number, suffix, old_sheet, old_number,
        string_to_array(land_use, '+'), area_document_m2, boundary
    FROM incoming LEFT JOIN held USING (code)
    WHERE held.same IS NOT TRUE
    ORDER BY code
"""


@dataclass(frozen=True)
class Recorded:
    """How many parcels an operation wrote for the first time, changed, and found as they were; and what it left out."""

    new: int
    changed: int
    unchanged: int
    refused: pa.Table  # REFUSED_ROWS


def hold_cadastre() -> None:
    """Let nobody else record parcels until this transaction ends. To ask again in it costs nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CADASTRE_LOCK])


@transaction.atomic
def record_parcels(*, parcels: pa.Table, valid_from: date) -> Recorded:
    """Bring the cadastre to what these rows say from a day on; parcels that are not named stay as they are.

    parcels     rows as in PARCEL_ROWS, each public code once; boundaries valid, and snapped by whoever brings them,
                because a boundary that differs in its last bit is a change
    valid_from  the day from which the rows have effect. A parcel that already stands as the row says is left alone,
                even where it does so from a later day on; otherwise the row replaces whatever was recorded for the
                parcel from the day on, and what was so before the day stays

    A public code names one parcel for ever, so some rows are left out and returned as `refused`:
    - the parcel has ended, by a split or merger or because its last version ends. It does not matter whether valid_from
      lies before that day (the file is older than the end) or after it (the file still has what is no longer there):
      in both cases the row would stand over what took the parcel's place;
    - another parcel had the code before the one that stands, and ended after valid_from: the row may mean either;
    - the code is that of another sheet, number or suffix: sheet 1 number 2-2, and the second parcel 2 of sheet 1.

    One that records at the same time waits until this is committed. Raises InvalidInput if a code comes twice.
    """
    hold_cadastre()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.held, pg_temp.refused")
        cursor.execute(_INCOMING)
        # A broken connection must surface as Django's OperationalError; psycopg's copy block goes past its wrapper.
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY incoming ({', '.join(PARCEL_ROWS.names)}) FROM STDIN (FORMAT csv)") as copy,
        ):
            for chunk in as_csv(parcels.select(PARCEL_ROWS.names)):
                copy.write(chunk)
        try:
            with transaction.atomic():
                cursor.execute("CREATE UNIQUE INDEX ON incoming (code)")
        except IntegrityError as twice:
            raise InvalidInput(_("A parcel is given more than once."), reason=str(twice)) from None
        cursor.execute("ANALYZE incoming")
        steps = {"valid_from": valid_from}
        tables = {
            "parcel": connection.ops.quote_name(Parcel._meta.db_table),
            "lineage": connection.ops.quote_name(ParcelLineage._meta.db_table),
        }
        cursor.execute(_HELD.format(**tables), steps)
        refused = _leave_out(cursor, tables, valid_from)
        cursor.execute("CREATE INDEX ON held (identity) WHERE NOT same; ANALYZE held")
        cursor.execute("SELECT count(*) FILTER (WHERE same), count(*) FROM held")
        unchanged, known = cursor.fetchone()
        # Asked after the lock: whatever another import wrote lies before it.
        instant = database_time()
        now = {**steps, "now": instant}
        if unchanged < known:
            cursor.execute(_CLOSE.format(**tables), now)
            cursor.execute(_KEEP_BEFORE.format(**tables), now)
        cursor.execute(_ADD.format(**tables), now)
        new = parcels.num_rows - refused.num_rows - known
        return Recorded(new=new, changed=known - unchanged, unchanged=unchanged, refused=refused)


def _leave_out(cursor: CursorWrapper, tables: dict[str, str], valid_from: date) -> pa.Table:
    """Take the rows that must not be recorded out of the temporary tables; returns them as REFUSED_ROWS."""
    cursor.execute(_REFUSED, {"valid_from": valid_from})
    cursor.execute(_WHY_REFUSED.format(**tables, heirs=_HEIRS_NAMED))
    refused = cursor.fetchall()
    if refused:
        cursor.execute(_LEAVE_OUT_REFUSED)
    cursor.execute(_LEAVE_OUT_ENDED)
    columns = list(zip(*refused, strict=True)) or [()] * len(REFUSED_ROWS)
    return pa.table([pa.array(column, pa.string()) for column in columns], schema=REFUSED_ROWS)


def as_csv(parcels: pa.Table) -> Iterator[bytes]:
    """Rows with a column `boundary` as CSV for COPY, a chunk at a time: an empty string is quoted, NULL is not."""
    options = pa.csv.WriteOptions(include_header=False)
    for batch in parcels.to_batches(max_chunksize=_COPIED_ROWS):
        boundaries = shapely.from_wkb(batch.column("boundary").to_numpy(zero_copy_only=False))
        hexadecimal: np.ndarray = shapely.to_wkb(
            shapely.set_srid(boundaries, REGISTER_SRID), hex=True, include_srid=True
        )
        position = batch.schema.get_field_index("boundary")
        columns = [*batch.columns[:position], pa.array(hexadecimal, pa.string()), *batch.columns[position + 1 :]]
        text = io.BytesIO()
        pa.csv.write_csv(pa.RecordBatch.from_arrays(columns, names=batch.schema.names), text, options)
        yield text.getvalue()
