-- Where what is drawn changed, for whoever keeps tiles. Without a shape the whole layer did; without a layer, every one.
-- min_zoom, max_zoom: the zooms at which it did. Without a last one rows changed, which levels (levels.sql) follow later.
CREATE TABLE IF NOT EXISTS drawn.changes (
    id bigserial PRIMARY KEY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    layer text NOT NULL,
    shape geometry(Geometry, 3857),
    min_zoom smallint,
    max_zoom smallint
);
CREATE INDEX IF NOT EXISTS changes_xid ON drawn.changes (xid);
DO $older$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'drawn.changes'::regclass AND attname = 'max_zoom') THEN
        ALTER TABLE drawn.changes ADD COLUMN min_zoom smallint, ADD COLUMN max_zoom smallint;
    END IF;
END
$older$
