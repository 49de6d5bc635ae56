-- What was taken from the public record: the order, and the entry that says so.
CREATE TABLE withdrawals (
    of_serial BIGINT PRIMARY KEY REFERENCES entries (serial),
    serial BIGINT NOT NULL REFERENCES entries (serial)
);
-- The record's page shows orders, the last first.
CREATE INDEX entries_of_orders ON entries (serial) WHERE kind = 2;
-- A release is public as its order is.
CREATE INDEX orders_by_release ON orders (released_by) WHERE released_by IS NOT NULL;
