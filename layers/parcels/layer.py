"""The cadastre in the catalogue."""

from gisplatform.access import EVERYONE
from layers.catalogue import Attribute, Layer, Level, Look, declare
from layers.parcels.models import Parcel

declare(
    Layer(
        key="parcels",
        title={"vi": "Thửa đất", "en": "Parcels"},
        group="land",
        register=Parcel,
        geometry="boundary",
        summed_by=["land_use"],
        attributes=[
            Attribute("code", "text", {"vi": "Mã thửa", "en": "Parcel code"}),
            Attribute("commune_code", "text", {"vi": "Mã xã", "en": "Commune code"}),
            Attribute("sheet", "text", {"vi": "Số tờ", "en": "Sheet"}),
            Attribute("number", "text", {"vi": "Số thửa", "en": "Parcel number"}),
            Attribute(
                "land_use",
                "text",
                {"vi": "Loại đất", "en": "Land use"},
                sql="array_to_string(row.land_use_codes, '+')",
                description={
                    "vi": "Mã loại đất, nối bằng dấu +",
                    "en": "Land-use codes, joined by +",
                },
            ),
            Attribute(
                "area_document_m2",
                "float",
                {"vi": "Diện tích theo giấy tờ", "en": "Area in the papers"},
                unit="m²",
            ),
            Attribute(
                "area_measured_m2",
                "float",
                {"vi": "Diện tích đo trên bản đồ", "en": "Area measured on the map"},
                sql="round(row.area_measured_m2::numeric, 1)::float",
                unit="m²",
            ),
        ],
        access=EVERYONE,
        look=Look(
            "fill",
            "#fbf8f0",
            dark={"#a39c8b": "#57534b"},
            opacity=0.2,
            outline="#a39c8b",
            min_zoom=13,  # from farther off the zones tell more of the land
            label="number",
            label_as="number",
            label_min_zoom=17.6,
        ),
        # Blocks, as streets and waters part them.
        levels=[Level(z, z, extent=1024 if z < 12 else 4096) for z in range(8, 15)],
        min_zoom=8,
        order=14,
    )
)
