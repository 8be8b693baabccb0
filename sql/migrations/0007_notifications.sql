-- Secrets that can be told apart by their key, and people who are told what happened.

set local role millrace_owner;

create function identity.sealing_key(sealed bytea) returns text
    language sql immutable parallel safe
    return case when length(sealed) > 4 and substr(sealed, 1, 3) = 'mr1'
                then encode(substr(sealed, 5, get_byte(sealed, 3)), 'escape') end;
comment on function identity.sealing_key(bytea) is
    'The id of the key that wraps a sealed secret, which is no secret itself; null for what is none.';

-- The API asks models with an organization's own key: it reads what is sealed, and opens it with the operator's keyring.
grant select (ciphertext) on identity.provider_keys to millrace_api;
