-- What persons say to those who share the store: taken by whoever drives the run, as long as it is time; removed by whoever said it.
CREATE TABLE play_words (
  word   int8 PRIMARY KEY,
  run    text NOT NULL,
  said   text NOT NULL,
  until  timestamptz NOT NULL,
  taken  int8 NOT NULL DEFAULT 0,
  answer text
);
