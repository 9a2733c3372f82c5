-- Seats that are kept are public again.
UPDATE slot_lane SET version = version + 1, seats = seats + COALESCE(
    (SELECT seats FROM slot_lane AS kept WHERE kept.slot = slot_lane.slot AND kept.lane = 4), 0) WHERE lane = 0;
DELETE FROM slot_lane WHERE lane = 4;
DROP TABLE displaced;
DROP TABLE closing;
