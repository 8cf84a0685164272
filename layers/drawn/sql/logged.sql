-- A statement that draws rows or takes them away, and where it did so into the log of changes, with the first zoom at which
-- rows are drawn there. What touches very many rows is told coarsely, by the squares of a grid that its rows lie in: many
-- rows share one.
WITH touched AS ({statement} RETURNING {shapes}, {first_zoom} AS first_zoom),
    places AS (SELECT place, first_zoom FROM touched CROSS JOIN LATERAL (VALUES {each}) AS shapes (place)),
    many AS (SELECT count(*) > {most} AS so FROM touched)
INSERT INTO {changes} (layer, min_zoom, shape)
SELECT {layer}, first_zoom, place FROM places WHERE NOT (SELECT so FROM many)
UNION ALL
SELECT DISTINCT {layer}, first_zoom, ST_MakeEnvelope(
    floor(ST_XMin(place) / {grid}) * {grid}, floor(ST_YMin(place) / {grid}) * {grid},
    ceil(ST_XMax(place) / {grid}) * {grid}, ceil(ST_YMax(place) / {grid}) * {grid}, {srid})
FROM places WHERE (SELECT so FROM many)
