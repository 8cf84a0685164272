-- One tile of one layer at a zoom at which merged rows are drawn (layers/drawn/levels.py), as tile.sql. These are the
-- present day's, whatever the day asked for. Areas that lie on the tile's grid already need not be rounded and checked
-- corner by corner, which takes ten times as long as the rest: only those are cut, part by part, that reach beyond it.
WITH found AS NOT MATERIALIZED (
    SELECT *, ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857), %(margin)s) AS grown
    FROM drawn.{levels}
    WHERE zoom = {zoom}
      AND shape && ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857), %(margin)s)
      AND {allowed} AND {ranked}
), shapes AS (
    SELECT id, {attributes} count, {size},
        CASE
            WHEN grid @ grown THEN on_tile
            WHEN grid IS NOT NULL THEN (
                SELECT ST_CollectionExtract(ST_Collect(
                    CASE
                        WHEN part.geom @ whole THEN part.geom
                        WHEN ST_IsValid(cut) THEN ST_ForcePolygonCCW(ST_CollectionExtract(cut, 3))
                        ELSE ST_ForcePolygonCCW(ST_CollectionExtract(ST_MakeValid(cut), 3))
                    END
                ), 3)
                FROM (SELECT ST_MakeEnvelope(-%(buffer)s, -%(buffer)s, %(extent)s + %(buffer)s,
                                             %(extent)s + %(buffer)s) AS whole) AS tile
                    CROSS JOIN ST_Dump(on_tile) AS part
                    LEFT JOIN LATERAL (
                        SELECT ST_SnapToGrid(ST_ClipByBox2D(part.geom, whole::box2d), 1) AS cut
                        WHERE NOT part.geom @ whole
                        OFFSET 0  -- or it would be made for each use
                    ) AS clipped ON TRUE
                WHERE part.geom && whole
            )
            ELSE
                ST_AsMVTGeom(shape, (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)::box2d),
                             %(extent)s, %(buffer)s)
        END AS shape
    FROM found CROSS JOIN LATERAL (
        SELECT ST_SetSRID(ST_SnapToGrid(ST_TransScale(
            grid, -%(west)s, -%(north)s, %(extent)s / (%(east)s - %(west)s), -%(extent)s / (%(north)s - %(south)s)
        ), 1), 0) AS on_tile
        OFFSET 0
    ) AS placed
    ORDER BY cell, place OFFSET 0
), labels AS (
    SELECT id, {label_attributes}
        ST_AsMVTGeom(label, (SELECT ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857)::box2d),
                     %(extent)s, %(buffer)s) AS shape
    FROM found WHERE %(labelled)s ORDER BY cell, place
)
SELECT (SELECT ST_AsMVT(shapes, %(name)s, %(extent)s, 'shape', 'id') FROM shapes WHERE NOT ST_IsEmpty(shape))
    || (SELECT ST_AsMVT(labels, %(labels)s, %(extent)s, 'shape', 'id') FROM labels),
    pg_current_snapshot()::text
