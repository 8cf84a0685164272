"""A city for the search bench: as many rows as asked for, with names that are as alike as names of real streets are.

Nothing here looks like a town; the demo city does. What counts is how many rows share a word, a number, a sheet.
"""

from pathlib import Path

import psycopg

from benchmarks.bench import Platform
from gisplatform.crs import REGISTER_SRID, wgs84_to_register

PARCELS_PER_COMMUNE = 10_000  # 100 × 100 lots of 10 m × 20 m: communes of 1 km × 2 km in rows of ten
PARCELS_PER_SHEET = 200
PIECES_PER_STREET = 5
ZONES_PER_PARCEL, PLACES_PER_PARCEL = 0.05, 0.005
PLANS = 200
FEWEST = 50  # of a kind, in the smallest city
STATEMENTS = Path(__file__).with_suffix(".sql")

# Syllables of Vietnamese names: 40 × 40 × 13 names of two and three syllables, sharing each syllable with hundreds.
FIRST = (
    "Trăng Sao Mây Gió Hạt Cầu Nắng Lá Mưa Sóng Cánh Bướm Đom Chuồn Sáo Hương Vườn Đồi Suối Ráng Bình Khói Lụa Thuyền "
    "Đèn Mắt Quả Trầu Ngọn Tiếng Chim Én Đàn Ong Nhành Rêu Đá Bọt Hoa Lời"
)
SECOND = (
    "Non Khuya Tím Hiền Sương Vồng Sớm Biếc Rào Diều Vàng Ớt Trúc Bưởi Mơ Sim Ngà Chiều Minh Lam Đào Giấy Lồng Xưa Thị "
    "Cay Cỏ Ve Khuyên Nhỏ Cò Mật Liễu Phong Cuội Gạo Ru Nghiêng Kéo Hồng"
)
THIRD = "Xanh Đông Tây Nam Bắc Thượng Hạ Nội Ngoại Cũ Mới Giữa"


def fill(own: Platform, parcels: int, streets: int) -> None:
    """Fill an empty platform; whoever took a filled one up again finds it as it is."""
    with own.connect() as connection:
        if connection.execute("SELECT 1 FROM parcels_parcel LIMIT 1").fetchone():
            return
        with connection.transaction():
            _fill(connection, parcels, streets)
        connection.execute("VACUUM ANALYZE")


def _fill(connection: psycopg.Connection, parcels: int, streets: int) -> None:
    east, north = (round(metres) for metres in wgs84_to_register(108.1, 15.9))
    params = {
        "first": FIRST.split(), "second": SECOND.split(), "third": ["", *(f" {word}" for word in THIRD.split())],
         "parcels": parcels, "streets": streets, "srid": REGISTER_SRID,
        "east": east, "north": north, "per_commune": PARCELS_PER_COMMUNE, "per_sheet": PARCELS_PER_SHEET,
        "communes": max(1, -(-parcels // PARCELS_PER_COMMUNE)), "pieces": PIECES_PER_STREET, "plans": PLANS,
        "zones": max(FEWEST, int(parcels * ZONES_PER_PARCEL)), "places": max(FEWEST, int(parcels * PLACES_PER_PARCEL)),
        "waters": max(FEWEST, int(parcels * PLACES_PER_PARCEL / 10)),
    }  # fmt: skip
    cursor = psycopg.ClientCursor(connection)  # CREATE TABLE … AS takes no parameters on the server's side
    for statement in STATEMENTS.read_text(encoding="utf-8").split(";\n"):
        cursor.execute(statement, params)
