-- Who does not want a text message that tells their turn when the lots of an opening are drawn.
CREATE TABLE turn_text_declined (
    opening BIGINT NOT NULL REFERENCES opening (id),
    account BIGINT NOT NULL REFERENCES account (id),
    PRIMARY KEY (opening, account)
);
-- The messages of accounts with ids up to this one are in the outbox.
ALTER TABLE opening ADD COLUMN told_to BIGINT;
