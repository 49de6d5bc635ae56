-- Visits that blocked answers prevented, as the follower's sketch counts them; 0 from
-- followers that can't tell.
ALTER TABLE effects ADD COLUMN prevented_visits BIGINT NOT NULL DEFAULT 0;
