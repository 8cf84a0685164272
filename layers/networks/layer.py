"""Utility networks in the catalogue: staff see all of them, a utility sees its own, nobody else any."""

from accounts.models import Organisation
from gisplatform.access import Role, Sight, own, staff
from layers.catalogue import Attribute, Entry, Layer, Look, Rank, Source, declare
from layers.networks.models import NetworkEdge, NetworkNode

ACCESS = {**staff(), Role.UTILITY: Sight(own("organisation"))}

LEGEND = [
    Entry("water", {"vi": "Cấp nước", "en": "Water supply"}, "#0091c7"),
    Entry("drainage", {"vi": "Thoát nước", "en": "Drainage"}, "#7b5a2e"),
    Entry("power", {"vi": "Cấp điện", "en": "Power"}, "#e2500f"),
    Entry("telecom", {"vi": "Viễn thông", "en": "Telecom"}, "#8a3fb5"),
    Entry("gas", {"vi": "Khí đốt", "en": "Gas"}, "#c98a00"),
    Entry("lighting", {"vi": "Chiếu sáng", "en": "Street lighting"}, "#4f7d1b"),
]

KINDS = {
    "main": {"vi": "Ống chính", "en": "Main"},
    "service": {"vi": "Ống nhánh", "en": "Service pipe"},
    "sewer": {"vi": "Cống", "en": "Sewer"},
    "cable": {"vi": "Cáp", "en": "Cable"},
    "duct": {"vi": "Ống luồn cáp", "en": "Duct"},
    "pumping_station": {"vi": "Trạm bơm", "en": "Pumping station"},
    "valve": {"vi": "Van", "en": "Valve"},
    "hydrant": {"vi": "Trụ cứu hỏa", "en": "Hydrant"},
    "outfall": {"vi": "Cửa xả", "en": "Outfall"},
    "manhole": {"vi": "Hố ga", "en": "Manhole"},
    "substation": {"vi": "Trạm biến áp chính", "en": "Substation"},
    "transformer": {"vi": "Trạm biến áp", "en": "Transformer"},
    "pole": {"vi": "Cột", "en": "Pole"},
    "exchange": {"vi": "Tổng đài", "en": "Exchange"},
    "cabinet": {"vi": "Tủ cáp", "en": "Cabinet"},
    "chamber": {"vi": "Hầm cáp", "en": "Cable chamber"},
    "regulator_station": {"vi": "Trạm điều áp", "en": "Regulator station"},
    "joint": {"vi": "Mối nối", "en": "Joint"},
    "control_cabinet": {"vi": "Tủ điều khiển", "en": "Control cabinet"},
    "lamp": {"vi": "Đèn", "en": "Lamp"},
    "tank": {"vi": "Bể chứa, đài nước", "en": "Water tank"},
    "meter": {"vi": "Đồng hồ đấu nối", "en": "Meter"},
    "connection": {"vi": "Điểm đấu nối", "en": "Connection"},
    "inspection_chamber": {"vi": "Hố thu nhà dân", "en": "Inspection chamber"},
    "house_drain": {"vi": "Cống đấu nối nhà dân", "en": "House drain"},
    "service_cable": {"vi": "Dây vào nhà", "en": "Service cable"},
}

SHARED = [
    Attribute("network", "text", {"vi": "Mạng lưới", "en": "Network"}),
    Attribute("kind", "text", {"vi": "Loại", "en": "Kind"}, values=KINDS),
    Attribute(
        "reference",
        "text",
        {"vi": "Số hiệu của đơn vị quản lý", "en": "Owner's number"},
    ),
    Attribute(
        "organisation",
        "int",
        {"vi": "Đơn vị quản lý (số)", "en": "Owner (number)"},
        sql="row.organisation_id",
    ),
    Attribute(
        "owner",
        "text",
        {"vi": "Đơn vị quản lý", "en": "Owner"},
        sql="organisation.name",
    ),
]
OWNER = "JOIN accounts_organisation organisation ON organisation.id = row.organisation_id"
ITS_OWNER = Source(Organisation, "organisation_id", "id")

declare(
    Layer(
        key="network_edges",
        title={"vi": "Đường ống, đường dây", "en": "Pipes and cables"},
        group="networks",
        register=NetworkEdge,
        geometry="route",
        summed_by=["network", "kind"],
        attributes=[
            *SHARED,
            Attribute("material", "text", {"vi": "Vật liệu", "en": "Material"}),
            Attribute(
                "diameter_mm",
                "float",
                {"vi": "Đường kính", "en": "Diameter"},
                unit="mm",
            ),
            Attribute("voltage_kv", "float", {"vi": "Điện áp", "en": "Voltage"}, unit="kV"),
            Attribute("depth_m", "float", {"vi": "Độ sâu", "en": "Depth of cover"}, unit="m"),
        ],
        access=ACCESS,
        look=Look("line", "#555555", by="network", entries=LEGEND, width=0.9),
        joins=OWNER,
        sources=[ITS_OWNER],
        ranked_by="kind",
        ranks={"main": Rank(1.5), "sewer": Rank(1.5), "service": Rank(0.7, min_zoom=17), "": Rank(1, min_zoom=14)},
        shown=[Role.UTILITY],
        min_zoom=13,
        order=70,
    )
)

declare(
    Layer(
        key="network_nodes",
        title={
            "vi": "Van, hố ga, trạm, cột",
            "en": "Valves, manholes, stations, poles",
        },
        group="networks",
        register=NetworkNode,
        geometry="position",
        summed_by=["network", "kind"],
        attributes=[
            *SHARED,
            Attribute(
                "elevation_m",
                "float",
                {"vi": "Cao độ mặt đất", "en": "Ground elevation"},
                unit="m",
            ),
        ],
        access=ACCESS,
        look=Look("circle", "#555555", by="network", entries=LEGEND, width=2.4),
        joins=OWNER,
        sources=[ITS_OWNER],
        ranked_by="kind",
        ranks={
            **dict.fromkeys(["pumping_station", "substation", "exchange", "regulator_station"], Rank(2)),
            **dict.fromkeys(["transformer", "outfall", "cabinet", "control_cabinet"], Rank(1.4, min_zoom=15)),
            **dict.fromkeys(["meter", "connection", "inspection_chamber"], Rank(0.7, min_zoom=17)),
            "": Rank(1, min_zoom=16),
        },
        shown=[Role.UTILITY],
        min_zoom=13,
        order=80,
    )
)
