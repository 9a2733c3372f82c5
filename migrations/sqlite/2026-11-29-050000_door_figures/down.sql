ALTER TABLE door_second DROP COLUMN step_ms;
ALTER TABLE door_second DROP COLUMN cap;
ALTER TABLE door_second DROP COLUMN booked;
ALTER TABLE door_state DROP COLUMN booked;
DROP INDEX party_confirmed;
ALTER TABLE party DROP COLUMN confirmed_at;
