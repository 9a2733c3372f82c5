-- After a long time whoever proves an account's phone answers with a birth date too. Wrong answers since the last right one
-- are counted here, over all browsers and codes.
ALTER TABLE account ADD COLUMN birth_tries INTEGER NOT NULL DEFAULT 0;
