-- The platform's roles in a PostgreSQL server. May be run again at any time. In an outside server, run it once by
-- hand as a superuser, then database.sql in the platform's database (docs/operations.md, "Another database").
SELECT format('CREATE ROLE %I LOGIN', wanted)
FROM unnest(ARRAY['gisplatform', 'gisplatform_web', 'gisplatform_worker', 'gisplatform_tiles']) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) \gexec

-- The owner of all tables: migrations, and the databases that tests make.
ALTER ROLE gisplatform CREATEDB;
ALTER ROLE gisplatform SET jit = off;

-- Timeouts belong to the roles, not to the sessions: a connection pool hands out sessions that forgot theirs.
ALTER ROLE gisplatform_web SET statement_timeout = '15s';
ALTER ROLE gisplatform_web SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE gisplatform_web SET jit = off;

ALTER ROLE gisplatform_worker SET statement_timeout = '30min';
ALTER ROLE gisplatform_worker SET jit = off;

-- Tiles read, and only what is published: what this role may see is granted table by table, by the application.
ALTER ROLE gisplatform_tiles SET statement_timeout = '5s';
ALTER ROLE gisplatform_tiles SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE gisplatform_tiles SET default_transaction_read_only = on;
ALTER ROLE gisplatform_tiles SET jit = off;
