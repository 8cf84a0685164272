"""Questions to the cadastre that pages and searches ask. Rows come through layers.queries.select, as everywhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from psycopg import sql

from gisplatform import clock
from gisplatform.access import Person, sights
from gisplatform.crs import REGISTER_SRID
from layers.catalogue import Layer, find
from layers.parcels.models import LandUseCode, Parcel, ParcelLineage
from layers.parcels.references import ParcelReference, spellings
from layers.queries import select

# Parcels split and merge a few times in a century; deeper chains are errors in the lineage, not history.
GENERATIONS = 20

# What the published row does not carry: since when, the number before the last re-survey, and the shape itself.
DETAILS = {
    "valid_from": sql.SQL("lower(valid_during)"),
    "old_reference": sql.SQL(
        "(SELECT ARRAY[version.old_sheet, version.old_number] FROM parcels_parcel version"
        " WHERE version.identity = published.id AND version.valid_during = published.valid_during"
        " AND version.recorded_during = published.recorded_during)"
    ),
    "boundary": sql.SQL("ST_AsBinary(shape)"),
}


def layer() -> Layer:
    """The cadastre in the catalogue."""
    found = find("parcels")
    assert found is not None
    return found


def parcels(
    person: Person,
    where: sql.Composable,
    params: Mapping[str, Any],
    *,
    on: date | None = None,
    limit: int = 50,
    extra: Mapping[str, sql.Composable] | None = None,
    order_by: sql.Composable = sql.SQL("commune_code, length(sheet), sheet, length(number), number, code"),  # noqa: B008
) -> Sequence[dict[str, Any]]:
    """Parcels that this person may see on a day, in the order of commune, sheet and number."""
    return select(layer(), person, where=where, params=params, on=on, limit=limit, extra=extra, order_by=order_by)


def by_code(code: str, person: Person, on: date) -> dict[str, Any] | None:
    """The parcel of that public code on a day with DETAILS, or None."""
    found = parcels(person, sql.SQL("code = %(code)s"), {"code": code}, on=on, limit=1, extra=DETAILS)
    return found[0] if found else None


def by_reference(
    reference: ParcelReference,
    person: Person,
    *,
    communes: Iterable[str] = (),
    on: date | None = None,
    limit: int = 50,
    extra: Mapping[str, sql.Composable] | None = None,
    near: tuple[float, float] | None = None,
) -> Sequence[dict[str, Any]]:
    """Parcels that bear this sheet and number on a day; without a sheet in the reference, those of any sheet.

    communes  only in these communes; a commune in the reference itself comes first
    near      easting, northing of the register: what is nearest to it comes first
    """
    where, params = _reference_condition(reference, communes, "sheet", "number")
    if reference.suffix:
        # The first parcel of a number has no suffix in its code.
        where += sql.SQL(" AND code = commune_code || '-' || sheet || '-' || number || %(suffix)s")
        params["suffix"] = f"-{reference.suffix}" if reference.suffix > 1 else ""
    if not near:
        return parcels(person, where, params, on=on, limit=limit, extra=extra)
    # "+ 0" keeps the planner from walking the map's index outwards until it comes across the number: the number's own
    # index leads to a few thousand parcels at most.
    nearest = sql.SQL("(shape <-> ST_SetSRID(ST_MakePoint(%(easting)s, %(northing)s), %(srid)s)) + 0, code")
    params |= {"easting": near[0], "northing": near[1], "srid": REGISTER_SRID}
    return parcels(person, where, params, on=on, limit=limit, extra=extra, order_by=nearest)


def by_old_reference(
    reference: ParcelReference,
    person: Person,
    *,
    communes: Iterable[str] = (),
    on: date | None = None,
    limit: int = 50,
    extra: Mapping[str, sql.Composable] | None = None,
) -> Sequence[dict[str, Any]]:
    """Parcels that bore this sheet and number before the last re-survey; they bear others now."""
    where, params = _reference_condition(reference, communes, "old_sheet", "old_number")
    where = sql.SQL(
        "id IN (SELECT identity FROM parcels_parcel WHERE old_number <> '' AND upper_inf(recorded_during) AND {})"
    ).format(where)
    return parcels(person, where, params, on=on, limit=limit, extra=extra)


def _reference_condition(
    reference: ParcelReference, communes: Iterable[str], sheet: str, number: str
) -> tuple[sql.Composable, dict[str, Any]]:
    where: sql.Composable = sql.SQL("{} = ANY(%(numbers)s)").format(sql.Identifier(number))
    params: dict[str, Any] = {"numbers": reference.numbers}
    if reference.sheet:
        where += sql.SQL(" AND {} = ANY(%(sheets)s)").format(sql.Identifier(sheet))
        params["sheets"] = reference.sheets
    within = spellings(reference.commune_code) if reference.commune_code else list(communes)
    if within:
        where += sql.SQL(" AND commune_code = ANY(%(communes)s)")
        params["communes"] = within
    return where, params


def at(
    point: tuple[float, float],
    person: Person,
    *,
    on: date | None = None,
    extra: Mapping[str, sql.Composable] | None = None,
) -> Sequence[dict[str, Any]]:
    """Parcels at a place (easting, northing of the register, metres): one, or those that meet there."""
    where = sql.SQL("ST_Intersects(shape, ST_SetSRID(ST_MakePoint(%(easting)s, %(northing)s), %(srid)s))")
    params = {"easting": point[0], "northing": point[1], "srid": REGISTER_SRID}
    return parcels(person, where, params, on=on, limit=10, extra=extra)


def happening(kind: str) -> str:
    """What happened to parcels, by ParcelLineage.Kind, in words."""
    told = {
        ParcelLineage.Kind.SPLIT: _("Split"),
        ParcelLineage.Kind.MERGE: _("Merger"),
        ParcelLineage.Kind.RESURVEY: _("Re-survey"),
    }
    return told[ParcelLineage.Kind(kind)]


@dataclass(frozen=True)
class Relation:
    """A parcel that this one came from or became, by its code then."""

    code: str
    kind: str
    on: date

    @property
    def kind_name(self) -> str:
        """How it came about, in words."""
        return happening(self.kind)


def lineage(identity: int) -> tuple[list[Relation], list[Relation]]:
    """What one parcel came from, and what became of it: the next generation each way, oldest first.

    Codes are no secret wherever the parcel itself may be seen; ask only for one that was.
    """
    either = Q(predecessor=identity) | Q(successor=identity)
    rows = ParcelLineage.objects.filter(either, recorded_during__upper_inf=True).order_by("happened_on", "pk")
    related = [(row, row.predecessor if row.successor == identity else row.successor) for row in rows]
    if not related:
        return [], []
    last_codes = dict(
        Parcel.objects.recorded()
        .filter(identity__in=[other for _, other in related])
        .order_by("valid_during")
        .values_list("identity", "code")
    )
    came_from: list[Relation] = []
    became: list[Relation] = []
    for row, other in related:
        if other in last_codes:
            relation = Relation(last_codes[other], row.kind, row.happened_on)
            (came_from if row.successor == identity else became).append(relation)
    return sorted(came_from, key=_by_day), sorted(became, key=_by_day)


def _by_day(relation: Relation) -> tuple[date, str]:
    return relation.on, relation.code


@dataclass(frozen=True)
class Trace:
    """What became of a code that no parcel bears on the day that was asked about.

    existed  a parcel bore the code at some other time
    ended_on, begins_on  the day from which no parcel bore it any more; the day from which one will
    parcels  the parcels that are there on the day instead, as published rows
    renumbered  parcels that bore this sheet and number before the last re-survey, as published rows
    """

    code: str
    existed: bool = False
    ended_on: date | None = None
    begins_on: date | None = None
    parcels: Sequence[dict[str, Any]] = ()
    renumbered: Sequence[dict[str, Any]] = ()


def trace(code: str, reference: ParcelReference | None, person: Person, on: date) -> Trace:
    """Follow a code that leads to no parcel on a day to those that are there.

    reference  the same code taken apart, where it has the form of one; it then leads on by old sheet and number
    """
    if not sights(layer().access, person):
        return Trace(code)
    versions = list(Parcel.objects.recorded().filter(code=code).values_list("identity", "valid_during"))
    ended = [days.upper for _, days in versions if days.upper and days.upper <= on]
    begins = [days.lower for _, days in versions if days.lower and days.lower > on]
    identities = [identity for identity, _ in versions]
    there = _relatives(identities, person, on, forward=bool(ended) or not begins)
    known = {row["id"] for row in there}
    renumbered = by_old_reference(reference, person, on=on) if reference else []
    return Trace(
        code=code,
        existed=bool(versions),
        ended_on=max(ended, default=None),
        begins_on=None if ended else min(begins, default=None),
        parcels=there,
        renumbered=[row for row in renumbered if row["id"] not in known],
    )


def successors(
    reference: ParcelReference,
    person: Person,
    *,
    communes: Iterable[str] = (),
    extra: Mapping[str, sql.Composable] | None = None,
) -> Sequence[dict[str, Any]]:
    """The parcels of today that those became which once bore this sheet and number."""
    today = clock.today()
    versions = Parcel.objects.recorded().filter(
        sheet__in=reference.sheets, number__in=reference.numbers, valid_during__endswith__lte=today
    )
    if within := spellings(reference.commune_code) if reference.commune_code else list(communes):
        versions = versions.filter(commune_code__in=within)
    return _relatives(list(versions.values_list("identity", flat=True)[:50]), person, today, forward=True, extra=extra)


def _relatives(
    identities: Sequence[int],
    person: Person,
    on: date,
    *,
    forward: bool,
    extra: Mapping[str, sql.Composable] | None = None,
) -> Sequence[dict[str, Any]]:
    """The parcels of a day among these and all that they became (or, backwards, came from)."""
    related = _generations(identities, forward=forward) if identities else []
    if not related:
        return []
    # Small numbers would arrive as smallint, for which the index on identities is blind.
    return parcels(person, sql.SQL("id = ANY(%(ids)s::bigint[])"), {"ids": related}, on=on, extra=extra)


def _generations(identities: Iterable[int], *, forward: bool) -> list[int]:
    """The identities of these and all that they became (or, backwards, came from), generation by generation."""
    query = sql.SQL("""
        WITH RECURSIVE related (identity, generation) AS (
            SELECT unnest(%(identities)s::bigint[]), 0
            UNION
            SELECT step.{to}, related.generation + 1
            FROM related JOIN parcels_parcellineage step
                ON step.{start} = related.identity AND upper_inf(step.recorded_during)
            WHERE related.generation < %(generations)s
        ) SELECT DISTINCT identity FROM related
    """).format(
        to=sql.Identifier("successor" if forward else "predecessor"),
        start=sql.Identifier("predecessor" if forward else "successor"),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, {"identities": list(identities), "generations": GENERATIONS})
        return [identity for (identity,) in cursor.fetchall()]


@dataclass(frozen=True)
class LandUse:
    """A land-use code of a parcel with what the law calls it.

    known       the code is in the tables of the law, of whatever day
    in_force    the code is in force on the day that was asked about
    confidence  how sure the table is of its own row
    """

    code: str
    name_vi: str = ""
    name_en: str = ""
    known: bool = False
    in_force: bool = False
    legal_basis: str = ""
    confidence: str = ""

    @property
    def unverified(self) -> bool:
        """Whether the table's own source still has to be checked."""
        return self.known and ("unverified" in self.confidence or "verify" in self.confidence)


