-- Whoever loses the role must lose the access too: as clinic staff without a site they see nothing.
UPDATE staff SET role = 'clinic' WHERE role = 'call-centre';
ALTER TABLE staff DROP CONSTRAINT staff_role_check;
ALTER TABLE staff ADD CONSTRAINT staff_role_check CHECK (role IN ('clinic', 'authority'));
