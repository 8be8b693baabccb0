-- create: a question and what came of it.
insert into conversations.interactions
    (organization_id, session_id, agent_id, question_id, answer_id, asker_id, question_digest, arguments, results,
     detailed_question, detailed_question_at, timezone, question_at, answer_at, processing_error)
values
    (%(organization_id)s, %(session_id)s, %(agent_id)s, %(question_id)s, %(answer_id)s, %(asker_id)s,
     %(question_digest)s, %(arguments)s, %(results)s, %(detailed_question)s, %(detailed_question_at)s, %(timezone)s,
     clock_timestamp() - %(elapsed_s)s * interval '1 second', clock_timestamp(), %(processing_error)s);

-- find_for_answer: the interaction that an answer ended.
select id, session_id, agent_id, question_id, answer_id, arguments, results, detailed_question, timezone, appreciation,
    question_at, detailed_question_at, answer_at, processing_error
from conversations.interactions
where organization_id = %(organization_id)s and answer_id = %(answer_id)s;

-- select_for_answers: the interactions that these answers ended.
select id, session_id, agent_id, question_id, answer_id, arguments, results, detailed_question, timezone, appreciation,
    question_at, detailed_question_at, answer_at, processing_error
from conversations.interactions
where organization_id = %(organization_id)s and answer_id = any (%(answer_ids)s);

-- pace: how much somebody asked in the last minute, hour and day, and this question in the last ten minutes.
select count(*) filter (where question_at > clock_timestamp() - interval '1 minute')::integer as last_minute,
       count(*) filter (where question_at > clock_timestamp() - interval '1 hour')::integer as last_hour,
       count(*)::integer as last_day,
       count(*) filter (where question_at > clock_timestamp() - interval '10 minutes'
                          and question_digest = %(question_digest)s)::integer as repeats
from conversations.interactions
where organization_id = %(organization_id)s and asker_id = %(asker_id)s
  and question_at > clock_timestamp() - interval '1 day';

-- select_outcomes: the last questions of a session, the newest first, with who took them and what came of them.
select agent_id, results ->> 'outcome' as outcome
from conversations.interactions
where organization_id = %(organization_id)s and session_id = %(session_id)s
order by question_at desc, id
limit %(at_most)s;

-- set_appreciation: how much an answer was worth to whoever asked.
update conversations.interactions set appreciation = %(appreciation)s
where organization_id = %(organization_id)s and answer_id = %(answer_id)s;

-- blank: take away how these questions were understood, since that may rest on what was said before.
update conversations.interactions set detailed_question = null, detailed_question_at = null
where organization_id = %(organization_id)s and answer_id = any (%(answer_ids)s) and detailed_question is not null;
