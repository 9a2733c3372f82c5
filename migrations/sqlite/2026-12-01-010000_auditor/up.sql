-- Auditors, who see who looked at whom, and no roster. SQLite can't change a CHECK, but a column goes with its own.
ALTER TABLE staff RENAME COLUMN role TO role_before;
ALTER TABLE staff ADD COLUMN role TEXT NOT NULL DEFAULT 'clinic' CHECK (role IN ('clinic', 'call-centre', 'authority', 'auditor'));
UPDATE staff SET role = role_before;
ALTER TABLE staff DROP COLUMN role_before;
CREATE INDEX access_log_at ON access_log (at, chain, sequence);
CREATE INDEX access_log_staff ON access_log (staff, at, chain, sequence);
