-- An opening: when a campaign, or some birth years of it, begins to take bookings of a whole population at once. Places are
-- drawn: `draw_key_sealed` makes one of every phone number, and only its fingerprint is public until the day after.
CREATE TABLE opening (
    id              INTEGER PRIMARY KEY,
    code            TEXT    NOT NULL UNIQUE,
    campaign        BIGINT  NOT NULL REFERENCES campaign (id),
    born_from       INTEGER,
    born_to         INTEGER,
    joins_from      BIGINT  NOT NULL,
    opens_at        BIGINT  NOT NULL CHECK (opens_at >= joins_from),
    ends_at         BIGINT  NOT NULL CHECK (ends_at > opens_at),
    expected        BIGINT  NOT NULL CHECK (expected >= 0),
    sessions        INTEGER NOT NULL CHECK (sessions > 0),
    draw_key_sealed BLOB,
    fingerprint     BLOB,
    CHECK ((born_from IS NULL) = (born_to IS NULL)),
    CHECK ((draw_key_sealed IS NULL) = (fingerprint IS NULL))
);

-- How far the door of an opening is open: all that a restart needs. One node at a time leads and raises the threshold;
-- `fence` grows whenever another node takes over. The threshold is the last place that may enter, NULL for nobody; places
-- have 64 bits without a sign, and are kept less 2^63 so that they are in order here too.
CREATE TABLE door_state (
    opening   BIGINT  PRIMARY KEY REFERENCES opening (id),
    leader    INTEGER NOT NULL,
    fence     BIGINT  NOT NULL,
    led_until BIGINT  NOT NULL,
    turned_at BIGINT  NOT NULL,
    threshold BIGINT,
    rate      DOUBLE  NOT NULL,
    paused    BOOLEAN NOT NULL,
    people    DOUBLE,
    cap       DOUBLE  NOT NULL,
    cap_least DOUBLE  NOT NULL,
    cap_held  INTEGER NOT NULL,
    admitted  BIGINT  NOT NULL,
    crowd     BLOB    NOT NULL,
    note_ko   TEXT    NOT NULL,
    note_en   TEXT    NOT NULL
);

-- Who was admitted, once for a phone, however many devices it was typed into. The first moment stays; the session that is
-- alive is counted by the last.
CREATE TABLE admission (
    opening    BIGINT NOT NULL REFERENCES opening (id),
    phone_hash BLOB   NOT NULL,
    place      BIGINT NOT NULL,
    began_at   BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    PRIMARY KEY (opening, phone_hash)
) WITHOUT ROWID;
CREATE INDEX admission_began ON admission (opening, began_at);
CREATE INDEX admission_alive ON admission (opening, ends_at);

-- What the door did, second by second.
CREATE TABLE door_second (
    opening   BIGINT NOT NULL REFERENCES opening (id),
    at        BIGINT NOT NULL,
    threshold BIGINT,
    admitted  BIGINT NOT NULL,
    alive     BIGINT NOT NULL,
    PRIMARY KEY (opening, at)
) WITHOUT ROWID;
