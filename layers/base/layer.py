"""The base layers of the catalogue."""

from gisplatform.access import EVERYONE
from layers.base.models import Address, AdministrativeUnit, Building, Place, Railway, Street, Water
from layers.catalogue import Attribute, Entry, Layer, Level, Look, Rank, declare

# Units are not merged: each has a code of its own.
ON_UNITS = ("code", "name", "level", "kind", "parent_code")
ON_STREETS = ("name", "street_class")
ON_WATERS = ("name", "kind")

declare(
    Layer(
        key="administrative_units",
        title={"vi": "Đơn vị hành chính", "en": "Administrative units"},
        group="base",
        register=AdministrativeUnit,
        geometry="boundary",
        summed_by=["level", "name"],
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
        look=Look("line", "#8d82a3", width=1.4, dash=[5, 2, 1, 2], label="name", label_as="area", label_min_zoom=9),
        ranked_by="level",
        ranks={"province": Rank(1.6, label_until=11), "commune": Rank(1, min_zoom=9, label_until=16.5)},
        levels=[Level(4, 6, ON_UNITS), Level(7, 8, ON_UNITS), Level(9, 10, ON_UNITS), Level(11, 12, ON_UNITS)],
        cell_zoom=4,  # borders run through the whole country
        over_each_other=["level"],
        min_zoom=4,
        past_min_zoom=4,
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
        summed_by=["street_class"],
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
                {"vi": "Lộ giới", "en": "Width between street lines"},
                unit="m",
            ),
        ],
        access=EVERYONE,
        look=Look(
            "line",
            "#ffffff",
            by="street_class",
            entries=[
                Entry("main", {"vi": "Đường chính", "en": "Main street"}, "#fbf1d3"),
                Entry("secondary", {"vi": "Đường liên khu vực", "en": "Secondary street"}, "#fffaf0"),
                Entry("local", {"vi": "Đường khu vực", "en": "Local street"}, "#ffffff"),
                Entry("lane", {"vi": "Ngõ, kiệt, hẻm", "en": "Lane"}, "#fdfdfb"),
            ],
            dark={
                "#fbf1d3": "#4b4a42",
                "#fffaf0": "#444642",
                "#ffffff": "#3d4246",
                "#fdfdfb": "#353a3e",
                "#c9c1b1": "#0d1012",
            },
            casing="#c9c1b1",
            width=4,
            width_from="width_m",
            label="name",
            label_as="street",
            label_min_zoom=13,
        ),
        ranked_by="street_class",
        ranks={
            "main": Rank(1.5, label_zoom=13),
            "secondary": Rank(1.2, min_zoom=12, label_zoom=14),
            "local": Rank(0.9, min_zoom=14, label_zoom=15.5),
            "lane": Rank(0.5, min_zoom=15, label_zoom=16.5),
            "": Rank(0.8, min_zoom=14, label_zoom=16),
        },
        levels=[Level(8, 9, ON_STREETS), Level(10, 11, ON_STREETS), Level(12, 13, ON_STREETS)],
        cell_zoom=12,
        min_zoom=8,
        past_min_zoom=10,
        order=26,
    )
)

declare(
    Layer(
        key="buildings",
        title={"vi": "Công trình xây dựng", "en": "Buildings"},
        group="base",
        register=Building,
        geometry="footprint",
        summed_by=["storeys"],
        attributes=[
            Attribute(
                "function",
                "text",
                {"vi": "Công năng", "en": "Function"},
                values={
                    "house": {"vi": "Nhà ở", "en": "House"},
                    "villa": {"vi": "Biệt thự", "en": "Villa"},
                    "shop": {"vi": "Nhà phố kinh doanh", "en": "Shop house"},
                    "factory": {"vi": "Nhà xưởng", "en": "Factory"},
                    "school": {"vi": "Trường học", "en": "School"},
                    "market": {"vi": "Chợ", "en": "Market"},
                    "office": {"vi": "Trụ sở, văn phòng", "en": "Office"},
                    "clinic": {"vi": "Cơ sở y tế", "en": "Clinic"},
                    "culture": {"vi": "Nhà văn hóa", "en": "Cultural building"},
                    "station": {"vi": "Nhà ga", "en": "Station"},
                    "temple": {"vi": "Đình, chùa, nhà thờ", "en": "Place of worship"},
                },
            ),
            Attribute("storeys", "int", {"vi": "Số tầng", "en": "Storeys"}),
            Attribute("height_m", "float", {"vi": "Chiều cao", "en": "Height"}, unit="m"),
        ],
        access=EVERYONE,
        look=Look(
            "fill",
            "#7a7166",
            by="storeys",
            entries=[
                Entry("1", {"vi": "1 tầng", "en": "1 storey"}, "#b5ac9e"),
                Entry("2", {"vi": "2 tầng", "en": "2 storeys"}, "#a2998a"),
                Entry("3", {"vi": "3 tầng", "en": "3 storeys"}, "#8e8577"),
                Entry("", {"vi": "4 tầng trở lên, hoặc chưa rõ", "en": "4 storeys or more, or not known"}, "#7a7166"),
            ],
            dark={"#9a9183": "#3f3d39"},
            opacity=0.3,
            outline="#9a9183",
        ),
        min_zoom=16,
        order=20,
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
        look=Look("circle", "#8a8170", width=1, label="house_number", label_as="house", label_min_zoom=18),
        min_zoom=17,
        order=62,
    )
)

