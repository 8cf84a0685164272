"""For whom and on what a style is drawn, and the one form that all its layers have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gisplatform.access import Person, sees_exactly
from layers.catalogue import Layer
from tiles.bundles import source_of
from tiles.themes import Theme


@dataclass(frozen=True)
class Scene:
    """Who looks at the map, in which language, on which ground."""

    person: Person
    language: str
    theme: Theme
    today: bool = True  # else of another day, which is not drawn from so far

    def exact(self, layer: Layer) -> bool:
        """Whether the person sees exact positions of a layer."""
        return sees_exactly(layer.access, self.person)


def part_of(
    layer: Layer, scene: Scene, part: str, kind: str, paint: dict[str, Any], layout: dict[str, Any]
) -> dict[str, Any]:
    """One style layer of a catalogue layer."""
    return {
        "id": f"{layer.key}-{part}",
        "type": kind,
        "source": source_of(layer),
        "source-layer": layer.key,
        "minzoom": layer.seen_zoom(scene.today),
        "metadata": {"layer": layer.key},
        "layout": {"visibility": "visible" if layer.shown_to(scene.person) else "none", **layout},
        "paint": paint,
    }


def by_zoom(stops: Mapping[float, Any], base: float = 1.0) -> list[Any]:
    """A value that changes with the zoom: linear, or growing by `base`."""
    curve = ["linear"] if base == 1 else ["exponential", base]
    return ["interpolate", curve, ["zoom"], *(item for stop in stops.items() for item in stop)]


def by_kind(layer: Layer, values: Mapping[str, Any], other: Any) -> Any:
    """A value by the kind that ranks a layer's rows; `values[""]` or `other` for all other kinds."""
    named = [item for kind, value in values.items() if kind for item in (kind, value)]
    rest = values.get("", other)
    return ["match", ["to-string", ["get", layer.ranked_by]], *named, rest] if named else rest
