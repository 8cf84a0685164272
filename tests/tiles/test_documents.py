"""TileJSON and style: right by their own specifications, in both languages, for the person who asks."""

import json
import math
import re
import subprocess

import jsonschema
import pytest
import shapely

from gisplatform.access import Person, Role, sights
from gisplatform.crs import to_wgs84
from layers.catalogue import layers
from layers.drawn.levels import size_of
from tests.conftest import ROOT
from tests.factories import make_camera, make_organisation, make_parcel, make_unit, rectangle
from tiles.colours import contrast
from tiles.style import drawn_legend, samples

pytestmark = pytest.mark.django_db(transaction=True)

PLANNER = Person.of([Role.PLANNER])

# What TileJSON 3.0.0 demands (github.com/mapbox/tilejson-spec, 3.0.0/schema.json).
TILEJSON = {
    "type": "object",
    "required": ["tilejson", "tiles", "vector_layers"],
    "properties": {
        "tilejson": {"const": "3.0.0"},
        "tiles": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "string", "pattern": r"^http.+\{z\}/\{x\}/\{y\}"},
        },
        "vector_layers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "fields"],
                "properties": {
                    "id": {"type": "string"},
                    "description": {"type": "string"},
                    "minzoom": {"type": "integer", "minimum": 0, "maximum": 30},
                    "maxzoom": {"type": "integer", "minimum": 0, "maximum": 30},
                    "fields": {"type": "object", "additionalProperties": {"type": "string"}},
                },
                "additionalProperties": False,
            },
        },
        "attribution": {"type": "string"},
        "bounds": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
        "center": {"type": "array", "minItems": 3, "maxItems": 3, "items": {"type": "number"}},
        "minzoom": {"type": "integer", "minimum": 0, "maximum": 30},
        "maxzoom": {"type": "integer", "minimum": 0, "maximum": 30},
        "scheme": {"enum": ["xyz", "tms"]},
        "name": {"type": "string"},
        "version": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        # Not of the specification, which lets further members in: ours.
        "layer_version": {"type": "string"},
    },
    "additionalProperties": False,
}


def test_tilejson_of_every_layer_holds_to_its_specification(new_server):
    server = new_server
    make_parcel(), make_unit()
    for layer in layers():
        for language in ("vi", "en"):
            reply = server.ask(f"/tiles/{layer.key}.json?lang={language}", PLANNER)
            document = json.loads(reply.content)
            jsonschema.validate(document, TILEJSON)
            assert ("bounds" in document) == (layer.key in {"parcels", "administrative_units"})
            assert document["name"] == layer.title[language]
            described = document["vector_layers"][0]
            merged = ["count", size_of(layer)] if layer.levels else []
            assert list(described["fields"]) == [attribute.name for attribute in layer.attributes] + merged
            of_the_past = json.loads(server.ask(f"/tiles/{layer.key}.json?as_of=2023-01-03", PLANNER).content)
            assert of_the_past["minzoom"] == (layer.past_min_zoom or layer.plain_zoom)
    english = json.loads(server.ask("/tiles/zones.json?lang=en", PLANNER).content)
    assert [described["id"] for described in english["vector_layers"]] == ["zones", "zones_labels"]
    assert english["vector_layers"][1]["fields"] == {"code": "Zone", "state": "State of the plan"}
    assert english["vector_layers"][0]["fields"]["height_max_m"] == "Height, max (m)"
    # What not everyone sees has a signed address, good for a few minutes; what everyone sees has its plain one.
    before, _key, after = english["tiles"][0].partition("/planner/zones/")
    assert re.fullmatch(rf"{server.url}/tiles/s/\d+/[\w-]{{22}}", before)
    assert after == "{z}/{x}/{y}.mvt"
    plain = json.loads(server.ask("/tiles/parcels.json", PLANNER).content)
    assert plain["tiles"] == [f"{server.url}/tiles/parcels/{{z}}/{{x}}/{{y}}.mvt"]


