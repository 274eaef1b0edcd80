-- Permissions of the program's role: read and write rows, but only insert into the audit log. The tables belong to
-- another role, which runs the migrations. {role} and {schema} are quoted names.
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE INSERT, UPDATE, DELETE ON {schema}.schema_migrations FROM {role};
REVOKE ALL ON {schema}.audit_log FROM {role};
GRANT SELECT, INSERT ON {schema}.audit_log TO {role};
