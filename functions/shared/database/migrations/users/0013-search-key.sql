-- How people are looked for, by their names and addresses.
-- The same text for whoever looks for it: in one form of Unicode, however it is capitalised (the full folding: STRASSE is straße). The
-- collation is named, so that it is the same whatever locale a database has; ASCII, which most text is, needs none of it.
CREATE FUNCTION search_key(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN octet_length(words) = char_length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(casefold(normalize(words, NFD) COLLATE pg_unicode_fast), NFC) END;

REVOKE EXECUTE ON FUNCTION search_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_key(text) TO microbank_users, microbank_users_reader;
