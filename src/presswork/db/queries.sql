-- name: about_role(role)
-- Whether there is such a role, and whether it can do as the tables' owner does, whatever it is granted.
SELECT quote_ident(r.rolname) AS role, quote_ident(n.nspname) AS schema,
       r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER') AS is_as_owner
  FROM pg_roles r CROSS JOIN pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rolname = $1 AND c.oid = to_regclass('audit_log');

-- name: is_granted(role)
-- Whether the role can reach every table, and the audit log only to read and add.
SELECT NOT has_table_privilege($1::name, 'audit_log', 'UPDATE, DELETE, TRUNCATE')
       AND NOT EXISTS (
           SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
              AND NOT has_table_privilege($1::name, c.oid, 'SELECT'));

-- name: has_role(role)
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1);
