-- After the register or a source was emptied: everything anew.
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $follow$
BEGIN
    PERFORM pg_advisory_xact_lock({lock});
    IF EXISTS (SELECT FROM {drawn}) THEN  -- what is not there cannot become less
        DELETE FROM {drawn};
        EXECUTE $sql${add}$sql$;
        INSERT INTO {changes} (layer) VALUES ({layer});
        PERFORM pg_notify('drawn', '');
    END IF;
    RETURN NULL;
END
$follow$
