-- Whether any row of a layer lies in a tile or its buffer, drawn at this zoom or further in. Arguments as in tile.sql.
SELECT EXISTS (
    SELECT FROM drawn.{layer}
    WHERE {position} && ST_Expand(ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 3857), %(margin)s)
      AND {in_effect} AND {allowed}
)
