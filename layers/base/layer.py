"""The base layers of the catalogue."""

from gisplatform.access import EVERYONE
from layers.base.models import AdministrativeUnit, Building, Street
from layers.catalogue import Attribute, Entry, Layer, Look, declare

declare(
    Layer(
        key="administrative_units",
        title={"vi": "Đơn vị hành chính", "en": "Administrative units"},
        group="base",
        register=AdministrativeUnit,
        geometry="boundary",
        attributes=[
            Attribute("code", "text", {"vi": "Mã đơn vị", "en": "Code"}),
            Attribute("name", "text", {"vi": "Tên", "en": "Name"}),
            Attribute(
                "level",
                "text",
                {"vi": "Cấp", "en": "Level"},
                values={
                    "province": {"vi": "Cấp tỉnh", "en": "Province"},
                    "commune": {"vi": "Cấp xã", "en": "Commune"},
                },
            ),
            Attribute("kind", "text", {"vi": "Loại", "en": "Kind"}),
            Attribute(
                "parent_code",
                "text",
                {"vi": "Mã cấp trên", "en": "Code of the unit above"},
            ),
        ],
        access=EVERYONE,
        look=Look("line", "#7a6f8c", width=1.5, dash=[4, 2], label="name", label_min_zoom=10),
        min_zoom=4,
        order=60,
    )
)

declare(
    Layer(
        key="streets",
        title={"vi": "Đường phố", "en": "Streets"},
        group="base",
        register=Street,
        geometry="centreline",
        attributes=[
            Attribute("name", "text", {"vi": "Tên đường", "en": "Street name"}),
            Attribute(
                "street_class",
                "text",
                {"vi": "Cấp đường", "en": "Street class"},
                values={
                    "main": {"vi": "Đường chính", "en": "Main street"},
                    "secondary": {"vi": "Đường liên khu vực", "en": "Secondary street"},
                    "local": {"vi": "Đường khu vực", "en": "Local street"},
                    "lane": {"vi": "Ngõ, kiệt, hẻm", "en": "Lane"},
                },
            ),
            Attribute(
                "width_m",
                "float",
                {"vi": "Lộ giới", "en": "Width between red lines"},
                unit="m",
            ),
        ],
        access=EVERYONE,
        look=Look("line", "#b9b4aa", width=3, label="name", label_min_zoom=15),
        min_zoom=11,
        order=20,
    )
)

declare(
    Layer(
        key="buildings",
        title={"vi": "Công trình xây dựng", "en": "Buildings"},
        group="base",
        register=Building,
        geometry="footprint",
        attributes=[
            Attribute(
                "function",
                "text",
                {"vi": "Công năng", "en": "Function"},
                values={
                    "house": {"vi": "Nhà ở", "en": "House"},
                    "villa": {"vi": "Biệt thự", "en": "Villa"},
                    "factory": {"vi": "Nhà xưởng", "en": "Factory"},
                    "school": {"vi": "Trường học", "en": "School"},
                    "market": {"vi": "Chợ", "en": "Market"},
                    "office": {"vi": "Trụ sở, văn phòng", "en": "Office"},
                    "clinic": {"vi": "Cơ sở y tế", "en": "Clinic"},
                    "culture": {"vi": "Nhà văn hóa", "en": "Cultural building"},
                },
            ),
            Attribute("storeys", "int", {"vi": "Số tầng", "en": "Storeys"}),
            Attribute("height_m", "float", {"vi": "Chiều cao", "en": "Height"}, unit="m"),
        ],
        access=EVERYONE,
        look=Look(
            "fill",
            "#c9c2b8",
            by="storeys",
            entries=[
                Entry("1", {"vi": "1 tầng", "en": "1 storey"}, "#ddd6cb"),
                Entry("2", {"vi": "2 tầng", "en": "2 storeys"}, "#cfc6b8"),
                Entry("3", {"vi": "3 tầng", "en": "3 storeys"}, "#bfb3a2"),
                Entry(
                    "",
                    {
                        "vi": "4 tầng trở lên, hoặc chưa rõ",
                        "en": "4 storeys or more, or not known",
                    },
                    "#c9c2b8",
                ),
            ],
            opacity=0.9,
            outline="#8f8676",
        ),
        min_zoom=15,
        order=30,
    )
)
