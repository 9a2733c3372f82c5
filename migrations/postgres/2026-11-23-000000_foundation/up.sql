-- Nodes and what they share -----------------------------------------------------------------------------------------

-- A running process leases one number; it is part of every id that the process makes.
CREATE TABLE node (
    id           INTEGER PRIMARY KEY,
    token        BYTEA  NOT NULL,
    leased_until BIGINT NOT NULL
);

-- Each writer has its own row. It counts every transaction, and apart from that those that changed a site, a campaign or
-- the seats of a slot: when those counts change, other processes know that their caches are stale.
CREATE TABLE change_counter (
    writer       INTEGER PRIMARY KEY,
    transactions BIGINT NOT NULL,
    value        BIGINT NOT NULL
);

-- Facts about the database itself, such as whether it is a demo.
CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- What is given, to whom, and where -----------------------------------------------------------------------------------

CREATE TABLE product (
    id      BIGINT  PRIMARY KEY,
    code    TEXT    NOT NULL UNIQUE,
    name_ko TEXT    NOT NULL,
    name_en TEXT    NOT NULL,
    age_min INTEGER NOT NULL CHECK (age_min >= 0),
    age_max INTEGER CHECK (age_max >= age_min)
);

CREATE TABLE dose_interval (
    product       BIGINT  NOT NULL REFERENCES product (id),
    dose          INTEGER NOT NULL CHECK (dose >= 2),
    minimum_days  INTEGER NOT NULL CHECK (minimum_days >= 1),
    proposed_days INTEGER NOT NULL,
    maximum_days  INTEGER NOT NULL,
    PRIMARY KEY (product, dose),
    CHECK (minimum_days <= proposed_days AND proposed_days <= maximum_days)
);

CREATE TABLE product_follows (
    later   BIGINT NOT NULL REFERENCES product (id),
    earlier BIGINT NOT NULL REFERENCES product (id),
    PRIMARY KEY (later, earlier)
);

CREATE TABLE campaign (
    id        BIGINT  PRIMARY KEY,
    slug      TEXT    NOT NULL UNIQUE,
    name_ko   TEXT    NOT NULL,
    name_en   TEXT    NOT NULL,
    about_ko  TEXT    NOT NULL,
    about_en  TEXT    NOT NULL,
    doses     INTEGER NOT NULL CHECK (doses BETWEEN 1 AND 9),
    opens_at  BIGINT  NOT NULL,
    closes_at BIGINT  NOT NULL CHECK (closes_at > opens_at),
    first_day INTEGER NOT NULL,
    last_day  INTEGER NOT NULL CHECK (last_day >= first_day)
);

CREATE TABLE campaign_product (
    campaign BIGINT NOT NULL REFERENCES campaign (id),
    product  BIGINT NOT NULL REFERENCES product (id),
    PRIMARY KEY (campaign, product)
);

CREATE TABLE cohort (
    campaign  BIGINT  NOT NULL REFERENCES campaign (id),
    born_from INTEGER NOT NULL,
    born_to   INTEGER NOT NULL CHECK (born_to >= born_from),
    opens_at  BIGINT  NOT NULL,
    PRIMARY KEY (campaign, born_from)
);

CREATE TABLE site (
    id         BIGINT  PRIMARY KEY,
    code       TEXT    NOT NULL UNIQUE,
    import_key TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    province   TEXT    NOT NULL,
    district   TEXT    NOT NULL,
    address    TEXT    NOT NULL,
    latitude   DOUBLE PRECISION,
    longitude  DOUBLE PRECISION,
    phone      TEXT,
    step_free  BOOLEAN NOT NULL,
    evenings   BOOLEAN NOT NULL,
    weekend    BOOLEAN NOT NULL,
    parking    BOOLEAN NOT NULL,
    time_zone  TEXT    NOT NULL,
    hours      TEXT    NOT NULL
);

CREATE TABLE site_product (
    site    BIGINT  NOT NULL REFERENCES site (id),
    product BIGINT  NOT NULL REFERENCES product (id),
    seats   INTEGER NOT NULL CHECK (seats >= 0),
    PRIMARY KEY (site, product)
);

-- Dates local to the site are numbers such as 20261124; moments are seconds since 1970 in UTC.
CREATE TABLE slot (
    id         BIGINT  PRIMARY KEY,
    site       BIGINT  NOT NULL REFERENCES site (id),
    campaign   BIGINT  NOT NULL REFERENCES campaign (id),
    product    BIGINT  NOT NULL REFERENCES product (id),
    starts_at  BIGINT  NOT NULL,
    local_date INTEGER NOT NULL,
    UNIQUE (site, campaign, product, starts_at)
);

