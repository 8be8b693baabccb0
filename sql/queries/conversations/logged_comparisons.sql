-- select_questions: what a chatbot was asked lately, each question once, the latest first.
select asked.question, max(asked.created_at) as asked_at
from (
    select coalesce(l.detailed_question, l.query) as question, l.created_at
    from conversations.retrieval_logs l
    join conversations.sessions s
        on s.organization_id = %(organization_id)s and s.id = l.session_id and s.deleted_at is null
    where l.organization_id = %(organization_id)s and l.chatbot_id = %(chatbot_id)s
      and l.created_at >= clock_timestamp() - make_interval(days => %(days)s)
) asked
group by asked.question
order by asked_at desc, asked.question
limit %(at_most)s;

-- create: how two versions differ on what was asked.
insert into conversations.logged_comparisons
    (organization_id, baseline_id, candidate_id, asked, asked_since, asked_until, depth, overlap, overlap_low,
     overlap_high, overlapping, first_changed, moved, mean_move, mean_move_low, mean_move_high, both_found, won, lost,
     neither_found)
values
    (%(organization_id)s, %(baseline_id)s, %(candidate_id)s, %(asked)s, %(asked_since)s, %(asked_until)s, %(depth)s,
     %(overlap)s, %(overlap_low)s, %(overlap_high)s, %(overlapping)s, %(first_changed)s, %(moved)s, %(mean_move)s,
     %(mean_move_low)s, %(mean_move_high)s, %(both_found)s, %(won)s, %(lost)s, %(neither_found)s);

-- find_latest: the newest comparison of two versions on what was asked.
select baseline_id, candidate_id, asked, asked_since, asked_until, depth, overlap, overlap_low, overlap_high,
    overlapping, first_changed, moved, mean_move, mean_move_low, mean_move_high, both_found, won, lost, neither_found,
    created_at
from conversations.logged_comparisons
where organization_id = %(organization_id)s and candidate_id = %(candidate_id)s and baseline_id = %(baseline_id)s
order by created_at desc, id
limit 1;
