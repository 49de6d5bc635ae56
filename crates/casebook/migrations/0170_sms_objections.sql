-- The SMS that a sender objects about (who sent it, and its text), sealed under the key of the
-- objection as its words are. A sender's number is in no row in clear.
ALTER TABLE objections ADD COLUMN sealed_sms BYTEA;
