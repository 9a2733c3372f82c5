-- A receipt names a message as its gateway does.
CREATE INDEX outbox_receipt ON outbox (gateway_id, gateway) WHERE state = 'sent' AND gateway_id IS NOT NULL;
