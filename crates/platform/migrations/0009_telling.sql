-- Who tells the billing provider a total, and until when others leave it alone: a smaller total that arrives late would replace it.
ALTER TABLE usage_total ADD COLUMN telling_by TEXT NOT NULL DEFAULT '';
ALTER TABLE usage_total ADD COLUMN telling_until BIGINT NOT NULL DEFAULT 0;
