-- The ledger again `copies` times under new ids: for P13 with ten (eighty) times the rows. Nothing else is copied, so
-- afterwards nothing but the board's cost means anything in this database.
--   psql -v copies=9 -f bench/ledger_copies.sql DATABASE
SET session_replication_role = replica;
SET synchronous_commit = off;
SET bench.copies = :copies;

DO $$
DECLARE
    table_name text;
    columns text;
    chosen text;
BEGIN
    CREATE TEMP TABLE was_journal AS SELECT * FROM ledger_journal;
    CREATE TEMP TABLE was_entry AS SELECT * FROM ledger_entry;
    FOREACH table_name IN ARRAY ARRAY['journal', 'entry'] LOOP
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
            string_agg(CASE
                WHEN attname = 'id' THEN 'md5(id::text || n)::uuid'
                WHEN attname = 'journal_id' THEN 'md5(journal_id::text || n)::uuid'
                WHEN attname = 'reverses_id' THEN 'md5(reverses_id::text || n)::uuid'
                WHEN attname = 'key' THEN 'left(key, 108) || '':'' || n'
                ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
        INTO columns, chosen FROM pg_attribute
        WHERE attrelid = ('ledger_' || table_name)::regclass AND attnum > 0 AND NOT attisdropped;
        EXECUTE format('INSERT INTO ledger_%s (%s) SELECT %s FROM was_%s, generate_series(1, %s) n',
            table_name, columns, chosen, table_name, current_setting('bench.copies'));
    END LOOP;
END $$;
ANALYZE ledger_journal;
ANALYZE ledger_entry;
