"""What nobody types by hand does not hold up anybody."""

import time

import pytest

from layers import house_numbers, names, positions
from layers.parcels.references import parse


@pytest.mark.parametrize("text", ["t" + " " * 150 + "x", "to" + " . " * 60, "t" + " " * 100_000 + "x"])
def test_spaces_without_end_are_read_in_no_time(text):
    began = time.process_time()
    parse(text)
    # Trying every way to share the spaces out took seconds; reading them takes well under a millisecond.
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "text",
    [
        "12 " * 60,
        "1/" * 100,
        "kiet 1 " * 28,
        "1 " * 100 + "x",
        "so " * 66,
        "p. " * 66,
        "1°" * 100,
        "1,1" * 66,
        "a," * 100,
    ],
)
def test_whatever_is_repeated_is_read_in_no_time(text):
    began = time.process_time()
    house_numbers.parse(text)
    positions.parse(text)
    names.unit_names(text)
    assert time.process_time() - began < 0.1


@pytest.mark.django_db
def test_a_limit_of_thousands_of_digits_is_a_mistake_like_any_other(client):
    assert client.get("/search.json", {"q": "1-1", "limit": "9" * 5000}).status_code == 422
