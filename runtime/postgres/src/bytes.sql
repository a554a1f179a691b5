-- Names are compared byte by byte, whatever the database compares text by: what a library of the system puts in another order after an
-- update breaks no index here, and less work is done for each line.
ALTER TABLE play_lines ALTER COLUMN chain TYPE text COLLATE "C";
ALTER TABLE play_leases ALTER COLUMN scope TYPE text COLLATE "C";
ALTER TABLE play_words ALTER COLUMN run TYPE text COLLATE "C";
