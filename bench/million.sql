-- Blow the worklist's tables up: each open item and its person again `copies` times, under new ids, other names and
-- amounts. For P2 and the plans; the copies have no debts, so nothing but lists and searches means anything here.
--   psql -v copies=107 -f bench/million.sql DATABASE
SET session_replication_role = replica;
SET synchronous_commit = off;
SET maintenance_work_mem = '256MB';

SET bench.copies = :copies;

CREATE TEMP TABLE one AS SELECT w.* FROM strategies_workitem w WHERE state = 'OPEN';
CREATE TEMP TABLE person AS SELECT d.* FROM accounts_debtor d WHERE id IN (SELECT debtor_id FROM one);

DO $$
DECLARE columns text; chosen text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
        string_agg(CASE attname
            WHEN 'id' THEN 'id + n * 10000000'
            WHEN 'folded_name' THEN 'folded_name || chr(97 + n % 26) || chr(97 + n / 26)'
            ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
    INTO columns, chosen FROM pg_attribute
    WHERE attrelid = 'accounts_debtor'::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('INSERT INTO accounts_debtor (%s) SELECT %s FROM person, generate_series(1, %s) n',
        columns, chosen, current_setting('bench.copies'));
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum),
        string_agg(CASE attname
            WHEN 'id' THEN 'id + n * 10000000'
            WHEN 'debtor_id' THEN 'debtor_id + n * 10000000'
            WHEN 'folded_name' THEN 'folded_name || chr(97 + n % 26) || chr(97 + n / 26)'
            WHEN 'amount' THEN 'amount + n'
            WHEN 'priority' THEN 'GREATEST(priority - n % 40, 0)'
            ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
    INTO columns, chosen FROM pg_attribute
    WHERE attrelid = 'strategies_workitem'::regclass AND attnum > 0 AND NOT attisdropped;
    EXECUTE format('INSERT INTO strategies_workitem (%s) SELECT %s FROM one, generate_series(1, %s) n',
        columns, chosen, current_setting('bench.copies'));
END $$;
ANALYZE accounts_debtor;
ANALYZE strategies_workitem;