def test_tilejson_says_where_the_rows_lie_and_keeps_the_day(new_server):
    server = new_server
    assert "bounds" not in json.loads(server.ask("/tiles/streets.json").content)
    parcel = make_parcel(boundary=rectangle(0, 0, 1000, 800))
    document = json.loads(server.ask("/tiles/parcels.json?as_of=2023-01-03").content)
    corners = to_wgs84(shapely.from_wkb(bytes(parcel.boundary.wkb))).bounds
    assert document["bounds"] == pytest.approx(corners, abs=2e-5)
    west, south, east, north = document["bounds"]
    assert west <= corners[0] < corners[2] <= east
    assert south <= corners[1] < corners[3] <= north
    assert document["tiles"] == [f"{server.url}/tiles/parcels/{{z}}/{{x}}/{{y}}.mvt?as_of=2023-01-03"]
    assert server.ask("/tiles/parcels.json?as_of=tomorrow").status == 400


def test_documents_speak_only_of_the_platforms_own_host(server):
    for host in ("evil.example", "127.0.0.1.evil.example", "", "a b", "[::1"):
        assert server.ask("/tiles/style.json", host=host).status == 400, host
    reply = server.ask("/tiles/style.json", host="localhost:9", x_forwarded_proto="https")
    # The platform was not told that it stands behind HTTPS, so the header is nobody's word.
    assert b"http://localhost:9/tiles/" in reply.content
    assert b"https:" not in reply.content


def style(server, query: str = "", person: Person | None = None) -> dict:
    reply = server.ask(f"/tiles/style.json?{query}", person)
    assert reply.status == 200
    return json.loads(reply.content)


def test_the_style_is_valid_for_everyone_in_every_theme_on_every_day(server):
    styles = [
        style(server, f"theme={theme}&lang={language}{day}", person)
        for theme in ("light", "dark", "aerial")
        for language in ("vi", "en")
        for day in ("", "&as_of=2024-07-01")
        for person in (None, PLANNER, Person.of([Role.UTILITY], 1))
    ]
    check = """
        import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
        import { readFileSync } from "node:fs";
        const faults = JSON.parse(readFileSync(0, "utf8")).flatMap((style) => validateStyleMin(style));
        console.log(JSON.stringify(faults.map((fault) => fault.message)));
    """
    checked = subprocess.run(["node", "--input-type=module", "-e", check], input=json.dumps(styles),
                             cwd=ROOT, capture_output=True, text=True, check=True)  # fmt: skip
    assert json.loads(checked.stdout) == []


def test_the_style_has_the_layers_the_person_may_see_and_no_others(server):
    for person in (None, PLANNER, Person.of([Role.UTILITY], 1)):
        drawn = style(server, person=person)
        expected = [layer for layer in layers() if sights(layer.access, person or Person())]
        sources = dict.fromkeys("base" if layer.group == "base" else layer.key for layer in expected)
        assert list(drawn["sources"]) == list(sources)
        shapes = [entry for entry in drawn["layers"] if entry["type"] not in {"background", "symbol"}]
        # Bottom first, each layer's parts together, so that they can be moved as one.
        assert list(dict.fromkeys(entry["metadata"]["layer"] for entry in shapes)) == [layer.key for layer in expected]
        for entry in drawn["layers"][1:]:
            key, _, part = entry["id"].rpartition("-")
            assert entry["metadata"]["layer"] == key
            assert entry["source"] in (key, "base")
            assert entry["source-layer"] in ({key, f"{key}_labels"} if part == "label" else {key})
            assert part in {"fill", "outline", "provisional", "casing", "line", "circle", "label"}
        # Labels lie above everything.
        kinds = [entry["type"] for entry in drawn["layers"]]
        assert kinds == sorted(kinds, key=lambda kind: kind == "symbol")
    assert "network_edges" not in style(server)["sources"]
    assert "network_edges" in style(server, person=PLANNER)["sources"]


def parts(server, query: str = "", person: Person | None = PLANNER) -> dict[str, dict]:
    """The style's layers by their names."""
    return {entry["id"]: entry for entry in style(server, query, person)["layers"]}


