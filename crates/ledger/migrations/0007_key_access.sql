-- How the endpoint of a key is reached where that is not as usual: through a proxy, with certificates, headers, for an
-- organisation. Nothing secret.
ALTER TABLE key_record ADD COLUMN access_json TEXT CHECK (access_json IS NULL OR json_valid(access_json));
