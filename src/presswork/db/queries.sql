-- name: about_role(role)
-- Whether the role exists, and whether it has the permissions of the tables' owner in any case.
SELECT quote_ident(r.rolname) AS role, quote_ident(n.nspname) AS schema,
       r.rolsuper OR pg_has_role(r.oid, c.relowner, 'MEMBER') AS is_as_owner
  FROM pg_roles r CROSS JOIN pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rolname = $1 AND c.oid = to_regclass('audit_log');

-- name: is_granted(role)
-- Whether the role has access to every table, but can only read and insert into the audit log.
SELECT NOT has_table_privilege($1::name, 'audit_log', 'UPDATE, DELETE, TRUNCATE')
       AND NOT EXISTS (
           SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') AND NOT c.relispartition
              AND NOT has_table_privilege($1::name, c.oid, 'SELECT'));

-- name: login_statement(role, password)
-- The statement that lets a role log in, without any attribute that gives more than its grants.
SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L',
              $1::text, $2::text);

-- name: has_role(role)
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1);
