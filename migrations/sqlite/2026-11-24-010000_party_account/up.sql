-- Holding looks for all parties of an account; without this every party of the country was read.
CREATE INDEX party_account ON party (account);
