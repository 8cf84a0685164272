-- After rows of a source were written: what is drawn of the register's rows that refer to them is made anew.
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $follow$
DECLARE
    keys {type}[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        keys := ARRAY(SELECT DISTINCT {key} FROM new_rows);
    ELSIF TG_OP = 'DELETE' THEN
        keys := ARRAY(SELECT DISTINCT {key} FROM old_rows);
    ELSE
        keys := ARRAY(SELECT {key} FROM (TABLE old_rows EXCEPT TABLE new_rows) AS before
                      UNION SELECT {key} FROM (TABLE new_rows EXCEPT TABLE old_rows) AS after);
    END IF;
    IF keys = '{{}}' THEN
        RETURN NULL;  -- written, and still the same
    END IF;
    -- Alone: two who wrote a row and its source at the same time would each not see what the other wrote.
    PERFORM pg_advisory_xact_lock({lock});
    EXECUTE $sql${remove}$sql$ USING keys;
    EXECUTE $sql${add}$sql$ USING keys;
    PERFORM pg_notify('drawn', '');
    RETURN NULL;
END
$follow$
