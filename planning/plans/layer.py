"""Plans in the catalogue: what the law has published is for everyone, drafts are for planners."""

from gisplatform.access import Role, Rows, Sight
from layers.catalogue import Attribute, Entry, Layer, Level, Look, Source, declare
from planning.plans.models import PUBLIC_STATES, Plan, PlanLine, PlanState, Zone, ZoneFunction

ACCESS = {
    Role.CITIZEN: Sight(Rows("published plans'", "state", tuple(state.value for state in PUBLIC_STATES))),
    Role.PLANNER: Sight(),
    Role.ADMINISTRATOR: Sight(),
}

STATES = {
    "draft": {"vi": "Dự thảo", "en": "Draft"},
    "consultation": {"vi": "Đang lấy ý kiến", "en": "In consultation"},
    "appraisal": {"vi": "Đang thẩm định", "en": "In appraisal"},
    "adopted": {"vi": "Đã phê duyệt", "en": "Adopted"},
    "superseded": {"vi": "Đã được thay thế", "en": "Superseded"},
    "withdrawn": {"vi": "Đã rút", "en": "Withdrawn"},
}
# Levels of planning after Law 47/2024/QH15 on urban and rural planning (the article was not checked). A file may name
# others: they are shown as they are.
KINDS = {
    "quy hoạch chung": {"vi": "Quy hoạch chung", "en": "General plan"},
    "quy hoạch phân khu": {"vi": "Quy hoạch phân khu", "en": "Zoning plan"},
    "quy hoạch chi tiết": {"vi": "Quy hoạch chi tiết", "en": "Detailed plan"},
}
# Only an adopted plan has legal effect; nobody shall take a draft on the map for the law.
BINDING = ("state", PlanState.ADOPTED.value)
PLAN = [
    Attribute("plan_code", "text", {"vi": "Mã đồ án", "en": "Plan code"}, sql="plan.code"),
    Attribute("plan_title", "text", {"vi": "Tên đồ án", "en": "Plan"}, sql="plan.title"),
    Attribute("state", "text", {"vi": "Trạng thái đồ án", "en": "State of the plan"}, sql="plan.state", values=STATES),
    Attribute(
        "decision_ref",
        "text",
        {"vi": "Quyết định", "en": "Decision"},
        sql="plan.decision_ref",
    ),
]
# A zone has effect on the days on which both it and that state of its plan have.
PLAN_OF_ROW = "JOIN plans_plan plan ON plan.identity = row.plan"
ITS_PLAN = Source(Plan, "plan", "identity")
# The newest row of a function names and colours it.
FUNCTION_OF_ROW = """LEFT JOIN LATERAL (
    SELECT * FROM plans_zonefunction found WHERE found.code = row.function
    ORDER BY found.effective_from DESC NULLS LAST LIMIT 1
) function ON TRUE"""

ON_ZONES = ("function", "function_vi", "function_en", "colour", "state")


def zone_legend() -> list[Entry]:
    """The functions in force today that some zone has, in the colours that the circular prescribes."""
    in_force = ZoneFunction.objects.in_force().order_by("pk")
    drawn = in_force.filter(code__in=Zone.objects.recorded().values("function"))
    return [
        Entry(
            function.code,
            {"vi": function.name_vi, "en": function.name_en or function.name_vi},
            function.colour,
        )
        for function in drawn or in_force
    ]


declare(
    Layer(
        key="plans",
        title={"vi": "Ranh giới đồ án quy hoạch", "en": "Plan boundaries"},
        group="planning",
        register=Plan,
        geometry="boundary",
        summed_by=["state", "title"],
        attributes=[
            Attribute("code", "text", {"vi": "Mã đồ án", "en": "Plan code"}),
            Attribute("title", "text", {"vi": "Tên đồ án", "en": "Title"}),
            Attribute("kind", "text", {"vi": "Loại quy hoạch", "en": "Kind of plan"}, values=KINDS),
            Attribute("scale", "int", {"vi": "Tỷ lệ 1/", "en": "Scale 1/"}),
            Attribute("state", "text", {"vi": "Trạng thái", "en": "State"}, values=STATES),
            Attribute("decision_ref", "text", {"vi": "Quyết định", "en": "Decision"}),
        ],
        access=ACCESS,
        # From afar the dashes would cover what is within.
        look=Look("line", "#b3261e", width=1.8, dash=[6, 2, 1, 2], binding=BINDING, min_zoom=10),
        min_zoom=8,
        order=50,
    )
)

