-- Who shares the store with others, and up to which line of the store's own chain each has heeded what it says.
ALTER TABLE play_workers ADD COLUMN shares int4 NOT NULL DEFAULT 0;
ALTER TABLE play_workers ADD COLUMN heeded int8 NOT NULL DEFAULT -1;
