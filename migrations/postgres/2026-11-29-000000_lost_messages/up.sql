-- What has not arrived is counted every few seconds, in a table that holds every message ever sent.
CREATE INDEX outbox_lost ON outbox (state) WHERE state IN ('failed', 'uncertain', 'dead');
