-- West, south, east, north, in Web Mercator metres, of every version of a row that begins or stops to be drawn between
-- two looks at a layer: {changed} is recorded or closed since %(since)s, or in effect on only one of the two days.
SELECT ST_XMin(place), ST_YMin(place), ST_XMax(place), ST_YMax(place)
FROM (
    SELECT ST_Transform({position}, 3857) AS place FROM published.{layer}
    WHERE {position} @ ST_MakeEnvelope(-9000000, -20100000, 9000000, 20100000, %(srid)s)
      AND ({changed}) AND {allowed}
) AS moved
