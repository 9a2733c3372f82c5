-- The order of a draw: all commitments, then the seeds, then the round of the beacon, then the draw.
ALTER TABLE opening ADD COLUMN beacon_at BIGINT;
ALTER TABLE draw_party ADD COLUMN committed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE draw_party ADD COLUMN revealed_at BIGINT;
-- Before this, a round was named without its time, and seeds came with the draw.
UPDATE opening SET beacon_at = COALESCE(drawn_at, joins_from) WHERE beacon <> '';
UPDATE draw_party SET revealed_at = (SELECT drawn_at FROM opening WHERE opening.id = draw_party.opening)
    WHERE seed_sealed IS NOT NULL;
