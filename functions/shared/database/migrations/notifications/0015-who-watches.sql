-- 0010 grants its views to who watches the server; without the schema they are in, nobody finds them.
GRANT USAGE ON SCHEMA public TO pg_monitor;
