-- When the last attempt of a message began; when to ask, or to decide, what became of it; and how often that was done.
ALTER TABLE outbox ADD COLUMN tried_at BIGINT;
ALTER TABLE outbox ADD COLUMN check_at BIGINT;
ALTER TABLE outbox ADD COLUMN checks INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_check ON outbox (state, check_at) WHERE check_at IS NOT NULL;
