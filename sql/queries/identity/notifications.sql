-- raise_event: a notification; the same trouble, while it is not closed, is only counted.
insert into identity.notifications as n (organization_id, event, subject, body, dedup_key)
values (%(organization_id)s, %(event)s, %(subject)s, %(body)s, %(dedup_key)s)
on conflict (organization_id, dedup_key) where closed_at is null
    do update set times = n.times + 1, last_raised_at = clock_timestamp()
returning id, times = 1 as is_new;

-- close_event: the trouble of a key is over; when it comes again it is news.
update identity.notifications set closed_at = clock_timestamp()
where organization_id = %(organization_id)s and dedup_key = %(dedup_key)s and closed_at is null;

-- get: a notification by id.
select id, event, subject, body, times, last_raised_at, closed_at, created_at from identity.notifications
where organization_id = %(organization_id)s and id = %(id)s;

-- select_latest: the latest notifications, the newest first.
select id, event, subject, body, times, last_raised_at, closed_at, created_at from identity.notifications
where organization_id = %(organization_id)s
order by created_at desc, id
limit %(limit)s;

-- select_open: the trouble of a kind that is not over, the newest first.
select id, event, subject, body, times, last_raised_at, closed_at, created_at from identity.notifications
where organization_id = %(organization_id)s and event = %(event)s and dedup_key is not null and closed_at is null
order by created_at desc, id;

-- remove_old: notifications of trouble that is over, or was never more than news, when nobody waits for them.
delete from identity.notifications n
where n.organization_id = %(organization_id)s and n.last_raised_at < now() - %(days)s * interval '1 day'
  and (n.closed_at is not null or n.dedup_key is null)
  and not exists (
      select from identity.notification_deliveries d
      where d.organization_id = %(organization_id)s and d.notification_id = n.id and d.status = 'waiting'
  );

-- remove_of_source: what was told of a source that is erased.
delete from identity.notifications
where organization_id = %(organization_id)s and body ->> 'source_id' = %(source_id)s;
