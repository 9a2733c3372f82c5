-- Auditors, who see who looked at whom, and no roster.
ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_check CHECK (role IN ('clinic', 'call-centre', 'authority', 'auditor'));
CREATE INDEX access_log_at ON access_log (at, chain, sequence);
CREATE INDEX access_log_staff ON access_log (staff, at, chain, sequence);
