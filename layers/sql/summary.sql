-- What of a layer lies in an area: rows and their size there (m², m), told apart by some attributes. Taken together in
-- one pass; a row that crosses the outline counts with the part inside (layers/outlines.py).
SELECT {by}{names}, count(*) AS count, sum(size) AS size
FROM (
    SELECT {by}{named}, {size} AS size
    FROM (SELECT *, {position} AS shape FROM {view}) AS published
    WHERE shape && {area} AND {in_effect} AND {allowed}
    OFFSET 0  -- or the size would be computed once more for the condition below
) AS found
WHERE size IS NOT NULL
GROUP BY {by}
