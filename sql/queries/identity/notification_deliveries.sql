-- address_channels: deliver a notification through the active channels that want its event.
insert into identity.notification_deliveries (organization_id, notification_id, channel_id)
select c.organization_id, %(notification_id)s, c.id from identity.notification_channels c
where c.organization_id = %(organization_id)s and c.is_active
  and (cardinality(c.events) = 0 or %(event)s = any (c.events))
on conflict do nothing;

-- address_channel: deliver a notification through one channel, whatever it wants.
insert into identity.notification_deliveries (organization_id, notification_id, channel_id)
values (%(organization_id)s, %(notification_id)s, %(channel_id)s);

-- address_users: mail a notification to whom it concerns: its owner, else those who run the organization.
insert into identity.notification_deliveries (organization_id, notification_id, user_id)
select u.organization_id, %(notification_id)s, u.id
from identity.users u
left join identity.memberships m on m.organization_id = %(organization_id)s and m.user_id = u.id
left join identity.knowledge_settings s on s.organization_id = %(organization_id)s and s.user_id = u.id
where u.organization_id = %(organization_id)s and u.is_active
  and case when %(owner_id)s::uuid is null then m.role in ('owner', 'admin', 'engineer') else u.id = %(owner_id)s end
  and case when %(is_error)s then coalesce(s.error_notifications, true) else coalesce(s.sync_notifications, true) end
on conflict do nothing;

-- claim: deliveries that are due, taken for a while by whoever asks first. Chosen once, not for each row that a join may meet.
with due as materialized (
    select w.id from identity.notification_deliveries w
    where w.organization_id = %(organization_id)s and w.status = 'waiting' and w.next_attempt_at <= clock_timestamp()
    order by w.next_attempt_at, w.id
    limit %(most)s
    for update skip locked
)
update identity.notification_deliveries d
set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + %(seconds)s * interval '1 second'
from due
where d.organization_id = %(organization_id)s and d.id = due.id
returning d.id, d.notification_id, d.channel_id, d.user_id, d.attempts;

-- finish: a delivery that has ended: delivered, failed or skipped.
update identity.notification_deliveries
set status = %(status)s, last_error = %(reason)s,
    delivered_at = case when %(status)s = 'delivered' then clock_timestamp() end
where organization_id = %(organization_id)s and id = %(id)s and status = 'waiting';

-- postpone: a delivery that did not work, and is tried again later.
update identity.notification_deliveries
set last_error = %(reason)s, next_attempt_at = clock_timestamp() + %(seconds)s * interval '1 second'
where organization_id = %(organization_id)s and id = %(id)s and status = 'waiting';

-- select_of: the deliveries of a notification, with whom they reach.
select d.id, coalesce(c.name, u.email) as recipient, d.status, d.attempts, d.last_error, d.next_attempt_at,
       d.delivered_at
from identity.notification_deliveries d
left join identity.notification_channels c on c.organization_id = %(organization_id)s and c.id = d.channel_id
left join identity.users u on u.organization_id = %(organization_id)s and u.id = d.user_id
where d.organization_id = %(organization_id)s and d.notification_id = %(notification_id)s
order by recipient, d.id;

-- select_organizations: the organizations with deliveries that are due (any organization).
select organization_id from identity.organizations_to_notify();
