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
from django.utils.translation import gettext as _

from gisplatform.crs import REGISTER_SRID
from gisplatform.errors import InvalidInput
from gisplatform.registers import database_time
from layers.parcels.models import Parcel, PublicCode

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

_INCOMING = f"""
    CREATE TEMPORARY TABLE incoming (
        commune_code text NOT NULL, sheet text NOT NULL, number text NOT NULL, suffix smallint NOT NULL,
        old_sheet text NOT NULL, old_number text NOT NULL, land_use text NOT NULL, area_document_m2 float,
        boundary geometry(MultiPolygon, {REGISTER_SRID}) NOT NULL,
        code text GENERATED ALWAYS AS ({PublicCode.template}) STORED
    ) ON COMMIT DROP
"""
# The newest version under each code that has effect on or after the day, and whether it already says the same.
_STANDING = """
    CREATE TEMPORARY TABLE standing ON COMMIT DROP AS
    SELECT DISTINCT ON (parcel.code) parcel.code, parcel.identity,
        upper_inf(parcel.valid_during)
        AND parcel.old_sheet = incoming.old_sheet AND parcel.old_number = incoming.old_number
        AND parcel.land_use_codes::text[] = string_to_array(incoming.land_use, '+')
        AND parcel.area_document_m2 IS NOT DISTINCT FROM incoming.area_document_m2
        AND parcel.boundary = incoming.boundary AS same
    FROM {parcel} parcel JOIN incoming USING (code)
    WHERE upper_inf(parcel.recorded_during) AND parcel.valid_during && daterange(%(valid_from)s, NULL)
    ORDER BY parcel.code, parcel.valid_during DESC
"""
_CLOSE = """
    UPDATE {parcel} parcel SET recorded_during = tstzrange(lower(parcel.recorded_during), %(now)s)
    FROM standing
    WHERE standing.code = parcel.code AND NOT standing.same
        AND upper_inf(parcel.recorded_during) AND parcel.valid_during && daterange(%(valid_from)s, NULL)
"""
# What was so before the day stays so; a version that began on the day or later leaves no remainder.
_KEEP_BEFORE = """
    INSERT INTO {parcel} (identity, valid_during, recorded_during, commune_code, sheet, number, suffix, old_sheet,
        old_number, land_use_codes, area_document_m2, boundary)
    SELECT parcel.identity, parcel.valid_during * daterange(NULL, %(valid_from)s), tstzrange(%(now)s, NULL),
        parcel.commune_code, parcel.sheet, parcel.number, parcel.suffix, parcel.old_sheet, parcel.old_number,
        parcel.land_use_codes, parcel.area_document_m2, parcel.boundary
    FROM {parcel} parcel JOIN standing USING (code)
    WHERE NOT standing.same AND upper(parcel.recorded_during) = %(now)s
        AND NOT isempty(parcel.valid_during * daterange(NULL, %(valid_from)s))
"""
_ADD = """
    INSERT INTO {parcel} (identity, valid_during, recorded_during, commune_code, sheet, number, suffix, old_sheet,
        old_number, land_use_codes, area_document_m2, boundary)
    SELECT coalesce(standing.identity, nextval('register_identity')), daterange(%(valid_from)s, NULL),
        tstzrange(%(now)s, NULL), commune_code, sheet, number, suffix, old_sheet, old_number,
        string_to_array(land_use, '+'), area_document_m2, boundary
    FROM incoming LEFT JOIN standing USING (code)
    WHERE standing.same IS NOT TRUE
    ORDER BY code
"""


@dataclass(frozen=True)
class Recorded:
    """How many parcels an operation wrote for the first time, changed, and found as they were."""

    new: int
    changed: int
    unchanged: int


@transaction.atomic
def record_parcels(*, parcels: pa.Table, valid_from: date) -> Recorded:
    """Bring the cadastre to what these rows say from a day on; parcels that are not named stay as they are.

    parcels     rows as in PARCEL_ROWS, each public code once; boundaries valid, and snapped by whoever brings them,
                because a boundary that differs in its last bit is a change
    valid_from  the day from which the rows have effect. A parcel that already stands as the row says is left alone,
                even where it does so from a later day on; otherwise the row replaces whatever was recorded for the
                parcel from the day on, and what was so before the day stays

    One that records at the same time waits until this is committed. Raises InvalidInput if a code comes twice.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CADASTRE_LOCK])
        cursor.execute("DROP TABLE IF EXISTS pg_temp.incoming, pg_temp.standing")
        cursor.execute(_INCOMING)
        # A broken connection must surface as Django's OperationalError; psycopg's copy block goes past its wrapper.
        with (
            connection.wrap_database_errors,
            cursor.copy(f"COPY incoming ({', '.join(PARCEL_ROWS.names)}) FROM STDIN (FORMAT csv)") as copy,
        ):
            for chunk in _as_csv(parcels):
                copy.write(chunk)
        try:
            with transaction.atomic():
                cursor.execute("CREATE UNIQUE INDEX ON incoming (code)")
        except IntegrityError as twice:
            raise InvalidInput(_("A parcel is given more than once."), reason=str(twice)) from None
        cursor.execute("ANALYZE incoming")
        steps = {"valid_from": valid_from}
        table = connection.ops.quote_name(Parcel._meta.db_table)
        cursor.execute(_STANDING.format(parcel=table), steps)
        cursor.execute("SELECT count(*) FILTER (WHERE same), count(*) FROM standing")
        unchanged, known = cursor.fetchone()
        # Asked after the lock: whatever another import wrote lies before it.
        now = {**steps, "now": database_time()}
        if unchanged < known:
            cursor.execute(_CLOSE.format(parcel=table), now)
            cursor.execute(_KEEP_BEFORE.format(parcel=table), now)
        cursor.execute(_ADD.format(parcel=table), now)
        return Recorded(new=parcels.num_rows - known, changed=known - unchanged, unchanged=unchanged)


def _as_csv(parcels: pa.Table) -> Iterator[bytes]:
    """The rows as CSV for COPY, a chunk at a time: an empty string is quoted, NULL is not."""
    options = pa.csv.WriteOptions(include_header=False)
    for batch in parcels.select(PARCEL_ROWS.names).to_batches(max_chunksize=_COPIED_ROWS):
        boundaries = shapely.from_wkb(batch.column("boundary").to_numpy(zero_copy_only=False))
        hexadecimal: np.ndarray = shapely.to_wkb(
            shapely.set_srid(boundaries, REGISTER_SRID), hex=True, include_srid=True
        )
        position = batch.schema.get_field_index("boundary")
        columns = [*batch.columns[:position], pa.array(hexadecimal, pa.string()), *batch.columns[position + 1 :]]
        text = io.BytesIO()
        pa.csv.write_csv(pa.RecordBatch.from_arrays(columns, names=batch.schema.names), text, options)
        yield text.getvalue()