def land_uses(codes: Sequence[str], on: date) -> list[LandUse]:
    """What the codes mean on a day, in the order given; one query. Codes of other days keep their names."""
    rows: dict[str, LandUse] = {}
    # The row in force comes last and stays.
    for row in LandUseCode.objects.filter(code__in=codes).order_by("effective_from"):
        in_force = (row.effective_from is None or row.effective_from <= on) and (
            row.effective_to is None or row.effective_to >= on
        )
        if row.code not in rows or in_force or not rows[row.code].in_force:
            rows[row.code] = LandUse(
                row.code, row.name_vi, row.name_en, True, in_force, row.legal_basis, row.confidence
            )
    return [rows.get(code) or LandUse(code) for code in codes]


def land_use_codes(on: date) -> tuple[set[str], set[str]]:
    """The land-use codes in force on a day, and all that the table knows."""
    in_force = set(LandUseCode.objects.in_force(on).values_list("code", flat=True))
    return in_force, set(LandUseCode.objects.values_list("code", flat=True))


@dataclass(frozen=True)
class HeldParcel:
    """The newest version that the register holds under a name and suffix. `boundary`: WKB in the register's system."""

    name: tuple[str, str, str]  # commune code, sheet, number
    suffix: int
    stands: bool  # it has not ended
    boundary: bytes


