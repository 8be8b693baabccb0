-- select_unsummed: the days that are over, and not summed or changed since, the latest first.
select u.day
from (
    select day from analytics.unsummed_days('answers')
    union select day from analytics.unsummed_days('thumbs')
    union select day from analytics.unsummed_days('scores')
    union select day from analytics.unsummed_days('usage')
    union select day from analytics.unsummed_days('citations')
    union select day from analytics.unsummed_days('opinions')
) u
where identity.current_organization() = %(organization_id)s
  and (u.day + 1)::timestamp at time zone 'UTC' <= %(as_of)s::timestamptz
order by u.day desc;

-- note_summed: a day is being summed; whoever else would sum it waits.
insert into conversations.summed_days (organization_id, day) values (%(organization_id)s, %(day)s)
on conflict (organization_id, day) do update set summed_at = clock_timestamp();

-- forget_changes: what changed until now will be in the sums.
delete from conversations.changed_days where organization_id = %(organization_id)s and day = %(day)s;

-- remove_answers: the old sums of a day.
delete from conversations.daily_answers where organization_id = %(organization_id)s and day = %(day)s;

-- sum_answers: the new sums of a day.
insert into conversations.daily_answers
select * from analytics.answers_of_day(%(day)s) where organization_id = %(organization_id)s;

-- remove_thumbs: the old sums of a day.
delete from conversations.daily_thumbs where organization_id = %(organization_id)s and day = %(day)s;

-- sum_thumbs: the new sums of a day.
insert into conversations.daily_thumbs
select * from analytics.thumbs_of_day(%(day)s) where organization_id = %(organization_id)s;

-- remove_latencies: the old sums of a day.
delete from conversations.daily_latencies where organization_id = %(organization_id)s and day = %(day)s;

-- sum_latencies: the new sums of a day.
insert into conversations.daily_latencies
select * from analytics.latencies_of_day(%(day)s) where organization_id = %(organization_id)s;

-- remove_scores: the old sums of a day.
delete from conversations.daily_scores where organization_id = %(organization_id)s and day = %(day)s;

-- sum_scores: the new sums of a day.
insert into conversations.daily_scores
select * from analytics.scores_of_day(%(day)s) where organization_id = %(organization_id)s;

-- remove_usage: the old sums of a day.
delete from conversations.daily_usage where organization_id = %(organization_id)s and day = %(day)s;

-- sum_usage: the new sums of a day.
insert into conversations.daily_usage
select * from analytics.usage_of_day(%(day)s) where organization_id = %(organization_id)s;

-- remove_citations: the old sums of a day.
delete from conversations.daily_citations where organization_id = %(organization_id)s and day = %(day)s;

-- sum_citations: the new sums of a day.
insert into conversations.daily_citations
select * from analytics.citations_of_day(%(day)s) where organization_id = %(organization_id)s;

-- remove_opinions: the old sums of a day.
delete from conversations.daily_opinions where organization_id = %(organization_id)s and day = %(day)s;

-- sum_opinions: the new sums of a day.
insert into conversations.daily_opinions
select * from analytics.opinions_of_day(%(day)s) where organization_id = %(organization_id)s;
