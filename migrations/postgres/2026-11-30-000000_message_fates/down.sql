DROP INDEX outbox_check;
ALTER TABLE outbox DROP COLUMN checks;
ALTER TABLE outbox DROP COLUMN check_at;
ALTER TABLE outbox DROP COLUMN tried_at;
