-- One tile of one layer, and the snapshot of the database that it shows. What stands in braces comes from the catalogue.
-- ST_AsMVTGeom checks each shape and mends what rounding did to it, which takes as long as all the rest. It is asked only
-- for shapes that reach beyond the tile, or that rounding may break; all others are moved to the tile's grid. It takes its
-- box from a query of its own, which is answered once and not for each row.
-- In the order of the numbers, so that the same rows are the same bytes.
WITH found AS NOT MATERIALIZED (  -- read twice only where labels are wanted
    SELECT * FROM drawn.{layer}
    WHERE {position} && ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857), %(margin)s)
      AND {in_effect} AND {allowed} AND {ranked}
), shapes AS (
    SELECT id, {attributes}
        CASE
            WHEN {sound} AND {position} @ (
                SELECT ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857), %(within)s))
            THEN ST_SnapToGrid(ST_Affine({position}, %(scale)s, 0, 0, -%(scale)s,
                                         -%(west)s * %(scale)s, %(north)s * %(scale)s), 1)
            ELSE
                ST_AsMVTGeom({position}, (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)::box2d),
                             %(extent)s, %(buffer)s)
        END AS shape
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
