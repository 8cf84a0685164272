"""The shape of the parcel answer that the map panel and other programs rely on."""

ZONE = {
    "type": "object",
    "required": [
        "id",
        "code",
        "share_percent",
        "area_m2",
        "too_close_to_call",
        "function",
        "plan",
        "indicators",
        "limits",
        "population",
    ],
    "properties": {
        "id": {"type": "integer"},
        "code": {"type": "string"},
        "share_percent": {"type": "number", "minimum": 0, "maximum": 100},
        "area_m2": {"type": "number", "minimum": 0},
        "too_close_to_call": {"type": "boolean"},
        "function": {
            "type": "object",
            "required": ["code", "name", "colour"],
            "properties": {"colour": {"pattern": "^(#[0-9a-f]{6})?$"}},
        },
        "plan": {
            "type": "object",
            "required": ["code", "title", "state", "decision_ref", "url"],
            "properties": {"code": {"pattern": "^[0-9]{12}$"}, "url": {"type": ["string", "null"]}},
        },
        "limits": {"type": "array", "items": {"type": "object", "required": ["key", "title", "words"]}},
        "population": {"type": ["integer", "null"]},
        "indicators": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "title", "value", "unit"],
                "properties": {"title": {"type": "string", "minLength": 1}, "value": {"type": "number"}},
            },
        },
    },
}
LINEAGE = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "kind", "on"],
        "properties": {"kind": {"enum": ["split", "merge", "resurvey"]}, "on": {"format": "date"}},
    },
}
ANSWER = {
    "type": "object",
    "required": [
        "code", "identity", "as_of", "commune", "sheet", "number", "old", "land_use", "area_document_m2",
        "area_measured_m2", "valid_from", "planning", "zones", "coming", "drafts", "centre", "bounds", "lineage", "url",
        "map_url",
    ],
    "properties": {
        "as_of": {"format": "date"},
        "commune": {"required": ["code", "name"], "properties": {"name": {"type": ["string", "null"]}}},
        "old": {"type": ["object", "null"], "required": ["sheet", "number"]},
        "land_use": {
            "type": "array",
            "items": {
                "required": ["code", "name", "known", "confidence"],
                "properties": {"known": {"type": "boolean"}},
            },
        },
        "area_document_m2": {"type": ["number", "null"]},
        "area_measured_m2": {"type": "number"},
        "planning": {
            "required": ["status", "note"],
            "properties": {
                "status": {"enum": ["applies", "unknown", "does_not_apply"]},
                "note": {"type": "string"},
                "uncovered_percent": {"type": "number", "minimum": 0, "maximum": 100},
            },
        },
        "zones": {"type": "array", "items": ZONE},
        "coming": {"type": "array", "items": ZONE},
        "drafts": {"type": "array", "items": ZONE},
        "centre": {
            "required": ["wgs84", "vn2000"],
            "properties": {
                "wgs84": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "number"}},
                "vn2000": {"required": ["epsg", "name", "easting", "northing"]},
            },
        },
        "bounds": {"type": "array", "minItems": 4, "maxItems": 4, "items": {"type": "number"}},
        "lineage": {"required": ["from", "to"], "properties": {"from": LINEAGE, "to": LINEAGE}},
        "url": {"pattern": "^/parcels/"},
        "map_url": {"pattern": "^/#map="},
    },
}  # fmt: skip
