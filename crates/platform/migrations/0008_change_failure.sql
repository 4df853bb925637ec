-- Why a change of plan failed, as a code beside the words.
ALTER TABLE plan_change ADD COLUMN failure TEXT;
