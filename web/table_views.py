"""The map's rows as a table: a page for whoever cannot use a map, and the same for the map's script."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from psycopg import sql

from gisplatform import clock
from gisplatform.access import CITIZEN
from gisplatform.errors import InvalidInput
from gisplatform.http import day_asked, kept, person_of
from layers.catalogue import find, words
from layers.outlines import outline_of
from layers.queries import select
from layers.tables import Question, table
from layers.things import layer_of
from web import tables

DOWNLOADS = {"csv": "CSV", "geojson": "GeoJSON", "gpkg": "GeoPackage"}
LONGEST_PAGE = 6  # digits
COMMUNES = 400


@require_safe
def table_page(request: HttpRequest) -> HttpResponse:
    """Rows of a layer as a page: works without script and without a map."""
    question, columns = _asked(request)
    found = table(question)
    params = request.GET.dict()
    link = _linking(question, params)
    on = "" if question.on == clock.today() else question.on.isoformat()
    area = _area(params)
    sortable = not found.more
    context: dict[str, Any] = {
        "question": question,
        "table": found,
        "count": tables.count_words(found),
        "title": words(question.layer.title),
        "area": tables.area_words(question.outline, question.on),
        "layers": [
            {
                "title": words(layer.title),
                "url": link(layer=layer.key, sort="", **_without(question)),
                "here": layer == question.layer,
            }
            for layer in tables.layers_of(question.person)
        ],
        "communes": _communes(),
        "params": params,
        "columns": [
            {
                "column": column,
                "direction": tables.direction(question, column.name),
                "url": link(sort=tables.sort_of(question, column.name)) if sortable else "",
                "filter": question.filters.get(column.name, ""),
            }
            for column in columns
        ],
        "chips": [
            {
                "title": f"{column.title}: {column.words.get(text, text)}",
                "url": link(**{tables.FILTER + column.name: ""}),
            }
            for column in columns
            if (text := question.filters.get(column.name))
        ],
        "area_chip": link(bbox="", thing="") if question.outline else "",
        "rows": [
            row | {"pairs": [(cell, column.numeric) for cell, column in zip(row["cells"], columns, strict=True)]}
            for row in (tables.row(thing, columns, question.person) for thing in found.things)
        ],
        "pager": _pager(found.page, found.pages, link),
        "map_url": _map_url(question, on),
        "downloads": _downloads(question, area | ({"as_of": on} if on else {})) if area else [],
    }
    return kept(render(request, "web/table.html", context), request)


@require_safe
def table_json(request: HttpRequest) -> HttpResponse:
    """The same rows in words as JSON, for the table beside the map."""
    question, columns = _asked(request)
    return kept(JsonResponse(tables.document(question, table(question), columns, request.GET.dict())), request)


def _asked(request: HttpRequest) -> tuple[Question, list[tables.Column]]:
    """What an address asks, and the columns of the answer. Raises InvalidInput, NotFound."""
    params, person = request.GET.dict(), person_of(request)
    area = _area(params)
    layer = layer_of(params.get("layer") or "parcels", person)
    on = day_asked(request) or clock.today()
    columns = tables.columns_of(layer, person)
    names = {column.name for column in columns}
    filters = {
        name.removeprefix(tables.FILTER): text.strip()
        for name, text in params.items()
        if name.startswith(tables.FILTER) and text.strip()
    }
    sort = params.get("sort", "")
    for name in {*filters, sort.removeprefix("-")} - {""} - names:
        raise InvalidInput(_("The table has no column “%(column)s”.") % {"column": name[:40]}, field=name[:40])
    page = params.get("page") or "1"
    if not (page.isascii() and page.isdigit() and len(page) <= LONGEST_PAGE and int(page) > 0):
        raise InvalidInput(_("The page is a whole number from 1 on."), field="page")
    question = Question(
        layer=layer,
        person=person,
        on=on,
        outline=outline_of(area, person, on) if area else None,
        filters=filters,
        words={column.name: column.words for column in columns if column.words},
        sort=sort.removeprefix("-") or columns[0].name,
        descending=sort.startswith("-"),
        page=int(page),
    )
    return question, columns


def _area(params: Mapping[str, str]) -> dict[str, str]:
    """What of an address names the area: a commune says more than the view of the map from which somebody came."""
    return next(({name: params[name]} for name in ("thing", "bbox") if params.get(name)), {})


def _linking(question: Question, params: Mapping[str, str]) -> Any:
    """A function from changed parameters to the address of that table."""

    def link(**changes: str) -> str:
        return tables.address(question, params, **changes)

    return link


def _without(question: Question) -> dict[str, str]:
    """Changes that take out every filter: other layers have other columns."""
    return {tables.FILTER + name: "" for name in question.filters}


def _pager(page: int, pages: int, link: Any) -> dict[str, Any] | None:
    if pages == 1:
        return None
    return {
        "page": page,
        "pages": pages,
        "previous": link(page=str(page - 1)) if page > 1 else "",
        "next": link(page=str(page + 1)) if page < pages else "",
    }


def _downloads(question: Question, params: dict[str, str]) -> list[dict[str, str]]:
    """Where all rows of the area can be taken home, by kind of file."""
    folder = f"/layers/{question.layer.key}/download"
    return [{"title": title, "url": f"{folder}.{ending}?{urlencode(params)}"} for ending, title in DOWNLOADS.items()]


def _map_url(question: Question, on: str) -> str:
    """The map at the area of the table."""
    day = f"&date={on}" if on else ""
    if question.outline is None:
        return f"/#{day[1:]}"
    west, south, east, north = question.outline.bounds
    zoom = tables.zoom_of(east - west)
    return f"/#map={zoom:.2f}/{(south + north) / 2:.6f}/{(west + east) / 2:.6f}{day}"


def _communes() -> list[dict[str, str]]:
    """The communes, to choose from."""
    units = find("administrative_units")
    assert units is not None
    order = sql.SQL("name COLLATE natural_vi, id")
    rows = select(units, CITIZEN, where=sql.SQL("level = 'commune'"), order_by=order, limit=COMMUNES)
    return [{"value": f"{units.key}/{row['id']}", "title": row["name"]} for row in rows]
