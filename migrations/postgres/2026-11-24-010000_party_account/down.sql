DROP INDEX party_account;
