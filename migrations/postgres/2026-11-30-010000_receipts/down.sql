DROP INDEX outbox_receipt;
