-- One tile of one layer. {layer}, {position} (exact or approximate), {attributes}, {label}, {in_effect}, {allowed} and
-- {ranked} come from the catalogue. west … north is the tile with its buffer in the register's system (tiles/envelope.py): the box
-- is brought to the column, never the column to the box, so the register's index over place and day serves.
WITH found AS NOT MATERIALIZED (  -- read twice only where labels are wanted
    SELECT * FROM published.{layer}
    WHERE {position} && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, %(srid)s)
      -- A row with a corner off the globe would fail the whole tile. Inside this frame every point can be transformed.
      AND {position} @ ST_MakeEnvelope(-9000000, -20100000, 9000000, 20100000, %(srid)s)
      AND {in_effect} AND {allowed} AND {ranked}
), shapes AS (
    SELECT id, {attributes}
        ST_AsMVTGeom(ST_Transform({position}, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s), %(extent)s, %(buffer)s) AS shape
    FROM found
), labels AS (  -- an area that lies in several tiles is labelled in one of them
    SELECT id, {label}
        ST_AsMVTGeom(ST_Transform(ST_PointOnSurface({position}), 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s),
                     %(extent)s, %(buffer)s) AS shape
    FROM found WHERE %(labelled)s
)
SELECT (SELECT ST_AsMVT(shapes, %(name)s, %(extent)s, 'shape', 'id') FROM shapes)
    || (SELECT ST_AsMVT(labels, %(labels)s, %(extent)s, 'shape', 'id') FROM labels)
