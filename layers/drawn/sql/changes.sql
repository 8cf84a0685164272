-- Where what is drawn changed, for whoever keeps tiles. Without a shape the whole layer did; without a layer, every one.
CREATE TABLE IF NOT EXISTS drawn.changes (
    id bigserial PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layer text NOT NULL,
    shape geometry(Geometry, 3857)
);
CREATE INDEX IF NOT EXISTS changes_xid ON drawn.changes (xid)
