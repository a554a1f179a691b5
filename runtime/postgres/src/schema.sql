-- The store itself: one row.
CREATE TABLE play_store (
  one  int4 PRIMARY KEY CHECK (one = 1),
  id   text NOT NULL,
  salt bytea NOT NULL
);

-- Each line as it was written, its newline included. `place` orders all lines: none is before one that it may rest on.
CREATE TABLE play_lines (
  chain text  NOT NULL,
  seq   int8  NOT NULL,
  place int8  NOT NULL,
  hash  bytea NOT NULL,
  line  bytea NOT NULL,
  PRIMARY KEY (chain, seq)
);
CREATE INDEX play_lines_place ON play_lines (place);
CREATE INDEX play_lines_first ON play_lines (place) WHERE seq = 0;
CREATE SEQUENCE play_place INCREMENT BY 1048576 CACHE 1;

-- Bodies that came from outside, by the SHA-256 of salt and body.
CREATE TABLE play_blobs (
  digest bytea PRIMARY KEY,
  salt   bytea NOT NULL,
  body   bytea NOT NULL
);

-- The programs that ran, by their SHA-256.
CREATE TABLE play_artifacts (
  digest  bytea PRIMARY KEY,
  program bytea NOT NULL
);

-- Who writes, and until when that is theirs, by the clock of the server.
CREATE TABLE play_workers (
  worker int8 PRIMARY KEY,
  name   text NOT NULL,
  until  timestamptz NOT NULL
);

-- What is whose: a chain by its name, everything by the empty name. An epoch is never used again.
CREATE TABLE play_leases (
  scope  text PRIMARY KEY,
  epoch  int8 NOT NULL,
  worker int8 NOT NULL
);
CREATE INDEX play_leases_worker ON play_leases (worker);
CREATE SEQUENCE play_epoch CACHE 1;
INSERT INTO play_leases (scope, epoch, worker) VALUES ('', 0, 0);
