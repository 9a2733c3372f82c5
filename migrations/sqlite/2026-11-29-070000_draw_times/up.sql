-- The order of a draw: all commitments, then the seeds, then the round of the beacon, then the draw. The times of what was
-- done before this are not known.
ALTER TABLE opening ADD COLUMN beacon_at BIGINT;
ALTER TABLE opening ADD COLUMN beacon_named_at BIGINT;
ALTER TABLE draw_party ADD COLUMN committed_at BIGINT;
ALTER TABLE draw_party ADD COLUMN revealed_at BIGINT;
-- Seeds came with the draw, and a round was named without its time: who has not drawn yet names one anew.
UPDATE opening SET beacon_at = drawn_at WHERE beacon <> '';
UPDATE opening SET beacon = '' WHERE drawn_at IS NULL;
UPDATE draw_party SET revealed_at = (SELECT drawn_at FROM opening WHERE opening.id = draw_party.opening)
    WHERE seed_sealed IS NOT NULL;
