DROP TABLE gateway_minute;
