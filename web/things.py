"""Things of the map in words: what one is called, what is known of it, and as the document that the map's script reads.

The names are those of web/static/web/things-panel.js.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gisplatform import clock
from gisplatform.access import Person
from gisplatform.crs import REGISTER_ZONE, wgs84_to_register
from layers.catalogue import Attribute, Layer, legend, words
from layers.formats import area, number
from layers.things import Thing
from web.config import told_attributes, value_titles

KINDS = ("kind", "purpose", "function")  # attributes that say what sort of thing it is
ZOOM = {"fill": 17, "line": 17, "circle": 18}


def language() -> str:
    """The visitor's language, two letters."""
    return (get_language() or "vi")[:2]


def name_of(thing: Thing, person: Person) -> str:
    """What a thing is called: its label or title, else what sort of thing it is, else its layer's title."""
    layer, properties = thing.layer, thing.properties
    if layer.key == "parcels":
        return _("Parcel {number}, sheet {sheet}").format(number=properties["number"], sheet=properties["sheet"])
    if layer.key == "addresses":
        return " ".join(part for part in (properties["house_number"], properties["street_name"]) if part)
    label = properties.get(layer.look.label) or properties.get("title")
    kind = next((told for told in told_attributes(layer, person, language()) if told.name in KINDS), None)
    return str(label or (kind and told_value(layer, kind, properties[kind.name])) or words(layer.title))


def told_value(layer: Layer, attribute: Attribute, value: Any) -> str:
    """What the register says of one attribute, in words; empty where it says nothing."""
    if value is None or value == "":
        return ""
    titles = value_titles(layer, attribute, language())
    if str(value) in titles:
        return titles[str(value)]
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if attribute.unit == "m²":
        return area(value)
    written = number(value, 2) if isinstance(value, int | float) else str(value)
    return f"{written} {attribute.unit}" if attribute.unit else written


def facts(thing: Thing, person: Person) -> list[tuple[str, str]]:
    """What is known of a thing as pairs of title and words; what is not known is left out."""
    layer = thing.layer
    pairs = [
        (words(attribute.title), told_value(layer, attribute, thing.properties[attribute.name]))
        for attribute in told_attributes(layer, person, language())
        if not is_code_of_told(attribute.name, thing.properties, person)
    ]
    if thing.length_m:
        pairs.append((_("Length on the map"), f"{number(thing.length_m, 1)} m"))
    if thing.area_m2 and not any(attribute.unit == "m²" for attribute in layer.attributes):
        pairs.append((_("Area measured on the map"), area(thing.area_m2)))
    if thing.valid_from:
        pairs.append((_("In this form since"), f"{thing.valid_from:%d/%m/%Y}"))
    return [(title, told) for title, told in pairs if told]


def is_code_of_told(name: str, properties: Mapping[str, Any], person: Person) -> bool:
    """Whether an attribute is a code that nobody but staff needs, as its name is told: `function` by `function_vi`."""
    if person != Person():
        return False
    return any(properties.get(f"{name}_{language}") for language in ("vi", "en"))


def state_of(thing: Thing) -> str:
    """The state of a plan that has no effect, in words; empty for all else."""
    state = thing.properties.get("state")
    if state in (None, "adopted"):
        return ""
    attribute = next(told for told in thing.layer.attributes if told.name == "state")
    return told_value(thing.layer, attribute, state)


def colour_of(thing: Thing) -> str:
    """The colour in which the legend shows it."""
    look = thing.layer.look
    if look.colour_from:
        return thing.properties.get(look.colour_from) or look.colour
    entries = {entry["value"]: entry["colour"] for entry in legend(thing.layer, language())}
    return entries.get(str(thing.properties.get(look.by, "")), look.colour)


def page_url(thing: Thing) -> str:
    """The page of a thing: a parcel has the answer, anything else the page of its facts; on the day of the thing."""
    if thing.layer.key == "parcels":
        url = reverse("parcel", args=[thing.properties["code"]])
    else:
        url = reverse("thing", args=[thing.layer.key, thing.id])
    return url + ("" if thing.as_of == clock.today() else f"?as_of={thing.as_of.isoformat()}")


def map_url(thing: Thing) -> str:
    """The map with this thing opened, on the day of the thing."""
    lon, lat = thing.position
    zoom = max(ZOOM[thing.layer.look.drawn], thing.layer.min_zoom)
    day = "" if thing.as_of == clock.today() else f"&date={thing.as_of.isoformat()}"
    if thing.layer.key == "parcels":
        opened = f"parcel={quote(thing.properties['code'])}"
    else:
        opened = f"thing={thing.layer.key}/{thing.id}"
    return f"{reverse('map')}#map={zoom}/{lat:.6f}/{lon:.6f}{day}&{opened}"


def thing_document(thing: Thing, person: Person) -> dict[str, Any]:
    """A thing for the map's script: its properties as a tile carries them, and what a tile does not know."""
    return {
        "layer": thing.layer.key,
        "id": thing.id,
        "as_of": thing.as_of.isoformat(),
        "title": name_of(thing, person),
        "properties": dict(thing.properties),
        "position": [round(degrees, 8) for degrees in thing.position],
        "bounds": [round(degrees, 8) for degrees in thing.bounds],
        "exact": thing.exact,
        "length_m": thing.length_m and round(thing.length_m, 2),
        "area_m2": thing.area_m2 and round(thing.area_m2, 2),
        "valid_from": thing.valid_from.isoformat() if thing.valid_from else None,
        "url": page_url(thing),
    }


def place_document(lon: float, lat: float) -> dict[str, Any]:
    """A position in WGS 84 and in the register's VN-2000 zone, in metres."""
    easting, northing = wgs84_to_register(lon, lat)
    return {
        "wgs84": [round(lon, 8), round(lat, 8)],
        "vn2000": {
            "epsg": REGISTER_ZONE.epsg,
            "name": REGISTER_ZONE.name,
            "easting": round(easting, 3),
            "northing": round(northing, 3),
        },
    }


def at_document(lon: float, lat: float, things: Sequence[Thing], person: Person) -> dict[str, Any]:
    """Everything at a place."""
    return {"place": place_document(lon, lat), "things": [thing_document(thing, person) for thing in things]}
