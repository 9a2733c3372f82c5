-- Whoever wants to be told of leftover doses, for one person. The ticket is a random name: the order of offers is drawn by it,
-- and can be checked by whoever knows it.
CREATE TABLE standby (
    id         INTEGER PRIMARY KEY,
    ticket     TEXT    NOT NULL UNIQUE,
    account    BIGINT  NOT NULL REFERENCES account (id),
    person     BIGINT  NOT NULL REFERENCES person (id),
    campaign   BIGINT  NOT NULL REFERENCES campaign (id),
    metres     INTEGER NOT NULL CHECK (metres >= 0),
    last_day   INTEGER NOT NULL,
    created_at BIGINT  NOT NULL,
    ended_at   BIGINT
);
CREATE UNIQUE INDEX standby_once ON standby (campaign, person) WHERE ended_at IS NULL;
CREATE INDEX standby_account ON standby (account);

-- Where they would come: to these sites, and to others within so many metres of one of them.
CREATE TABLE standby_site (
    standby BIGINT NOT NULL REFERENCES standby (id),
    site    BIGINT NOT NULL REFERENCES site (id),
    PRIMARY KEY (standby, site)
);
CREATE INDEX standby_site_site ON standby_site (site);

-- The secret that orders a day's offers. Its fingerprint is public before the day, the secret itself after it.
CREATE TABLE standby_day (
    local_date    INTEGER PRIMARY KEY,
    secret_sealed BLOB NOT NULL,
    fingerprint   BLOB NOT NULL
);

-- Doses left over at a site, to be given until a moment of the day. Lane 3 of the slot counts their seats.
CREATE TABLE leftover (
    id           INTEGER PRIMARY KEY,
    site         BIGINT  NOT NULL REFERENCES site (id),
    slot         BIGINT  NOT NULL REFERENCES slot (id),
    local_date   INTEGER NOT NULL,
    number       INTEGER NOT NULL CHECK (number >= 1),
    doses        INTEGER NOT NULL CHECK (doses >= 1),
    staff        BIGINT  NOT NULL REFERENCES staff (id),
    announced_at BIGINT  NOT NULL,
    ended_at     BIGINT,
    UNIQUE (site, local_date, number)
);
CREATE UNIQUE INDEX leftover_once ON leftover (slot) WHERE ended_at IS NULL;
CREATE INDEX leftover_day ON leftover (local_date);

-- A leftover dose offered to somebody. An offer that nobody answered in time goes to the next.
CREATE TABLE offer (
    id          INTEGER PRIMARY KEY,
    leftover    BIGINT NOT NULL REFERENCES leftover (id),
    standby     BIGINT NOT NULL REFERENCES standby (id),
    number      TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('open', 'taken', 'declined', 'unanswered', 'withdrawn')),
    offered_at  BIGINT NOT NULL,
    answer_by   BIGINT NOT NULL,
    answered_at BIGINT,
    booking     BIGINT REFERENCES booking (id),
    UNIQUE (leftover, standby),
    CHECK ((state = 'taken') = (booking IS NOT NULL))
);
CREATE UNIQUE INDEX offer_open ON offer (standby) WHERE state = 'open';
