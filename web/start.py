"""What the start page tells each role. Every number is bounded, indexed, estimated or kept for a while."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Func
from django.utils.translation import gettext as _
from psycopg import sql

from accounts.models import User
from gisplatform import clock
from gisplatform.access import CITIZEN, Person, Role, row_condition, sees_exactly
from gisplatform.crs import REGISTER_SRID, wgs84_to_register
from importers.models import ImportRun
from layers.catalogue import Layer, find, layers, value_words, words
from layers.networks.queries import Holding, holdings
from layers.parcels import queries as cadastre
from layers.parcels.models import Parcel, ParcelLineage
from layers.publishing import SCHEMA
from layers.queries import select
from planning.plans.models import PlanState
from web.config import first_view

FEW = 10
# The last rows that were written tell the last changes; so many are looked at for parcels that are there today.
LOOKED_AT = 200
COMING_STATES = (PlanState.DRAFT, PlanState.CONSULTATION, PlanState.APPRAISAL)
MOST_PLANS = 50
# Up to so many rows all networks together are counted in half a second; more are told as the registers' estimates.
MOST_COUNTED = 1_000_000
EXAMPLES_CACHE_KEY, EXAMPLES_CACHE_S = "web.start-examples", 600

SINCE = {"since": sql.SQL("lower(valid_during)"), "recorded": sql.SQL("lower(recorded_during)")}


@dataclass(frozen=True)
class Change:
    """One parcel as it was last written to the register, and how it came about."""

    code: str
    sheet: str
    number: str
    area_m2: float
    kind: str  # in words
    since: date | None
    recorded: datetime


def coming_plans(person: Person) -> Sequence[dict[str, Any]]:
    """Plans without effect yet that this person may see, those that changed last first."""
    return _plans(person, [state.value for state in COMING_STATES], MOST_PLANS)


def plan_changes(person: Person) -> Sequence[dict[str, Any]]:
    """The plans whose versions were recorded last, of any state."""
    return _plans(person, list(PlanState.values), FEW)


def _plans(person: Person, states: list[str], limit: int) -> Sequence[dict[str, Any]]:
    rows = select(
        _layer("plans"),
        person,
        where=sql.SQL("state = ANY(%(states)s)"),
        params={"states": states},
        extra=SINCE,
        order_by=sql.SQL("lower(recorded_during) DESC, id DESC"),
        limit=limit,
    )
    told = ("state", "kind")
    return [{**row, **{f"{name}_words": value_words("plans", name, row[name]) for name in told}} for row in rows]


def parcel_changes(person: Person) -> list[Change]:
    """The parcels of today that were written to the register last, the latest first."""
    last = Parcel.objects.recorded().order_by("-pk").values_list("identity", flat=True)[:LOOKED_AT]
    rows = cadastre.parcels(
        person,
        sql.SQL("id = ANY(%(ids)s::bigint[])"),
        {"ids": list(last)},
        extra=SINCE,
        order_by=sql.SQL("lower(recorded_during) DESC, lower(valid_during) DESC, id DESC"),
        limit=FEW,
    )
    identities = [row["id"] for row in rows]
    kinds = {
        (relation.successor, relation.happened_on): cadastre.happening(relation.kind)
        for relation in ParcelLineage.objects.filter(successor__in=identities, recorded_during__upper_inf=True)
    }
    versions = Parcel.objects.recorded().filter(identity__in=identities, valid_during__endswith__isnull=False)
    amended = set(versions.values_list("identity", flat=True))
    return [
        Change(
            code=row["code"],
            sheet=row["sheet"],
            number=row["number"],
            area_m2=row["area_measured_m2"],
            kind=kinds.get((row["id"], row["since"])) or (_("Update") if row["id"] in amended else _("First entry")),
            since=row["since"],
            recorded=row["recorded"],
        )
        for row in rows
    ]


def cameras(person: Person) -> dict[str, Any]:
    """Cameras by purpose as far as this person may see them, and whether their positions are exact."""
    layer = _layer("cameras")
    restriction = row_condition(layer.access, person)
    if restriction is None:
        return {"purposes": [], "exact": False}
    condition, allowed = restriction
    query = sql.SQL(
        "SELECT purpose, count(*) FROM {view} WHERE {in_effect} AND {condition} GROUP BY purpose ORDER BY count(*) DESC"
    ).format(view=sql.Identifier(SCHEMA, layer.key), in_effect=sql.SQL(layer.in_effect()), condition=condition)
    rows = _asked(query, {**allowed, "on": clock.today()})
    return {
        "purposes": [(value_words("cameras", "purpose", purpose), count) for purpose, count in rows],
        "total": sum(count for _purpose, count in rows),
        "exact": sees_exactly(layer.access, person),
    }


def accounts() -> list[tuple[str, int]]:
    """How many active accounts each role has; an account with two roles counts in both."""
    of_role = Func("roles", function="unnest")
    counts: Mapping[str, int] = dict(
        User.objects.filter(is_active=True).annotate(role=of_role).values_list("role").annotate(Count("pk"))
    )
    return [(str(role.label), counts.get(role.value, 0)) for role in Role if role != Role.CITIZEN]


def network(person: Person) -> list[Holding] | None:
    """What there is of the networks that this person may see; None where that is too much to be counted while he waits.

    A utility's own is always counted, by the index on its organisation.
    """
    estimates = {layer.key: rows or 0 for layer, rows in _estimates() if layer.group == "networks"}
    if Role.UTILITY not in person.roles and sum(estimates.values()) > MOST_COUNTED:
        return None
    return sorted(holdings(person), key=lambda held: held.network)


def registers() -> list[tuple[str, int | None]]:
    """About how many rows each register has, old versions included, as the database last counted; None: not yet."""
    return [(words(layer.title), rows) for layer, rows in _estimates()]


def _estimates() -> list[tuple[Layer, int | None]]:
    tables = {layer.table: layer for layer in reversed(layers())}
    query = sql.SQL("SELECT relname, reltuples::bigint FROM pg_class WHERE oid = ANY(%(tables)s::regclass[]::oid[])")
    counted = dict(_asked(query, {"tables": list(tables)}))
    return [(layer, None if counted[table] < 0 else counted[table]) for table, layer in tables.items()]


def imports() -> Iterable[ImportRun]:
    """The last files that were taken in."""
    return ImportRun.objects.select_related("imported_by").order_by("-pk")[:FEW]


def examples() -> list[str]:
    """What a citizen may type that leads somewhere here: what lies nearest to the middle of the map. Kept a while."""
    found: list[str] | None = cache.get(EXAMPLES_CACHE_KEY)
    if found is None:
        west, south, east, north = first_view()["bounds"]
        easting, northing = wgs84_to_register((west + east) / 2, (south + north) / 2)
        middle = sql.SQL("shape <-> ST_SetSRID(ST_MakePoint({}, {}), {})").format(
            *map(sql.Literal, (easting, northing, REGISTER_SRID))
        )
        texts = {
            "addresses": "{house_number} {street_name}",
            "parcels": "tờ {sheet} thửa {number}",
            "streets": "{name}",
            "places": "{name}",
        }
        found = []
        for key, text in texts.items():
            rows = select(_layer(key), CITIZEN, order_by=middle, limit=1)
            found += [text.format(**row) for row in rows]
        cache.set(EXAMPLES_CACHE_KEY, found, EXAMPLES_CACHE_S)
    return found


def _layer(key: str) -> Layer:
    layer = find(key)
    assert layer is not None
    return layer


def _asked(query: sql.Composable, params: Mapping[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()
