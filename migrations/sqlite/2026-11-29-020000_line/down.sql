DROP INDEX admission_ticket;
ALTER TABLE admission DROP COLUMN ticket_until;
ALTER TABLE door_state DROP COLUMN line_began;
ALTER TABLE opening DROP COLUMN places;