-- Invariant 1: a seat is given once. The CHECK says so whatever the program does.
CREATE TABLE slot_lane (
    slot        BIGINT   NOT NULL REFERENCES slot (id),
    lane        SMALLINT NOT NULL,
    site        BIGINT   NOT NULL REFERENCES site (id),
    seats       INTEGER  NOT NULL CHECK (seats >= 0),
    held        INTEGER  NOT NULL CHECK (held >= 0),
    booked      INTEGER  NOT NULL CHECK (booked >= 0),
    version     BIGINT   NOT NULL,
    released_at BIGINT,
    PRIMARY KEY (slot, lane),
    CONSTRAINT seat_is_given_once CHECK (held + booked <= seats)
);

-- People ----------------------------------------------------------------------------------------------------------------

CREATE TABLE account (
    id                BIGINT  PRIMARY KEY,
    phone_hash        BYTEA   UNIQUE,
    phone_sealed      BYTEA,
    email_sealed      BYTEA,
    email_verified_at BIGINT,
    language          TEXT    NOT NULL,
    epoch             INTEGER NOT NULL,
    created_at        BIGINT  NOT NULL,
    seen_at           BIGINT  NOT NULL,
    erased_at         BIGINT
);

-- `same_person_as` names the first row for the same name, birth date and own phone: claims are made in its name.
CREATE TABLE person (
    id                     BIGINT PRIMARY KEY,
    name_sealed            BYTEA,
    birth_sealed           BYTEA,
    phone_sealed           BYTEA,
    phone_hash             BYTEA,
    identity_key           BYTEA,
    same_person_as         BIGINT REFERENCES person (id),
    suspected_duplicate_of BIGINT REFERENCES person (id),
    created_at             BIGINT NOT NULL,
    erased_at              BIGINT
);
CREATE INDEX person_identity ON person (identity_key);
CREATE INDEX person_same ON person (same_person_as);
CREATE INDEX person_phone ON person (phone_hash);

CREATE TABLE care (
    id          BIGINT  PRIMARY KEY,
    account     BIGINT  NOT NULL REFERENCES account (id),
    person      BIGINT  NOT NULL REFERENCES person (id),
    number      INTEGER NOT NULL,
    relation    TEXT    NOT NULL,
    messages_to TEXT    NOT NULL,
    consent_at  BIGINT,
    created_at  BIGINT  NOT NULL,
    removed_at  BIGINT,
    UNIQUE (account, number)
);
CREATE INDEX care_person ON care (person);

-- Bookings --------------------------------------------------------------------------------------------------------------

CREATE TABLE party (
    id         BIGINT  PRIMARY KEY,
    token      TEXT    NOT NULL UNIQUE,
    account    BIGINT  NOT NULL REFERENCES account (id),
    campaign   BIGINT  NOT NULL REFERENCES campaign (id),
    site       BIGINT  NOT NULL REFERENCES site (id),
    state      TEXT    NOT NULL CHECK (state IN ('held', 'booked', 'expired')),
    extensions INTEGER NOT NULL,
    expires_at BIGINT  NOT NULL,
    created_at BIGINT  NOT NULL,
    version    INTEGER NOT NULL
);
-- An account holds one party at a time.
CREATE UNIQUE INDEX party_held ON party (account) WHERE state = 'held';
CREATE INDEX party_expiry ON party (expires_at) WHERE state = 'held';

CREATE TABLE course (
    id       BIGINT PRIMARY KEY,
    campaign BIGINT NOT NULL REFERENCES campaign (id),
    person   BIGINT NOT NULL REFERENCES person (id),
    UNIQUE (campaign, person)
);

CREATE TABLE booking (
    id         BIGINT   PRIMARY KEY,
    reference  TEXT     NOT NULL UNIQUE,
    party      BIGINT   NOT NULL REFERENCES party (id),
    course     BIGINT   NOT NULL REFERENCES course (id),
    account    BIGINT   NOT NULL REFERENCES account (id),
    person     BIGINT   NOT NULL REFERENCES person (id),
    campaign   BIGINT   NOT NULL REFERENCES campaign (id),
    dose       INTEGER  NOT NULL CHECK (dose >= 1),
    product    BIGINT   NOT NULL REFERENCES product (id),
    site       BIGINT   NOT NULL REFERENCES site (id),
    slot       BIGINT   NOT NULL REFERENCES slot (id),
    lane       SMALLINT NOT NULL,
    starts_at  BIGINT   NOT NULL,
    local_date INTEGER  NOT NULL,
    state      TEXT     NOT NULL CHECK (state IN
        ('held', 'booked', 'displaced', 'arrived', 'vaccinated', 'no-show', 'cancelled', 'expired')),
    kind       TEXT     NOT NULL CHECK (kind IN ('journey', 'swap', 'offer', 'closure')),
    replaces   BIGINT   REFERENCES booking (id),
    expires_at BIGINT,
    version    INTEGER  NOT NULL,
    created_at BIGINT   NOT NULL,
    updated_at BIGINT   NOT NULL,
    FOREIGN KEY (slot, lane) REFERENCES slot_lane (slot, lane),
    CHECK ((state = 'held') = (expires_at IS NOT NULL))
);
CREATE INDEX booking_roster ON booking (site, local_date, starts_at);
CREATE INDEX booking_account ON booking (account);
CREATE INDEX booking_person ON booking (person);
CREATE INDEX booking_party ON booking (party);
CREATE INDEX booking_course ON booking (course);

