DROP TABLE door_minute;
DROP TABLE admission_block;
DROP TABLE admission_entry;
DROP TABLE draw_party;
ALTER TABLE opening DROP COLUMN published_at;
ALTER TABLE opening DROP COLUMN drawn_at;
ALTER TABLE opening DROP COLUMN beacon_value;
ALTER TABLE opening DROP COLUMN beacon;
