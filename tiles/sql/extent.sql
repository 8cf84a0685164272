-- West, south, east, north of what a person may see of a layer on any day, Web Mercator metres; nulls without rows.
SELECT ST_XMin(extent), ST_YMin(extent), ST_XMax(extent), ST_YMax(extent)
FROM (SELECT ST_Extent({position}) AS extent FROM drawn.{layer} WHERE {allowed}) AS drawn
