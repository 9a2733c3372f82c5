DELETE FROM outbox WHERE kind = 'phone-changed-notice';
ALTER TABLE account DROP COLUMN text_reminders;
ALTER TABLE account DROP COLUMN messages_in;
DELETE FROM challenge WHERE purpose = 'phone';
ALTER TABLE challenge DROP CONSTRAINT challenge_purpose_check;
ALTER TABLE challenge ADD CONSTRAINT challenge_purpose_check CHECK (purpose IN ('sign-in', 'find', 'email'));
