-- Two roles: liyu_owner owns the tables and migrates, liyu_app is who the application is. Run it as a superuser, in the
-- database of the platform, after the first `flask db upgrade` as liyu_owner and after every later one; twice is harmless.
-- What may only be appended to is read and inserted by liyu_app, and nothing else; it makes and changes no tables.
DO $$
DECLARE
  one record;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'liyu_app') THEN
    CREATE ROLE liyu_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
  END IF;
  REVOKE ALL ON SCHEMA public FROM PUBLIC;
  REVOKE ALL ON SCHEMA public FROM liyu_app;
  GRANT USAGE ON SCHEMA public TO liyu_app;
  REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC, liyu_app;
  FOR one IN
    SELECT c.oid::regclass AS name, c.relname AS plain, EXISTS (
      SELECT 1 FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = c.oid AND p.proname = 'liyu_forbid'
    ) AS append_only
    FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    IF one.plain = 'alembic_version' THEN
      EXECUTE format('GRANT SELECT ON %s TO liyu_app', one.name);
    ELSIF one.append_only THEN
      EXECUTE format('GRANT SELECT, INSERT ON %s TO liyu_app', one.name);
    ELSE
      EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO liyu_app', one.name);
    END IF;
  END LOOP;
  GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO liyu_app;
END $$;
