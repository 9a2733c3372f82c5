ALTER TABLE challenge DROP COLUMN press;
