-- What the program's own role may do, and no more: read and write rows, and only add to the audit log. The tables
-- belong to another role, which migrates. {role} and {schema} are quoted names.
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role};
REVOKE INSERT, UPDATE, DELETE ON {schema}.schema_migrations FROM {role};
REVOKE ALL ON {schema}.audit_log FROM {role};
GRANT SELECT, INSERT ON {schema}.audit_log TO {role};
