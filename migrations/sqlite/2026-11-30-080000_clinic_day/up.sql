-- Vaccine that a site has received, lot by lot. A lot that is recalled stays, so that whoever got it can be found.
CREATE TABLE lot (
    id          INTEGER PRIMARY KEY,
    site        BIGINT  NOT NULL REFERENCES site (id),
    product     BIGINT  NOT NULL REFERENCES product (id),
    number      TEXT    NOT NULL,
    expires_on  INTEGER NOT NULL,
    recalled_at BIGINT,
    added_by    BIGINT  NOT NULL REFERENCES staff (id),
    added_at    BIGINT  NOT NULL,
    UNIQUE (site, product, number)
);
CREATE INDEX lot_product ON lot (product, number);

-- What was done with a booking at the clinic, act by act. Nothing is changed here, and nothing erased: a mistake is another act.
CREATE TABLE visit (
    id         INTEGER PRIMARY KEY,
    booking    BIGINT  NOT NULL REFERENCES booking (id),
    act        TEXT    NOT NULL CHECK (act IN ('check-in', 'record', 'no-show', 'undo', 'correct')),
    staff      BIGINT  NOT NULL REFERENCES staff (id),
    at         BIGINT  NOT NULL,
    identified TEXT,
    screened   BOOLEAN,
    CHECK ((act = 'check-in') = (identified IS NOT NULL)),
    CHECK ((act = 'check-in') = (screened IS NOT NULL))
);
CREATE INDEX visit_booking ON visit (booking, id);

-- Vaccinations as they were recorded. One that was a mistake names the act that ended it.
CREATE TABLE vaccination (
    id        INTEGER PRIMARY KEY,
    visit     BIGINT  NOT NULL UNIQUE REFERENCES visit (id),
    booking   BIGINT  NOT NULL REFERENCES booking (id),
    lot       BIGINT  NOT NULL REFERENCES lot (id),
    dose      INTEGER NOT NULL CHECK (dose >= 1),
    body_site TEXT    NOT NULL,
    ended_by  BIGINT  UNIQUE REFERENCES visit (id)
);
-- A booking is one vaccination, whoever presses when.
CREATE UNIQUE INDEX vaccination_counts ON vaccination (booking) WHERE ended_by IS NULL;
CREATE INDEX vaccination_lot ON vaccination (lot);
