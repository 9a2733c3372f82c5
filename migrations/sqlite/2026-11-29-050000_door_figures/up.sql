-- When seats became bookings, so that a second of the door can say how many did.
ALTER TABLE party ADD COLUMN confirmed_at BIGINT;
CREATE INDEX party_confirmed ON party (campaign, confirmed_at) WHERE confirmed_at IS NOT NULL;

-- Seats that were booked since the door began to open; how many sessions might have been alive; and how many milliseconds
-- booking steps took, where the leading node knows.
ALTER TABLE door_state ADD COLUMN booked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE door_second ADD COLUMN booked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE door_second ADD COLUMN cap BIGINT NOT NULL DEFAULT 0;
ALTER TABLE door_second ADD COLUMN step_ms BIGINT;
