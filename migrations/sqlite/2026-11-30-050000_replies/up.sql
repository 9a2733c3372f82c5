-- A code also confirms what somebody asked for by text message. SQLite can't change a CHECK: the table is made anew.
CREATE TABLE challenge_anew (
    id             INTEGER PRIMARY KEY,
    purpose        TEXT    NOT NULL CHECK (purpose IN ('sign-in', 'find', 'email', 'phone', 'reply')),
    contact_hash   BLOB   NOT NULL,
    contact_sealed BLOB   NOT NULL,
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
    solved_at      BIGINT,
    press          BLOB
);
INSERT INTO challenge_anew SELECT id, purpose, contact_hash, contact_sealed, account, booking, reachable, remembered,
    language, tries, sends, sent_at, created_at, expires_at, solved_at, press FROM challenge;
DROP TABLE challenge;
ALTER TABLE challenge_anew RENAME TO challenge;
CREATE INDEX challenge_contact ON challenge (contact_hash, created_at);
CREATE INDEX challenge_created ON challenge (created_at);
