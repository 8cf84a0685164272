-- West, south, east, north of what a person may see of a layer on any day, in the register's system, metres; nulls without rows.
SELECT ST_XMin(extent), ST_YMin(extent), ST_XMax(extent), ST_YMax(extent)
FROM (
    SELECT ST_Extent({position}) AS extent FROM published.{layer}
    WHERE {position} @ ST_MakeEnvelope(-9000000, -20100000, 9000000, 20100000, %(srid)s)
      AND {held_true} AND {allowed}
) AS drawn
