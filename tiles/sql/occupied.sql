-- Whether any row of a layer lies in a tile or its buffer, drawn at this zoom or further in. Arguments as in tile.sql.
SELECT EXISTS (
    SELECT FROM published.{layer}
    WHERE {position} && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, %(srid)s)
      AND {position} @ ST_MakeEnvelope(-9000000, -20100000, 9000000, 20100000, %(srid)s)
      AND {in_effect} AND {allowed}
)