declare(
    Layer(
        key="waters",
        title={"vi": "Sông, hồ, kênh rạch", "en": "Waters"},
        group="base",
        register=Water,
        geometry="surface",
        summed_by=["kind"],
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
        look=Look("fill", "#b3d2e2", dark={"#b3d2e2": "#1d3440"}, label="name", label_as="water", label_min_zoom=11),
        ranked_by="kind",
        ranks={
            "river": Rank(3),
            "lake": Rank(2, min_zoom=10, label_zoom=13),
            "canal": Rank(1, min_zoom=12, label_zoom=15),
            "pond": Rank(0.5, min_zoom=14, label_zoom=16),
            "": Rank(1, min_zoom=12, label_zoom=15),
        },
        levels=[Level(6, 8, ON_WATERS), Level(9, 10, ON_WATERS), Level(11, 13, ON_WATERS)],
        cell_zoom=11,
        min_zoom=6,
        past_min_zoom=6,
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
        look=Look(
            "line",
            "#f6f4f0",
            dark={"#f6f4f0": "#20262a", "#8d877e": "#747b80"},
            width=2,
            casing="#8d877e",
            dash=[4, 4],
            label="name",
            label_as="street",
            label_min_zoom=15,
        ),
        levels=[Level(8, 10, ("name",)), Level(11, 13, ("name",))],
        cell_zoom=8,
        min_zoom=8,
        past_min_zoom=9,
        order=30,
    )
)

declare(
    Layer(
        key="places",
        title={"vi": "Địa điểm", "en": "Places"},
        group="base",
        register=Place,
        geometry="position",
        summed_by=["kind"],
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
        look=Look(
            "circle",
            "#77706a",
            by="kind",
            entries=[
                Entry("station", {"vi": "Ga, bến", "en": "Station"}, "#3f6c9c", icon="train-front"),
                Entry("hospital", {"vi": "Bệnh viện, trạm y tế", "en": "Hospital or clinic"}, "#b0484a", icon="cross"),
                Entry("school", {"vi": "Trường học", "en": "School"}, "#8a6a2f", icon="graduation-cap"),
                Entry("market", {"vi": "Chợ", "en": "Market"}, "#a05a2c", icon="store"),
                Entry("office", {"vi": "Trụ sở cơ quan", "en": "Public office"}, "#5b6472", icon="landmark"),
                Entry("culture", {"vi": "Nhà văn hóa", "en": "Cultural house"}, "#7c5a8c", icon="drama"),
                Entry("temple", {"vi": "Đình, chùa, nhà thờ", "en": "Place of worship"}, "#7c5a8c", icon="flame"),
                Entry("park", {"vi": "Công viên", "en": "Park"}, "#4a7a45", icon="trees"),
                Entry("square", {"vi": "Quảng trường", "en": "Square"}, "#5b6472", icon="flag"),
                Entry("bridge", {"vi": "Cầu", "en": "Bridge"}, "#5b6472"),
                Entry("", {"vi": "Thôn, khu dân cư, nơi khác", "en": "Neighbourhood or other place"}, "#77706a"),
            ],
            width=3,
            label="name",
            label_as="place",
            label_min_zoom=12,
        ),
        ranked_by="kind",
        ranks={
            "village": Rank(1.5, label_zoom=12),
            "station": Rank(1.4, label_zoom=13),
            "hospital": Rank(1.3, min_zoom=13, label_zoom=14),
            "market": Rank(1.3, min_zoom=13, label_zoom=14),
            "park": Rank(1.1, min_zoom=13, label_zoom=15),
            "bridge": Rank(1.2, min_zoom=13, label_zoom=14),
            "": Rank(1, min_zoom=14, label_zoom=15),
        },
        min_zoom=12,
        order=85,
    )
)
