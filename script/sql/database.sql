-- What one database of the platform needs before its first migration: extensions, and who may do what in it.
-- Run as a superuser, after roles.sql, in the database itself. May be run again at any time.
CREATE EXTENSION IF NOT EXISTS postgis;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Nobody else gets in. (A copy of this database starts with everyone allowed in again, its contents do not.)
DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT ALL ON DATABASE %I TO gisplatform', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO gisplatform_worker', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO gisplatform_web, gisplatform_tiles', current_database());
END
$$;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT ALL ON SCHEMA public TO gisplatform;
-- The tile role needs the name of the schema for PostGIS' own functions, and gets no table in it.
GRANT USAGE ON SCHEMA public TO gisplatform_web, gisplatform_worker, gisplatform_tiles;

-- Migrations add the VN-2000 systems of the platform, which PostGIS looks up in this table.
GRANT SELECT, INSERT, UPDATE, DELETE ON spatial_ref_sys TO gisplatform;
GRANT SELECT ON spatial_ref_sys TO gisplatform_web, gisplatform_worker, gisplatform_tiles;

-- What the owner makes from here on is open to pages and jobs. Functions are not open to everyone as they are by
-- default: the tile role runs only those that it is given.
ALTER DEFAULT PRIVILEGES FOR ROLE gisplatform IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO gisplatform_web, gisplatform_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE gisplatform IN SCHEMA public
    GRANT USAGE, SELECT, UPDATE ON SEQUENCES TO gisplatform_web, gisplatform_worker;
ALTER DEFAULT PRIVILEGES FOR ROLE gisplatform REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE gisplatform GRANT EXECUTE ON FUNCTIONS TO gisplatform_web, gisplatform_worker;