-- Invariant 2: one live seat for a person, campaign and dose. A swap's hold stands beside the booking it may replace.
CREATE TABLE claim (
    campaign     BIGINT  NOT NULL REFERENCES campaign (id),
    person       BIGINT  NOT NULL REFERENCES person (id),
    dose         INTEGER NOT NULL,
    booking      BIGINT  UNIQUE REFERENCES booking (id),
    pending_hold BIGINT  UNIQUE REFERENCES booking (id),
    PRIMARY KEY (campaign, person, dose),
    CHECK (booking IS NOT NULL OR pending_hold IS NOT NULL)
);

-- Codes, messages and who looked ------------------------------------------------------------------------------------------

CREATE TABLE challenge (
    id             BIGINT  PRIMARY KEY,
    purpose        TEXT    NOT NULL CHECK (purpose IN ('sign-in', 'find', 'email')),
    contact_hash   BYTEA   NOT NULL,
    contact_sealed BYTEA   NOT NULL,
    account        BIGINT  REFERENCES account (id),
    booking        BIGINT  REFERENCES booking (id),
    reachable      BOOLEAN NOT NULL,
    remembered     BOOLEAN NOT NULL,
    language       TEXT    NOT NULL,
    tries          INTEGER NOT NULL,
    sends          INTEGER NOT NULL,
    sent_at        BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    solved_at      BIGINT
);
CREATE INDEX challenge_contact ON challenge (contact_hash, created_at);
CREATE INDEX challenge_created ON challenge (created_at);

-- Invariant 4: a message is queued in the transaction of the fact it tells, once under its business key.
CREATE TABLE outbox (
    id              BIGINT  PRIMARY KEY,
    kind            TEXT    NOT NULL,
    subject         BIGINT  NOT NULL,
    version         INTEGER NOT NULL,
    recipient_kind  TEXT    NOT NULL CHECK (recipient_kind IN ('account', 'person', 'challenge')),
    recipient       BIGINT  NOT NULL,
    channel         TEXT    NOT NULL CHECK (channel IN ('sms', 'email')),
    occasion        TEXT    NOT NULL,
    due_at          BIGINT  NOT NULL,
    state           TEXT    NOT NULL CHECK (state IN
        ('queued', 'leased', 'sent', 'delivered', 'failed', 'uncertain', 'dead', 'void')),
    attempts        INTEGER NOT NULL,
    lease           BIGINT,
    leased_until    BIGINT,
    possible_repeat BOOLEAN NOT NULL,
    gateway         TEXT,
    gateway_id      TEXT,
    why             TEXT,
    created_at      BIGINT  NOT NULL,
    done_at         BIGINT,
    UNIQUE (kind, subject, version, recipient_kind, recipient, channel, occasion)
);
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (leased_until) WHERE state = 'leased';
CREATE INDEX outbox_subject ON outbox (subject) WHERE state = 'queued';

CREATE TABLE staff (
    id            BIGINT PRIMARY KEY,
    login         TEXT   NOT NULL UNIQUE,
    password_hash TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('clinic', 'authority')),
    created_at    BIGINT NOT NULL,
    ended_at      BIGINT
);

CREATE TABLE staff_site (
    staff BIGINT NOT NULL REFERENCES staff (id),
    site  BIGINT NOT NULL REFERENCES site (id),
    PRIMARY KEY (staff, site)
);

CREATE TABLE staff_session (
    token_hash BYTEA  PRIMARY KEY,
    staff      BIGINT NOT NULL REFERENCES staff (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at   BIGINT
);

-- Ids only. Each row's hash covers the row before it in its chain; every writer has a chain of its own.
CREATE TABLE access_log (
    chain         INTEGER NOT NULL,
    sequence      BIGINT  NOT NULL,
    at            BIGINT  NOT NULL,
    staff         BIGINT  NOT NULL REFERENCES staff (id),
    action        TEXT    NOT NULL,
    booking       BIGINT  REFERENCES booking (id),
    site          BIGINT  REFERENCES site (id),
    reason_sealed BYTEA,
    hash          BYTEA   NOT NULL,
    PRIMARY KEY (chain, sequence)
);
