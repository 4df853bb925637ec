-- Whose acceptance it is: terms are accepted by an account on this computer, or by whoever uses it without one.
ALTER TABLE terms_acceptance ADD COLUMN profile TEXT NOT NULL DEFAULT 'local';
