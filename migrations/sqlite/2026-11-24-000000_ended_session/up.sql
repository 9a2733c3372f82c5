-- Citizens' sessions are sealed cookies; whoever kept a copy of one could go on after its owner signed out. A row stands
-- here until the cookie would have run out by itself.
CREATE TABLE ended_session (
    id_hash   BLOB   PRIMARY KEY,
    forget_at BIGINT NOT NULL
);
CREATE INDEX ended_session_forget ON ended_session (forget_at);
