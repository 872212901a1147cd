-- Who changes credentials recognises a request that comes again: by its key and fingerprint, without the answers that others were given.
GRANT SELECT (scope, key, fingerprint), INSERT (scope, key, fingerprint, answer) ON idempotency_key TO microbank_users_credentials;
