ALTER TABLE account DROP COLUMN birth_tries;
