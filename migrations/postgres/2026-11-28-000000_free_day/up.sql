-- Free seats of each site and day, so that a process that starts need not count the lanes of millions of slots. What a
-- transaction changed in the seats stands in `seat_change` first, in one row, and is folded into `free_day` a minute later:
-- both together are exact at every moment. They are for searches; the lane alone gives a seat.
CREATE TABLE free_day (
    site       BIGINT  NOT NULL,
    campaign   BIGINT  NOT NULL,
    product    BIGINT  NOT NULL,
    local_date INTEGER NOT NULL,
    free       BIGINT  NOT NULL,
    PRIMARY KEY (site, campaign, product, local_date)
);

-- Other processes read these rows once a second and follow; `change_counter.value` counts only sites and campaigns now.
-- The last row of each writer stays when it is folded, empty, so that whoever comes too late notices.
CREATE TABLE seat_change (
    writer  INTEGER NOT NULL,
    number  BIGINT  NOT NULL,
    at      BIGINT  NOT NULL,
    changes TEXT    NOT NULL,
    PRIMARY KEY (writer, number)
);

INSERT INTO free_day (site, campaign, product, local_date, free)
SELECT slot.site, slot.campaign, slot.product, slot.local_date, SUM(seats - held - booked)
FROM slot JOIN slot_lane ON slot_lane.slot = slot.id AND lane = 0
GROUP BY slot.site, slot.campaign, slot.product, slot.local_date;
