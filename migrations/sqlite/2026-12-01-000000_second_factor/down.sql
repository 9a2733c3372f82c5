-- Whoever has yet to give a code would be signed in, and whoever must give one would come in without it.
DELETE FROM staff_session WHERE awaits_code OR staff IN (SELECT staff FROM second_factor);
DROP INDEX staff_session_staff;
ALTER TABLE staff_session DROP COLUMN network_hash;
ALTER TABLE staff_session DROP COLUMN tries;
ALTER TABLE staff_session DROP COLUMN awaits_code;
DROP TABLE recovery_code;
DROP TABLE second_factor;
