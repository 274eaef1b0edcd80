-- migrate:up

-- A signed request is handled at one address: the other one refuses it. The older constraint stays for processes of an
-- earlier version, which let both handle it: then the record of the deletion counts.
DELETE FROM user_requests d USING user_requests k
 WHERE d.kind = 'deauthorize' AND k.kind = 'delete'
   AND (d.digest, d.login, d.environment) = (k.digest, k.login, k.environment);
CREATE UNIQUE INDEX user_requests_by_digest ON user_requests (digest, login, environment);
