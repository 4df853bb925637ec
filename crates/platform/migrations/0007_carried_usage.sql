-- What was not told to the billing provider before its period was over, in units: off the period that it was used in, and onto the
-- one in which it is billed. Over an account and a feature it adds up to zero.
ALTER TABLE usage_total ADD COLUMN carried BIGINT NOT NULL DEFAULT 0;
-- The highest total that was sent: whether it arrived is not known before `reported` says so.
ALTER TABLE usage_total ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;
