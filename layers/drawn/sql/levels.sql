-- Up to which snapshot of the database and which day the levels of a layer follow it; nulls: not at all yet.
CREATE TABLE IF NOT EXISTS drawn.level_states (
    layer text PRIMARY KEY,
    snapshot pg_snapshot,
    day date,
    at timestamptz NOT NULL DEFAULT now()
);
-- Cells that are to be built, or built anew; those noted last go first, so that an edit does not wait for an import.
CREATE TABLE IF NOT EXISTS drawn.level_cells (
    layer text NOT NULL,
    cell bigint NOT NULL,
    noted timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (layer, cell)
);
