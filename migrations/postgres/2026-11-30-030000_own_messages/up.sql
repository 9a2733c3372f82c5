-- A code also proves another phone for an account.
ALTER TABLE challenge DROP CONSTRAINT challenge_purpose_check;
ALTER TABLE challenge ADD CONSTRAINT challenge_purpose_check
    CHECK (purpose IN ('sign-in', 'find', 'email', 'phone'));

-- The language that an account chose for its messages, and whether it wants to be reminded by text message.
ALTER TABLE account ADD COLUMN messages_in TEXT;
ALTER TABLE account ADD COLUMN text_reminders BOOLEAN NOT NULL DEFAULT TRUE;
