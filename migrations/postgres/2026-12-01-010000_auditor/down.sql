-- Whoever loses the role must lose the access too: as clinic staff without a site they see nothing.
DROP INDEX access_log_staff;
DROP INDEX access_log_at;
UPDATE staff SET role = 'clinic' WHERE role = 'auditor';
ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_check CHECK (role IN ('clinic', 'call-centre', 'authority'));