declare(
    Layer(
        key="zones",
        title={"vi": "Ô quy hoạch (chức năng sử dụng đất)", "en": "Zones (function of land)"},
        group="planning",
        register=Zone,
        geometry="boundary",
        summed_by=["state", "function"],
        attributes=[
            Attribute("code", "text", {"vi": "Ký hiệu ô", "en": "Zone"}),
            Attribute("function", "text", {"vi": "Mã chức năng", "en": "Function code"}),
            Attribute("function_vi", "text", {"vi": "Chức năng", "en": "Function (Vietnamese)"},
                      sql="function.name_vi"),
            Attribute("function_en", "text", {"vi": "Chức năng (tiếng Anh)", "en": "Function"},
                      sql="function.name_en"),
            Attribute("colour", "text", {"vi": "Màu theo thông tư", "en": "Colour by the circular"},
                      sql="function.colour"),
            Attribute("density_max_percent", "float", {"vi": "Mật độ xây dựng tối đa", "en": "Building density, max"},
                      unit="%"),
            Attribute("floor_area_ratio_max", "float", {"vi": "Hệ số sử dụng đất tối đa",
                                                        "en": "Floor area ratio, max"}),
            Attribute("storeys_min", "int", {"vi": "Tầng cao tối thiểu", "en": "Storeys, min"}),
            Attribute("storeys_max", "int", {"vi": "Tầng cao tối đa", "en": "Storeys, max"}),
            Attribute("height_max_m", "float", {"vi": "Chiều cao tối đa", "en": "Height, max"}, unit="m"),
            Attribute("setback_m", "float", {"vi": "Khoảng lùi", "en": "Setback"}, unit="m"),
            Attribute("population", "int", {"vi": "Dân số", "en": "Population"}),
            *PLAN,
        ],
        access=ACCESS,
        look=Look("fill", "#cccccc", by="function", colour_from="colour", entries=zone_legend, opacity=0.4,
                  outline="#6b6258", binding=BINDING, label="code", label_as="code", label_min_zoom=16),
        joins=f"{PLAN_OF_ROW} {FUNCTION_OF_ROW}",
        joined="plan",
        sources=[ITS_PLAN, Source(ZoneFunction, "function", "code")],
        # From afar the land of one function; what several plans say of a place lies over each other.
        levels=[Level(z, z, ON_ZONES, extent=1024 if z < 12 else 4096) for z in range(8, 14)],
        cell_zoom=14,
        over_each_other=["plan_code", "state"],
        min_zoom=8,
        past_min_zoom=12,
        order=10,
    )
)  # fmt: skip

declare(
    Layer(
        key="plan_lines",
        title={"vi": "Chỉ giới quy hoạch", "en": "Plan lines"},
        group="planning",
        register=PlanLine,
        geometry="course",
        summed_by=["state", "kind"],
        attributes=[
            Attribute("kind", "text", {"vi": "Loại chỉ giới", "en": "Kind of line"}),
            *PLAN,
        ],
        access=ACCESS,
        look=Look(
            "line",
            "#d11f1f",
            by="kind",
            entries=[
                Entry("red_line", {"vi": "Chỉ giới đường đỏ", "en": "Street line (red line)"}, "#d11f1f"),
                Entry(
                    "building_line",
                    {"vi": "Chỉ giới xây dựng", "en": "Building line"},
                    "#1f4fd1",
                ),
                Entry("corridor", {"vi": "Hành lang bảo vệ", "en": "Protection corridor"}, "#2e7d4f"),
            ],
            width=0.9,
            binding=BINDING,
        ),
        joins=PLAN_OF_ROW,
        joined="plan",
        sources=[ITS_PLAN],
        min_zoom=16,
        order=40,
    )
)