def repeated_names(communes: Sequence[str]) -> list[tuple[str, str, str]]:
    """Commune code, sheet and number where the register tells, or once told, several parcels apart by a suffix."""
    several = Parcel.objects.recorded().filter(suffix__gt=1, commune_code__in=communes)
    return list(several.values_list("commune_code", "sheet", "number").distinct())


def held_under(names: Sequence[tuple[str, str, str]]) -> list[HeldParcel]:
    """All parcels under these names, ended ones too. For each name, those that stand come first, by their suffix."""
    query = """
        SELECT commune_code, sheet, number, suffix, upper_inf(valid_during) AS stands, ST_AsBinary(boundary, 'NDR')
        FROM (
            SELECT DISTINCT ON (commune_code, sheet, number, suffix) parcel.*
            FROM parcels_parcel parcel
                JOIN unnest(%s::text[], %s::text[], %s::text[]) AS asked (commune_code, sheet, number)
                USING (commune_code, sheet, number)
            WHERE upper_inf(recorded_during)
            ORDER BY commune_code, sheet, number, suffix, valid_during DESC
        ) AS newest
        ORDER BY commune_code, sheet, number, stands DESC, suffix
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [list(column) for column in zip(*names, strict=True)] or [[], [], []])
        return [
            HeldParcel((commune, sheet, number), suffix, stands, bytes(boundary))
            for commune, sheet, number, suffix, stands, boundary in cursor.fetchall()
        ]
