-- Whoever loses the role must lose the access too: as clinic staff without a site they see nothing.
DROP INDEX access_log_staff;
DROP INDEX access_log_at;
ALTER TABLE staff RENAME COLUMN role TO role_before;
ALTER TABLE staff ADD COLUMN role TEXT NOT NULL DEFAULT 'clinic' CHECK (role IN ('clinic', 'call-centre', 'authority'));
UPDATE staff SET role = role_before WHERE role_before <> 'auditor';
ALTER TABLE staff DROP COLUMN role_before;
