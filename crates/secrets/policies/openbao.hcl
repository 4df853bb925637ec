# All that the service may do in Vault or OpenBao: read its own keys, and keep its own token alive.
# No list, no write, no delete, no metadata, no other path. Roles take this policy alone (token_no_default_policy).

path "secret/data/brasskey/*" {
  capabilities = ["read"]
}

path "auth/token/renew-self" {
  capabilities = ["update"]
}

path "auth/token/lookup-self" {
  capabilities = ["read"]
}
