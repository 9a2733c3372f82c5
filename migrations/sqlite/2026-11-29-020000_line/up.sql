-- An opening whose places are times of arrival. How many came in which minute since it began is kept where a draw keeps its
-- sketch of phones.
ALTER TABLE opening ADD COLUMN places TEXT NOT NULL DEFAULT 'draw' CHECK (places IN ('draw', 'line'));
ALTER TABLE door_state ADD COLUMN line_began BIGINT;

-- A ticket lets in one phone. Two tickets of one millisecond may have the same place; then they end at different seconds.
ALTER TABLE admission ADD COLUMN ticket_until BIGINT;
CREATE UNIQUE INDEX admission_ticket ON admission (opening, place, ticket_until) WHERE ticket_until IS NOT NULL;