def test_the_style_draws_what_the_catalogue_says(server):
    entries = parts(server)
    assert entries["zones-fill"]["paint"]["fill-color"] == ["to-color", ["get", "colour"], "#cccccc"]
    colour = entries["buildings-fill"]["paint"]["fill-color"]
    assert colour[:4] == ["match", ["to-string", ["get", "storeys"]], "1", "#b5ac9e"]
    assert 17 < entries["parcels-label"]["minzoom"] < 18
    assert entries["parcels-label"]["layout"]["text-field"] == ["to-string", ["get", "number"]]
    assert entries["streets-label"]["layout"]["symbol-placement"] == "line"
    dated = style(server, "as_of=2024-07-01")
    assert all(source["tiles"][0].endswith(".mvt?as_of=2024-07-01") for source in dated["sources"].values())
    # A camera that is only about there is drawn as a soft area, an exact one as a point.
    soft = parts(server, person=None)["cameras-circle"]
    assert max(soft["paint"]["circle-opacity"][4::2]) < 0.3  # at each zoom that is named
    assert entries["cameras-circle"]["paint"]["circle-opacity"] == 1
    assert soft["paint"]["circle-radius"][-1] > 10 * entries["cameras-circle"]["paint"]["circle-radius"][-1]


def test_a_street_is_as_wide_near_as_it_is_and_has_a_rim(server):
    entries = parts(server)
    bottom, top = list(entries).index("streets-casing"), list(entries).index("streets-line")
    assert bottom < top
    # From zoom 16 the width is metres × pixels to a metre, twice as many at each zoom; a pixel at 16° N is that long:
    near = entries["streets-line"]["paint"]["line-width"]
    assert near[1] == ["exponential", 2]
    stops = dict(zip(near[3::2], near[4::2], strict=True))
    _plus, (_times, metres, px_per_m), rim = stops[16]
    assert metres[:2] == ["to-number", ["get", "width_m"]]
    assert px_per_m == pytest.approx(2**17 / (156543.03 * math.cos(math.radians(16))), rel=1e-3)
    assert stops[22][1][2] == pytest.approx(64 * px_per_m, rel=1e-3)
    assert rim == 0
    assert entries["streets-casing"]["paint"]["line-width"][-1][2] > 0


def test_what_matters_more_lies_above_and_is_named_first(server):
    entries = parts(server)
    order = entries["streets-line"]["layout"]["line-sort-key"]
    weights = dict(zip(order[2:-1:2], order[3:-1:2], strict=True))
    assert weights["main"] > weights["secondary"] > weights["local"] > weights["lane"]
    claims = entries["streets-label"]["layout"]["symbol-sort-key"]
    assert dict(zip(claims[2:-1:2], claims[3:-1:2], strict=True)) == {kind: -weight for kind, weight in weights.items()}
    # Above all shapes, and among names those of wards and places go before numbers.
    names = [name for name in entries if name.endswith("-label")]
    assert names.index("addresses-label") < names.index("parcels-label") < names.index("zones-label")
    assert names.index("streets-label") < names.index("places-label") < names.index("administrative_units-label")


def test_a_name_waits_until_its_kind_may_speak(server):
    text = parts(server)["streets-label"]["layout"]["text-field"]
    assert text[:2] == ["step", ["zoom"]]
    turns = dict(zip([0, *text[3::2]], text[2::2], strict=True))

    def named(kind: str) -> float:
        spoken = {zoom: dict(zip(by[2:-1:2], by[3:-1:2], strict=True))[kind] for zoom, by in turns.items()}
        return min(zoom for zoom, words in spoken.items() if words != "")

    assert named("main") < named("secondary") < named("local") < named("lane")
    # A name breaks into lines, but not within its brackets.
    assert "join" in json.dumps(parts(server)["places-label"]["layout"]["text-field"])
    # The name of a province says nothing in its streets.
    by_level = parts(server)["administrative_units-label"]["layout"]["text-field"]
    assert dict(zip(by_level[-1][2:-1:2], by_level[-1][3:-1:2], strict=True))["province"] == ""


