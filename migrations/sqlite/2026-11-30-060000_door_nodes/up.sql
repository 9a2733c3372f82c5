-- What nodes that don't lead a door measure: whoever leads lets in no more people than the slowest of them bears.
CREATE TABLE door_node (
    node      INTEGER PRIMARY KEY,
    told_at   BIGINT NOT NULL,
    step_ms   BIGINT,
    behind_at BIGINT
);
