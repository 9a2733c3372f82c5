DELETE FROM outbox WHERE kind = 'cancel-code';
DELETE FROM challenge WHERE purpose = 'reply';
ALTER TABLE challenge DROP CONSTRAINT challenge_purpose_check;
ALTER TABLE challenge ADD CONSTRAINT challenge_purpose_check
    CHECK (purpose IN ('sign-in', 'find', 'email', 'phone'));
