-- The authenticator app of a member of staff. A code counts once: those of a step that was used, and of any before it, are void.
CREATE TABLE second_factor (
    staff         BIGINT NOT NULL PRIMARY KEY REFERENCES staff (id),
    secret_sealed BYTEA NOT NULL,
    last_step     BIGINT NOT NULL,
    failed        INTEGER NOT NULL DEFAULT 0,
    begun_at      BIGINT NOT NULL
);

-- Codes for whoever lost the device with the app. Only a keyed hash of each is kept.
CREATE TABLE recovery_code (
    staff     BIGINT NOT NULL REFERENCES staff (id),
    code_hash BYTEA NOT NULL,
    used_at   BIGINT,
    PRIMARY KEY (staff, code_hash)
);

-- A session may wait for its second factor, and is none until then. The network is a keyed hash: it tells whether two are the same.
ALTER TABLE staff_session ADD COLUMN awaits_code BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE staff_session ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE staff_session ADD COLUMN network_hash BYTEA;
CREATE INDEX staff_session_staff ON staff_session (staff, expires_at);
