-- create: a link, of which only the digest of the secret part is kept; older ones of the person work no more.
with former as (
    update identity.sign_in_links set used_at = now()
    where organization_id = %(organization_id)s and user_id = %(user_id)s and used_at is null
)
insert into identity.sign_in_links (organization_id, id, user_id, digest, expires_at)
values (%(organization_id)s, %(id)s, %(user_id)s, %(digest)s, clock_timestamp() + %(lasts)s);

-- holder: whom a link lets in, and the digest to compare with (any organization).
select organization_id, id, user_id, digest from identity.sign_in_link_holder(%(id)s);

-- consume: use a link; no row where somebody was faster.
update identity.sign_in_links set used_at = clock_timestamp()
where organization_id = %(organization_id)s and id = %(id)s and used_at is null and expires_at > clock_timestamp();

-- remove_over: links that nobody can use any more.
delete from identity.sign_in_links
where organization_id = %(organization_id)s and least(expires_at, used_at) < now() - interval '1 day';
