-- What became of the doses of a lot, besides those that were given. Nothing is erased: a mistake is undone, and stays.
CREATE TABLE stock_entry (
    id         BIGINT  PRIMARY KEY,
    lot        BIGINT  NOT NULL REFERENCES lot (id),
    act        TEXT    NOT NULL CHECK (act IN ('received', 'opened', 'wasted')),
    doses      INTEGER NOT NULL CHECK (doses > 0),
    why        TEXT,
    local_date INTEGER NOT NULL,
    staff      BIGINT  NOT NULL REFERENCES staff (id),
    at         BIGINT  NOT NULL,
    undone_by  BIGINT REFERENCES staff (id),
    CHECK ((act = 'wasted') = (why IS NOT NULL))
);
CREATE INDEX stock_entry_lot ON stock_entry (lot);
