ALTER TABLE challenge DROP COLUMN asked_by;
