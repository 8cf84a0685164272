-- West, south, east, north, in Web Mercator metres, of every version of a row that begins or stops to be drawn between
-- two looks at a layer: recorded or closed in between, or in effect on only one of the two days. Asked of the published
-- view, which also has what is no longer held true.
SELECT ST_XMin(place), ST_YMin(place), ST_XMax(place), ST_YMax(place)
FROM (
    SELECT ST_Transform({published_position}, 3857) AS place FROM published.{layer}
    WHERE {published_position} @ ST_MakeEnvelope(-9000000, -20100000, 9000000, 20100000, %(srid)s)
      AND ({changed}) AND {allowed}
) AS moved
