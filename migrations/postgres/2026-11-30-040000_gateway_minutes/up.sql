-- What the gateways did in each minute, as each node counted it.
CREATE TABLE gateway_minute (
    minute    BIGINT NOT NULL,
    gateway   TEXT   NOT NULL,
    node      BIGINT NOT NULL,
    sent      BIGINT NOT NULL,
    refused   BIGINT NOT NULL,
    later     BIGINT NOT NULL,
    uncertain BIGINT NOT NULL,
    cost      BIGINT NOT NULL,
    PRIMARY KEY (minute, gateway, node)
);
