"""Cameras in the catalogue: everyone sees about where they are, staff see exactly where."""

from accounts.models import Organisation
from gisplatform.access import Role, Sight, staff
from layers.cameras.models import Camera
from layers.catalogue import Attribute, Layer, Look, Source, declare

declare(
    Layer(
        key="cameras",
        title={"vi": "Camera công cộng", "en": "Public cameras"},
        group="cameras",
        register=Camera,
        geometry="position",
        summed_by=["purpose"],
        approximate="approximate_position",
        attributes=[
            Attribute(
                "purpose",
                "text",
                {"vi": "Mục đích", "en": "Purpose"},
                values={
                    "traffic": {"vi": "Giám sát giao thông", "en": "Traffic"},
                    "flood": {"vi": "Cảnh báo ngập", "en": "Flood warning"},
                    "security": {"vi": "An ninh trật tự", "en": "Public security"},
                },
            ),
            Attribute(
                "owner",
                "text",
                {"vi": "Đơn vị quản lý", "en": "Owner"},
                sql="organisation.name",
            ),
            Attribute(
                "reference",
                "text",
                {"vi": "Số hiệu", "en": "Reference"},
                exact_only=True,
            ),
            Attribute(
                "bearing_deg",
                "float",
                {"vi": "Hướng nhìn", "en": "Bearing"},
                unit="°",
                exact_only=True,
            ),
            Attribute(
                "range_m",
                "float",
                {"vi": "Tầm nhìn", "en": "Range"},
                unit="m",
                exact_only=True,
            ),
        ],
        access={Role.CITIZEN: Sight(exact=False), **staff()},
        look=Look("circle", "#0b6b66", width=5),
        joins="JOIN accounts_organisation organisation ON organisation.id = row.organisation_id",
        sources=[Source(Organisation, "organisation_id", "id")],
        min_zoom=11,
        shown=[Role.OPERATOR],
        order=90,
    )
)
