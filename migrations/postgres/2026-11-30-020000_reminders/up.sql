-- When a campaign reminds people. Those that are there already do it as before.
CREATE TABLE campaign_reminder (
    campaign BIGINT NOT NULL REFERENCES campaign (id),
    doses TEXT NOT NULL CHECK (doses IN ('every', 'later')),
    days_before INTEGER NOT NULL CHECK (days_before BETWEEN 0 AND 60),
    minute_of_day INTEGER NOT NULL CHECK (minute_of_day BETWEEN 0 AND 1439),
    way TEXT NOT NULL CHECK (way IN ('both', 'sms', 'email')),
    PRIMARY KEY (campaign, doses, days_before)
);
INSERT INTO campaign_reminder SELECT id, 'every', 1, 600, 'both' FROM campaign;
INSERT INTO campaign_reminder SELECT id, 'later', 7, 600, 'both' FROM campaign;
