DROP TABLE campaign_reminder;
