"""What nobody types by hand does not hold up anybody."""

import time

import pytest

from layers.parcels.references import parse


@pytest.mark.parametrize("text", ["t" + " " * 150 + "x", "to" + " . " * 60, "t" + " " * 100_000 + "x"])
def test_spaces_without_end_are_read_in_no_time(text):
    began = time.process_time()
    parse(text)
    # Trying every way to share the spaces out took seconds; reading them takes well under a millisecond.
    assert time.process_time() - began < 0.5


@pytest.mark.django_db
def test_a_limit_of_thousands_of_digits_is_a_mistake_like_any_other(client):
    assert client.get("/search.json", {"q": "1-1", "limit": "9" * 5000}).status_code == 422