def test_who_uses_a_layer_has_it_on(server):
    def on(person: Person | None) -> set[str]:
        return {
            entry["metadata"]["layer"]
            for entry in style(server, person=person)["layers"][1:]
            if entry["layout"]["visibility"] == "visible"
        }

    assert {"zones", "parcels", "streets", "places"} <= on(None)
    assert "cameras" not in on(None)
    assert "cameras" in on(Person.of([Role.OPERATOR]))
    assert "network_edges" in on(Person.of([Role.UTILITY], 1))
    assert "network_edges" not in on(PLANNER)


@pytest.mark.parametrize("theme", ["light", "dark", "aerial"])
def test_labels_and_marks_stand_out_from_the_ground(server, theme):
    drawn = style(server, f"theme={theme}", PLANNER)
    ground = drawn["layers"][0]["paint"]["background-color"]
    for entry in drawn["layers"]:
        if entry["type"] == "symbol":
            assert contrast(entry["paint"]["text-color"], entry["paint"]["text-halo-color"]) >= 4.5, entry["id"]
            assert contrast(entry["paint"]["text-color"], ground) >= 4.5, entry["id"]
        if entry.get("source") in {"network_edges", "network_nodes", "plan_lines", "plans", "cameras"}:
            if entry["id"].endswith("-casing"):
                continue
            colour = entry["paint"].get("line-color") or entry["paint"].get("circle-color")
            if colour:
                shown = [colour] if isinstance(colour, str) else [*colour[3:-1:2], colour[-1]]
                assert all(contrast(value, ground) >= 3 for value in shown), entry["id"]


def test_on_pictures_plans_let_the_ground_through_and_keep_their_colour_at_the_edge(server):
    plain, pictures = parts(server), parts(server, "theme=aerial")
    colour = ["to-color", ["get", "colour"], "#cccccc"]
    assert pictures["zones-outline"]["paint"]["line-color"] == pictures["zones-fill"]["paint"]["fill-color"] == colour
    assert binding(pictures["zones-fill"]) < binding(plain["zones-fill"])
    ids = list(pictures)
    for key, over in [("zones", "outline"), ("plan_lines", "line"), ("network_edges", "line")]:
        assert ids.index(f"{key}-casing") < ids.index(f"{key}-{over}")


def binding(fill: dict) -> float:
    """How opaque a fill is where it binds."""
    _case, _binds, opacity, _faint = fill["paint"]["fill-opacity"]
    return opacity


@pytest.mark.parametrize("theme", ["light", "dark", "aerial"])
def test_the_legend_shows_the_colours_of_the_map(server, theme):
    """The legend is made for the page, the style for the tile server: for each line the same colour on each ground."""
    entries = parts(server, f"theme={theme}")
    for layer in layers():
        drawn = layer.look.drawn
        if layer.look.colour_from or layer.approximate:
            continue
        paint = entries[f"{layer.key}-{drawn}"]["paint"]
        colour = paint[f"{drawn}-color"]
        by_value = dict(zip(colour[2:-1:2], colour[3:-1:2], strict=True)) if isinstance(colour, list) else {}
        other = colour[-1] if by_value else colour
        for line in drawn_legend(layer, "vi"):
            assert line["colours"][theme] == by_value.get(line["value"], other), (layer.key, line)
        if drawn == "fill":
            assert samples(layer)[theme]["opacity"] == paint["fill-opacity"]
        assert samples(layer)[theme]["ground"] == entries["background"]["paint"]["background-color"]


def test_bounds_come_from_what_the_person_sees(new_server):
    server = new_server
    make_unit()
    camera = make_camera(make_organisation())
    camera.refresh_from_db()
    exact = json.loads(server.ask("/tiles/cameras.json?as_of=2023-01-02", PLANNER).content)["bounds"]
    about = json.loads(server.ask("/tiles/cameras.json?as_of=2023-01-02").content)["bounds"]
    assert exact != about
