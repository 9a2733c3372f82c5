-- The most urgent kinds are looked for first: a code goes before a million reminders that are due as well.
DROP INDEX outbox_due;
CREATE INDEX outbox_due ON outbox (channel, kind, due_at) WHERE state = 'queued';
