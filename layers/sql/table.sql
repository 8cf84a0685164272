-- One page of a layer's rows. Only so many are read, whatever the register holds; where there are more, what was read is
-- no selection of theirs that an order would make sense of, and the page says so (layers/tables.py).
WITH found AS MATERIALIZED (
    SELECT * FROM (SELECT *, {position} AS shape FROM {view}) AS published
    WHERE {in_effect} AND {allowed} AND {where}
    LIMIT %(most)s + 1
), counted AS MATERIALIZED (SELECT count(*) AS rows FROM found)
SELECT {columns}, (SELECT rows FROM counted) AS found_rows
FROM found
ORDER BY {order_by}
LIMIT %(limit)s OFFSET %(offset)s
