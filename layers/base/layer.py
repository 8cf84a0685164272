"""The base layers of the catalogue."""

from gisplatform.access import EVERYONE
from layers.base.models import Address, AdministrativeUnit, Building, Place, Railway, Street, Water
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

declare(
    Layer(
        key="addresses",
        title={"vi": "Số nhà", "en": "House numbers"},
        group="base",
        register=Address,
        geometry="position",
        attributes=[
            Attribute("house_number", "text", {"vi": "Số nhà", "en": "House number"}),
            Attribute("street_name", "text", {"vi": "Tên đường", "en": "Street"}),
        ],
        access=EVERYONE,
        look=Look("circle", "#8a8170", width=1.2, label="house_number", label_min_zoom=17),
        min_zoom=17,
        order=32,
    )
)

declare(
    Layer(
        key="waters",
        title={"vi": "Sông, hồ, kênh rạch", "en": "Waters"},
        group="base",
        register=Water,
        geometry="surface",
        attributes=[
            Attribute("name", "text", {"vi": "Tên", "en": "Name"}),
            Attribute(
                "kind",
                "text",
                {"vi": "Loại", "en": "Kind"},
                values={
                    "river": {"vi": "Sông", "en": "River"},
                    "canal": {"vi": "Kênh, mương", "en": "Canal"},
                    "lake": {"vi": "Hồ", "en": "Lake"},
                    "pond": {"vi": "Ao", "en": "Pond"},
                },
            ),
        ],
        access=EVERYONE,
        look=Look("fill", "#b9d6e6", label="name", label_min_zoom=13),
        min_zoom=6,
        order=5,
    )
)

declare(
    Layer(
        key="railways",
        title={"vi": "Đường sắt", "en": "Railways"},
        group="base",
        register=Railway,
        geometry="track",
        attributes=[Attribute("name", "text", {"vi": "Tên", "en": "Name"})],
        access=EVERYONE,
        look=Look("line", "#8a8580", width=2, dash=[3, 2], label="name", label_min_zoom=15),
        min_zoom=9,
        order=22,
    )
)

declare(
    Layer(
        key="places",
        title={"vi": "Địa điểm", "en": "Places"},
        group="base",
        register=Place,
        geometry="position",
        attributes=[
            Attribute("name", "text", {"vi": "Tên", "en": "Name"}),
            Attribute(
                "kind",
                "text",
                {"vi": "Loại", "en": "Kind"},
                values={
                    "market": {"vi": "Chợ", "en": "Market"},
                    "school": {"vi": "Trường học", "en": "School"},
                    "station": {"vi": "Ga, bến", "en": "Station"},
                    "park": {"vi": "Công viên", "en": "Park"},
                    "square": {"vi": "Quảng trường", "en": "Square"},
                    "bridge": {"vi": "Cầu", "en": "Bridge"},
                    "hospital": {"vi": "Bệnh viện, trạm y tế", "en": "Hospital or clinic"},
                    "office": {"vi": "Trụ sở cơ quan", "en": "Public office"},
                    "culture": {"vi": "Nhà văn hóa", "en": "Cultural house"},
                    "temple": {"vi": "Đình, chùa, nhà thờ", "en": "Place of worship"},
                    "village": {"vi": "Thôn, khu dân cư", "en": "Village or neighbourhood"},
                },
            ),
        ],
        access=EVERYONE,
        look=Look("circle", "#6d665a", width=3, label="name", label_min_zoom=14),
        min_zoom=12,
        order=70,
    )
)
