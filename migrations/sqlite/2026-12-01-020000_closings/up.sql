-- A site gives no vaccinations between two moments of a day. What was to be given there was displaced.
CREATE TABLE closing (
    id         INTEGER PRIMARY KEY,
    site       BIGINT  NOT NULL REFERENCES site (id),
    local_date INTEGER NOT NULL,
    from_at    BIGINT  NOT NULL,
    until_at   BIGINT  NOT NULL,
    staff      BIGINT  NOT NULL REFERENCES staff (id),
    closed_at  BIGINT  NOT NULL,
    CHECK (from_at < until_at)
);
CREATE INDEX closing_site ON closing (site, local_date);

-- A booking that lost its seat by a closing, in the version that it has since. A seat nearby is kept for it for a while: it is
-- counted in lane 4 of its slot, and is public again when it is taken, given up, or kept no longer.
CREATE TABLE displaced (
    booking    BIGINT  NOT NULL REFERENCES booking (id),
    version    INTEGER NOT NULL,
    closing    BIGINT  NOT NULL REFERENCES closing (id),
    told_at    BIGINT,
    kept_slot  BIGINT REFERENCES slot (id),
    kept_until BIGINT,
    PRIMARY KEY (booking, version),
    CHECK ((kept_slot IS NULL) = (kept_until IS NULL))
);
CREATE INDEX displaced_closing ON displaced (closing);
CREATE INDEX displaced_untold ON displaced (booking) WHERE told_at IS NULL;
CREATE INDEX displaced_kept ON displaced (kept_slot) WHERE kept_slot IS NOT NULL;
