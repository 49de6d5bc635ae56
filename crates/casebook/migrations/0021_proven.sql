-- Which of a case's reporters were proven to be who they say, by SPF or DKIM.
ALTER TABLE case_reporters ADD COLUMN authentic BIGINT NOT NULL DEFAULT 0;
