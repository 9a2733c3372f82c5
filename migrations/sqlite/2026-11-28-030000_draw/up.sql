-- The draw of an opening. `beacon` says in words which round of which public beacon counts, before it gives anything; the
-- bytes it gave, the seeds and the key are published together, after the evening.
ALTER TABLE opening ADD COLUMN beacon TEXT NOT NULL DEFAULT '';
ALTER TABLE opening ADD COLUMN beacon_value BLOB;
ALTER TABLE opening ADD COLUMN drawn_at BIGINT;
ALTER TABLE opening ADD COLUMN published_at BIGINT;

-- Who takes part in a draw, in the order of committing. Nobody commits twice to the same.
CREATE TABLE draw_party (
    id          INTEGER PRIMARY KEY,
    opening     BIGINT  NOT NULL REFERENCES opening (id),
    number      INTEGER NOT NULL CHECK (number > 0),
    name_ko     TEXT    NOT NULL,
    name_en     TEXT    NOT NULL,
    outside     BOOLEAN NOT NULL,
    commitment  BLOB NOT NULL,
    seed_sealed BLOB,
    UNIQUE (opening, number),
    UNIQUE (opening, commitment)
);

-- The sealed list of admissions, which grows and never changes otherwise. An entry is written with its admission; the node
-- that leads gives it its number, so that numbers have no gaps and nobody waits for them.
CREATE TABLE admission_entry (
    opening    BIGINT NOT NULL REFERENCES opening (id),
    phone_hash BLOB  NOT NULL,
    number     BIGINT CHECK (number >= 0),
    entry      BLOB  NOT NULL,
    PRIMARY KEY (opening, phone_hash)
) WITHOUT ROWID;
CREATE UNIQUE INDEX admission_entry_number ON admission_entry (opening, number);

-- The roots over each full 1,024 entries, of which all larger ones are made.
CREATE TABLE admission_block (
    opening BIGINT NOT NULL REFERENCES opening (id),
    number  BIGINT NOT NULL,
    root    BLOB  NOT NULL,
    PRIMARY KEY (opening, number)
) WITHOUT ROWID;

-- How long the list was, and its root, once a minute.
CREATE TABLE door_minute (
    opening BIGINT NOT NULL REFERENCES opening (id),
    at      BIGINT NOT NULL,
    size    BIGINT NOT NULL,
    root    BLOB  NOT NULL,
    PRIMARY KEY (opening, at)
) WITHOUT ROWID;
