-- One tile of one layer, and the snapshot of the database that it shows. What stands in braces comes from the catalogue.
-- ST_AsMVTGeom takes its box from a query of its own, which is answered once and not for each row. In the order of the
-- numbers, so that the same rows are the same bytes.
WITH found AS NOT MATERIALIZED (  -- read twice only where labels are wanted
    SELECT * FROM drawn.{layer}
    WHERE {position} && ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857), %(margin)s)
      AND {in_effect} AND {allowed} AND {ranked}
), shapes AS (
    SELECT id, {attributes}
        ST_AsMVTGeom({position}, (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)::box2d),
                     %(extent)s, %(buffer)s) AS shape
    FROM found ORDER BY id
), labels AS (  -- an area that lies in several tiles is labelled in one of them
    SELECT id, {label_attributes}
        ST_AsMVTGeom({label}, (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)::box2d),
                     %(extent)s, %(buffer)s) AS shape
    FROM found WHERE %(labelled)s ORDER BY id
)
SELECT (SELECT ST_AsMVT(shapes, %(name)s, %(extent)s, 'shape', 'id') FROM shapes)
    || (SELECT ST_AsMVT(labels, %(labels)s, %(extent)s, 'shape', 'id') FROM labels),
    pg_current_snapshot()::text
