-- A code also confirms what somebody asked for by text message.
ALTER TABLE challenge DROP CONSTRAINT challenge_purpose_check;
ALTER TABLE challenge ADD CONSTRAINT challenge_purpose_check
    CHECK (purpose IN ('sign-in', 'find', 'email', 'phone', 'reply'));
