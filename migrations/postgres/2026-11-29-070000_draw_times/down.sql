ALTER TABLE draw_party DROP COLUMN revealed_at;
ALTER TABLE draw_party DROP COLUMN committed_at;
ALTER TABLE opening DROP COLUMN beacon_named_at;
ALTER TABLE opening DROP COLUMN beacon_at;
