ALTER TABLE opening DROP COLUMN told_to;
DROP TABLE turn_text_declined;
