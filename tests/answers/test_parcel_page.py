"""The parcel answer as a page to read, print and listen to, without scripts."""

import re
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from tests.factories import days, make_parcel, make_plan, make_zone, rectangle

pytestmark = pytest.mark.django_db


class Outline(HTMLParser):
    """The headings, the pairs of the description lists, the links and the whole text of a page's main part."""

    def __init__(self, page):
        super().__init__()
        self.headings, self.links, self.text, self.inside = [], [], "", []
        self.feed(page[page.index("<main") :])

    def handle_starttag(self, tag, attributes):
        if tag in ("h1", "h2", "h3"):
            self.headings.append([tag, ""])
            self.inside.append(tag)
        if tag == "a":
            self.links.append(dict(attributes).get("href"))

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, words):
        self.text = " ".join(f"{self.text} {words}".split())
        if self.inside:
            self.headings[-1][1] = " ".join(f"{self.headings[-1][1]} {words}".split())


@pytest.fixture
def page(client):
    """A lot of 20 m × 10 m, three quarters of it in a housing zone, read in English."""
    lot = {"sheet": "12", "number": "283", "boundary": rectangle(0, 0, 20, 10)}
    make_parcel(**lot, land_use_codes=["ODT", "RSN"], area_document_m2=12345.5)
    plan = make_plan(code="480126100007", title="Hòa Xuân")
    make_zone(
        plan, code="OM-1", function="O_Nhomnhao", storeys_max=5, setback_m=0, boundary=rectangle(-50, -50, 65, 100)
    )
    client.cookies["django_language"] = "en"
    return client


def test_the_answer_stands_first_and_everything_has_its_source(page):
    outline = Outline(page.get("/parcels/20194-12-283").content.decode())
    assert outline.headings[0] == ["h1", "Parcel 283, sheet 12"]
    assert outline.headings[1] == ["h2", "What may be built here"]
    assert (
        "On 75 % (150 m², zone OM-1): Housing group, up to 5 storeys, may stand on the street line (red line)."
        in outline.text
    )
    assert "For 25 % of the parcel (50 m²) no adopted plan" in outline.text
    assert "It is not a planning certificate" in outline.text
    assert outline.text.index("What may be built") < outline.text.index("Hòa Xuân 480126100007")
    assert "Adopted, decision 12/QĐ-UBND" in outline.text
    # No level of heading is left out.
    levels = [int(tag[1]) for tag, _words in outline.headings]
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_the_register_is_told_with_units_and_with_what_is_unverified(page):
    text = Outline(page.get("/parcels/20194-12-283").content.decode()).text
    assert "ODT Urban residential land RSN" in text
    assert "of which: natural production forest (wording unverified)" in text
    assert "Area in the papers 1.23 ha" in text
    assert "Area measured on the map 200 m²" in text
    # As the map's panel writes them: in the order of surveyors, to the centimetre.
    assert "X (north) 1,775,169.00; Y (east) 547,964.00 (VN-2000 / TM-3 107°45', EPSG:5899)" in text
    assert re.search(r"latitude 16\.\d{6}, longitude 108\.\d{6} \(WGS 84\)", text)


def test_the_page_leads_to_the_map_and_to_the_data_of_the_same_day(page):
    make_zone(make_plan(valid_during=days(date(2021, 1, 1))), code="later")
    outline = Outline(page.get("/parcels/20194-12-283", {"as_of": "2020-06-01"}).content.decode())
    assert "As of 01/06/2020" in outline.text
    assert "later" not in outline.text
    assert "/parcels/20194-12-283.json?as_of=2020-06-01" in outline.links
    [to_map] = [link for link in outline.links if link.startswith("/#map=")]
    assert to_map.endswith("&date=2020-06-01&parcel=20194-12-283")


def test_numbers_are_written_as_the_language_writes_them(page):
    page.cookies["django_language"] = "vi"
    text = Outline(page.get("/parcels/20194-12-283").content.decode()).text
    assert "1,23 ha" in text
    assert "Đất nhóm nhà ở" in text


def test_the_page_needs_no_script_and_no_account(client, page):
    response = page.get("/parcels/20194-12-283")
    assert response.status_code == 200
    body = response.content.decode()
    main = body[body.index("<main") :]
    assert "<script" not in main
    assert " style=" not in main
    assert "onclick=" not in main
    # The day is asked for with a plain form.
    assert '<input id="as-of" type="date" name="as_of"' in main


def test_a_code_is_only_text(client):
    body = client.get("/parcels/<b>x</b>").content.decode()
    assert "<b>x" not in body
