-- Whoever has yet to give a code would be signed in.
DELETE FROM staff_session WHERE awaits_code;
DROP INDEX staff_session_staff;
ALTER TABLE staff_session DROP COLUMN network_hash;
ALTER TABLE staff_session DROP COLUMN tries;
ALTER TABLE staff_session DROP COLUMN awaits_code;
DROP TABLE recovery_code;
DROP TABLE second_factor;
