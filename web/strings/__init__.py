"""The words that the map's scripts say. They go through gettext here, so the catalogue of translations holds them all.

A module for each part of the page, each with a function `strings`. `{name}` in a text is filled in by the script.
"""

from web.strings import draw, failures, layers_and_map, pages, parcel, search, things

PARTS = (layers_and_map, things, parcel, pages, draw, failures, search)


def strings() -> dict[str, str]:
    """Every text of the map's scripts in the visitor's language, by key."""
    return {key: words for part in PARTS for key, words in part.strings().items()}
