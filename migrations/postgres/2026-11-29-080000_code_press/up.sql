-- Which browser asked for a code and what for, as a keyed hash: pressing twice sends one code.
ALTER TABLE challenge ADD COLUMN press BYTEA;
