-- create: an organization's key at a provider, sealed.
insert into identity.provider_keys (organization_id, id, provider, ciphertext)
values (%(organization_id)s, %(id)s, %(provider)s, %(ciphertext)s)
returning id, provider, created_at;

-- remove: an organization's key at a provider.
delete from identity.provider_keys
where organization_id = %(organization_id)s and provider = %(provider)s and user_id is null;

-- select_all: the keys of the organization, without anything of what they are.
select id, provider, created_at from identity.provider_keys
where organization_id = %(organization_id)s
order by provider, created_at, id;

-- find: an organization's key at a provider, sealed.
select id, ciphertext as sealed from identity.provider_keys
where organization_id = %(organization_id)s and provider = %(provider)s and user_id is null;

-- set_ciphertext: the same key, sealed anew.
update identity.provider_keys set ciphertext = %(ciphertext)s
where organization_id = %(organization_id)s and id = %(id)s;

-- select_to_rewrap: keys after an id that another key wraps than this one.
select id, ciphertext as sealed from identity.provider_keys
where organization_id = %(organization_id)s and id > %(after)s
  and identity.sealing_key(ciphertext) is distinct from %(key_id)s
order by id
limit %(most)s
for no key update;

-- count_by_key: which keys wrap provider keys, and how many each.
select identity.sealing_key(ciphertext) as key_id, count(*) as secrets from identity.provider_keys
where organization_id = %(organization_id)s
group by 1;
