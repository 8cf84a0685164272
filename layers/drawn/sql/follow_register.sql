-- After rows of the register were written: what is drawn of them follows. Planned anew each time (EXECUTE), because one
-- row and a million ask for different plans.
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $follow$
BEGIN
    -- Shared: writers do not wait for each other, only for who writes one of the layer's sources or rebuilds it.
    PERFORM pg_advisory_xact_lock_shared({lock});
    IF TG_OP <> 'INSERT' THEN
        EXECUTE $sql${remove}$sql$;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE $sql${add}$sql$;
    END IF;
    PERFORM pg_notify('drawn', '');
    RETURN NULL;
END
$follow$
