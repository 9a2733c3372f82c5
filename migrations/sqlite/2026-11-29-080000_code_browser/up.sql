-- Which browser asked for a code, as a keyed hash of its session: pressing twice sends one code.
ALTER TABLE challenge ADD COLUMN asked_by BLOB;
