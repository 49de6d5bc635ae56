-- What all followers together had counted for an order by the end of ten minutes, kept
-- where it grew: the curve that a case shows.
CREATE TABLE effect_steps (
    order_serial BIGINT NOT NULL REFERENCES orders (serial),
    step BIGINT NOT NULL,
    blocked_answers BIGINT NOT NULL,
    warning_views BIGINT NOT NULL,
    PRIMARY KEY (order_serial, step)
);
