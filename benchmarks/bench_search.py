"""The search over a million parcels and 20,000 streets: time of an answer over HTTP, statements, growth."""

import argparse
import http.client
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any
from urllib.parse import quote, urlsplit

import django
from django.db import connections
from django.test.utils import CaptureQueriesContext

from benchmarks import search_city
from benchmarks.bench import Measure, Platform, percentile, platform_of_its_own, report, table
from gisplatform.crs import wgs84_to_register
from gisplatform.databases import database_settings

LIMIT_MS = 100
MOST_STATEMENTS = 40
# Tenfold rows may cost this many times the time: an index is a little deeper then, and no more.
GROWTH_LIMIT = 3.0
FEWEST_PARCELS = 2000
MIDDLE = (108.13, 15.93)
LARGE_TABLES = ("parcels_parcel", "base_address", "base_street", "plans_zone")

Queries = dict[str, list[str]]


def main() -> int:
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--streets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--each", type=int, default=15, help="queries of each kind")
    parser.add_argument("--keep", action="store_true", help="keep the database for the next call")
    arguments = parser.parse_args()
    if arguments.parcels < FEWEST_PARCELS or arguments.streets * 10 > arguments.parcels:
        parser.error(f"at least {FEWEST_PARCELS} parcels, and ten for each street")
    django.setup()
    small = measured(
        arguments, max(arguments.parcels // 10, FEWEST_PARCELS), max(arguments.streets // 10, 20), told=False
    )
    large = measured(arguments, arguments.parcels, arguments.streets, told=True)
    measures = [
        Measure("p95_ms", large["p95"], "ms", LIMIT_MS),
        Measure("p50_ms", large["p50"], "ms"),
        Measure("slowest_kind_p95_ms", large["worst"], "ms", LIMIT_MS),
        Measure("first_time_p95_ms", large["first_p95"], "ms"),
        Measure("direct_p95_ms", large["direct_p95"], "ms"),
        Measure("statements_max", large["statements"], "statements", MOST_STATEMENTS),
        Measure("whole_tables_read", large["whole_tables"], "plans", 0),
        Measure("growth_10x_p95", large["p95"] / small["p95"], "ratio", GROWTH_LIMIT),
        Measure("parcels", arguments.parcels, "rows"),
        Measure("streets", arguments.streets, "rows"),
    ]
    return report("search", measures, str(large["server_version"]))


def measured(arguments: argparse.Namespace, parcels: int, streets: int, *, told: bool) -> dict[str, Any]:
    """All figures for a city of one size."""
    with platform_of_its_own("search", keep=str(parcels) if arguments.keep else "") as own:
        began = time.monotonic()
        search_city.fill(own, parcels, streets)
        print(f"{parcels:,} parcels, {streets:,} streets: filled in {time.monotonic() - began:.0f} s", flush=True)
        queries = {kind: made(own) for kind, made in KINDS.items()}
        for kind, texts in queries.items():
            queries[kind] = texts[: arguments.each]
        with own.served() as url:
            over_http = asked_over_http(url, queries, arguments.rounds)
        direct, statements, whole_tables = asked_directly(own, queries)
        version = own.server_version
    if told:
        head = ["kind of query", "queries", "p50 ms", "p95 ms", "slowest ms", "statements", "for example"]
        table(head, [
            [kind, len(texts), *(percentile([median(times) for times in over_http[kind]], p) for p in (50, 95, 100)),
             max(statements[kind]), texts[0][:40]] for kind, texts in queries.items()
        ])  # fmt: skip
        for plan in whole_tables:
            print("whole table read:", plan)
    medians = {kind: [median(times) for times in each] for kind, each in over_http.items()}
    everything = [value for values in medians.values() for value in values]
    return {
        "p50": percentile(everything, 50),
        "p95": percentile(everything, 95),
        "worst": max(percentile(values, 95) for values in medians.values()),
        "first_p95": percentile([times[0] for each in over_http.values() for times in each], 95),
        "direct_p95": percentile(direct, 95),
        "statements": max(count for counts in statements.values() for count in counts),
        "whole_tables": len(whole_tables),
        "server_version": version,
    }


def asked_over_http(url: str, queries: Queries, rounds: int) -> dict[str, list[list[float]]]:
    """Milliseconds of each query in each round, over one connection; the rounds go through all queries in turn."""
    times: dict[str, list[list[float]]] = {kind: [[] for _text in texts] for kind, texts in queries.items()}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    _ask(connection, "warm")  # connects to the database
    for _round in range(rounds):
        for kind, texts in queries.items():
            for at, text in enumerate(texts):
                began = time.perf_counter()
                _ask(connection, text)
                times[kind][at].append((time.perf_counter() - began) * 1000)
    connection.close()
    return times


def _ask(connection: http.client.HTTPConnection, text: str) -> list[dict[str, Any]]:
    connection.request("GET", f"/search.json?limit=8&near={MIDDLE[0]},{MIDDLE[1]}&q={quote(text)}")
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        sys.exit(f"{text!r} was answered with {answer.status}: {body[:500]!r}")
    return json.loads(body)["results"]


def asked_directly(own: Platform, queries: Queries) -> tuple[list[float], dict[str, list[int]], list[str]]:
    """Without HTTP: milliseconds of each query, statements of each by kind, and statements that read a whole table."""
    from gisplatform.access import CITIZEN
    from layers.search import search

    connections["default"].close()
    connections["default"].settings_dict.update(database_settings(own.database_url, "owner"))
    near = wgs84_to_register(*MIDDLE)
    times, statements, whole_tables = [], {}, []
    for kind, texts in queries.items():
        statements[kind] = []
        for text in texts:
            search(text, CITIZEN, 8, near)
            began = time.perf_counter()
            search(text, CITIZEN, 8, near)
            times.append((time.perf_counter() - began) * 1000)
            with CaptureQueriesContext(connections["default"]) as asked:
                search(text, CITIZEN, 8, near)
            statements[kind].append(len(asked))
            whole_tables += [f"{text!r}: {read}" for query in asked for read in _whole_tables(query["sql"])]
    connections["default"].close()
    return times, statements, whole_tables


def _whole_tables(query: str) -> list[str]:
    """The large tables that a statement reads from end to end. Similarity asks with such plans switched off."""
    if not query.lstrip().startswith(("SELECT", "WITH")) or "set_config" in query or "<%" in query:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {query.replace('%', '%%')}", ())
        plan = json.dumps(cursor.fetchone()[0])
    read = re.findall(r'"Node Type": "Seq Scan",[^{}]*?"Relation Name": "(\w+)"', plan)
    return [name for name in read if name in LARGE_TABLES]


# ---- What people type ----


def _rows(own: Platform, query: str) -> list[tuple[Any, ...]]:
    """A sample of 40 rows, the same in each run over the same city."""
    with own.connect() as connection:
        return connection.execute(f"{query} ORDER BY md5(row.id::text) LIMIT 40").fetchall()  # type: ignore[arg-type]


def _parcels(own: Platform, *habits: str) -> list[str]:
    found = _rows(own, "SELECT code, commune_code, sheet, number, suffix FROM parcels_parcel row")
    texts = []
    for at, (code, commune, sheet, number, _suffix) in enumerate(found):
        texts.append(habits[at % len(habits)].format(code=code, commune=commune, sheet=sheet, number=number))
    return texts


def _old(own: Platform) -> list[str]:
    found = _rows(own, "SELECT old_sheet, old_number FROM parcels_parcel row WHERE old_number <> ''")
    return [f"tờ {sheet} thửa {number}" for sheet, number in found]


def _houses(own: Platform, *habits: str) -> list[str]:
    found = _rows(own, "SELECT house_number, street_name FROM base_address row")
    texts = []
    for at, (number, street) in enumerate(found):
        bare = street.removeprefix("Đường ")
        lane, door = [*number.lstrip("K").split("/"), "1"][:2]
        habit = habits[at % len(habits)]
        texts.append(habit.format(number=number, street=bare, plain=_plain(bare), lane=lane, door=door))
    return texts


def _names(own: Platform, source: str, change: Callable[[str], str] = str) -> list[str]:
    return [change(name) for (name,) in _rows(own, f"SELECT name FROM {source} row")]  # noqa: S608 - ours


def _plain(text: str) -> str:
    from layers.names import search_key

    return search_key(text)


def _misspelled(name: str) -> str:
    """One letter of the last word doubled, one of the first left out."""
    words = name.split()
    return " ".join([*words[:-2], words[-2][:1] + words[-2][2:], words[-1][0] + words[-1]])


def _begun(name: str) -> str:
    return _plain(name)[:-2]


def _given(texts: Sequence[str]) -> Callable[[Platform], list[str]]:
    return lambda _own: list(texts)


KINDS: dict[str, Callable[[Platform], list[str]]] = {
    "sheet and parcel": lambda own: _parcels(own, "tờ {sheet} thửa {number}", "{sheet}-{number}", "{number}/{sheet}",
                                             "thửa {number} tờ bản đồ số {sheet}"),
    "parcel code": lambda own: _parcels(own, "{code}", "{commune} {sheet} {number}"),
    "number alone": lambda own: _parcels(own, "thửa {number}", "{number}"),
    "old number": _old,
    "house": lambda own: _houses(own, "{number} {street}", "số {number} đường {street}", "{number} {plain}",
                                 "kiệt {lane} {street} số {door}", "{street} {number}"),
    "house not there": lambda own: _houses(own, "9999 {street}", "số {number}999 {plain}"),
    "street": lambda own: _names(own, "base_street"),
    "street, no tone marks": lambda own: _names(own, "base_street", _plain),
    "street, being typed": lambda own: _names(own, "base_street", _begun),
    "street, misspelled": lambda own: _names(own, "base_street", _misspelled),
    "place": lambda own: _names(own, "base_place"),
    "water": lambda own: _names(own, "base_water"),
    "ward": lambda own: _names(own, "base_administrativeunit", lambda name: name.replace("Phường", "P.")),
    "plan": lambda own: [title for (title,) in _rows(own, "SELECT title FROM plans_plan row")],
    "zone": lambda own: [code for (code,) in _rows(own, "SELECT code FROM plans_zone row")],
    "WGS 84": _given([f"{15.9 + nth / 500:.5f}, {108.1 + nth / 700:.5f}" for nth in range(20)]),
    "VN-2000": _given([f"{1_758_500 + 300 * nth} {537_700 + 150 * nth}" for nth in range(20)]),
    "common words": _given(["đường", "phường", "1", "2", "đường số", "trường tiểu học", "chợ", "quy hoạch", "số 1",
                            "thử nghiệm", "O", "tờ 1", "thửa 1", "xanh", "1-1"]),
    "one letter": _given([*"adđtnhks", "%", "_", "'", "?", "t n", "a b c d"]),
    "nothing there": _given(["qqq", "xyzzy", "zzz 123", "999999-999999", "không có gì ở đây", "đường qwrtp", "!!!",
                             "%%", "'; DROP TABLE --", "12 qwrtp", "thửa 999999", "🙂", "duog", "trangg nonn",
                             "nguyn"]),
    "long": _given(["đường " * 2000, "1" * 10_000, "a" * 10_000, "12-" * 3000, "trăng non " * 1000, "(" * 5000,
                    "t " * 5000, "1 2 " * 2500, "%" * 3000, "thửa 12 tờ " * 900]),
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
