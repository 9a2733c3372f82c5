-- Agents who tell callers their turn, and see no roster.
ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_check CHECK (role IN ('clinic', 'call-centre', 'authority'));
