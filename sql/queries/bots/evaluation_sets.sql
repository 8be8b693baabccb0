-- ensure: the set of this name, made where it is missing.
insert into bots.evaluation_sets (organization_id, chatbot_id, name, description)
values (%(organization_id)s, %(chatbot_id)s, %(name)s, %(description)s)
on conflict (organization_id, chatbot_id, name) do update
    set description = coalesce(nullif(excluded.description, ''), bots.evaluation_sets.description)
returning id, chatbot_id, name, description;

-- get: a set.
select id, chatbot_id, name, description from bots.evaluation_sets
where organization_id = %(organization_id)s and id = %(id)s;

-- find_by_name: the set of a chatbot that bears a name.
select id, chatbot_id, name, description from bots.evaluation_sets
where organization_id = %(organization_id)s and chatbot_id = %(chatbot_id)s and name = %(name)s;

-- select_all: the sets of the chatbots that are not removed, by chatbot and name.
select s.id, s.chatbot_id, s.name, s.description
from bots.evaluation_sets s
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id and c.deleted_at is null
where s.organization_id = %(organization_id)s
order by c.name, s.name;

-- count_all: the same with how many questions each has, by what became of them.
select s.id, s.chatbot_id, c.name as chatbot, s.name, s.description,
    count(q.id) as questions,
    count(*) filter (where q.state = 'proposed') as proposed,
    count(*) filter (where q.state = 'accepted') as accepted,
    count(*) filter (where q.state = 'rejected') as rejected,
    count(*) filter (where q.state = 'accepted' and q.is_answerable and known.is_judged) as judged,
    count(*) filter (where q.state = 'accepted' and not q.is_answerable) as unanswerable,
    count(*) filter (where q.state = 'accepted' and q.split = 'tune') as tune,
    count(*) filter (where q.state = 'accepted' and q.split = 'report') as report,
    count(*) filter (where q.origin = 'generated') as generated,
    count(*) filter (where q.origin = 'promoted') as promoted
from bots.evaluation_sets s
join bots.chatbots c on c.organization_id = %(organization_id)s and c.id = s.chatbot_id and c.deleted_at is null
left join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.evaluation_set_id = s.id
left join lateral (
    select exists (
        select from bots.evaluation_judgments j
        where j.organization_id = %(organization_id)s and j.evaluation_query_id = q.id and j.grade > 0) as is_judged
) known on true
where s.organization_id = %(organization_id)s
  and (%(chatbot_id)s::uuid is null or s.chatbot_id = %(chatbot_id)s)
group by s.id, s.chatbot_id, c.name, s.name, s.description
order by c.name, s.name;

-- describe: how a set is called, and what it is.
update bots.evaluation_sets set name = %(name)s, description = %(description)s
where organization_id = %(organization_id)s and id = %(id)s;

-- remove: a set with its questions, and whatever was measured on it.
delete from bots.evaluation_sets
where organization_id = %(organization_id)s and id = %(id)s;

-- select_judged: the sets of a chatbot that have an accepted question to report by, with a judgment.
select s.id
from bots.evaluation_sets s
where s.organization_id = %(organization_id)s and s.chatbot_id = %(chatbot_id)s
  and exists (
      select from bots.evaluation_judgments j
      join bots.evaluation_queries q on q.organization_id = %(organization_id)s and q.id = j.evaluation_query_id
      where j.organization_id = %(organization_id)s and q.evaluation_set_id = s.id
        and q.state = 'accepted' and q.split = 'report')
order by s.name;

-- count_judged: how many accepted questions of a chatbot's sets report, and have a document that is known to answer.
select count(*)
from bots.evaluation_queries q
join bots.evaluation_sets s on s.organization_id = %(organization_id)s and s.id = q.evaluation_set_id
where q.organization_id = %(organization_id)s and s.chatbot_id = %(chatbot_id)s
  and q.state = 'accepted' and q.split = 'report'
  and exists (
      select from bots.evaluation_judgments j
      where j.organization_id = %(organization_id)s and j.evaluation_query_id = q.id and j.grade > 0);

-- select_documents: what a chatbot's sources hold, or of these documents what they hold, as judgments may name it.
select d.id, d.data_source_id as source_id, s.name as source, d.file_path as path, d.title,
    d.current_version_id as version_id
from bots.chatbot_data_sources l
join knowledge.data_sources s
    on s.organization_id = %(organization_id)s and s.id = l.data_source_id and s.deleted_at is null
join knowledge.documents d
    on d.organization_id = %(organization_id)s and d.data_source_id = s.id and d.soft_deleted_at is null
where l.organization_id = %(organization_id)s and l.chatbot_id = %(chatbot_id)s
  and (%(ids)s::uuid[] is null or d.id = any (%(ids)s))
order by s.name, d.file_path;

-- select_passages: passages that a chatbot reads and that no question was generated from, each document in its turn.
select p.document_id, p.document_version_id, p.title, p.section_title, p.content, p.start_char
from (
    select c.document_id, c.document_version_id, d.title, c.section_title, c.content, c.start_char, c.content_hash,
        row_number() over (partition by c.document_id order by c.content_hash) as turn
    from knowledge.chunks c
    join knowledge.documents d
        on d.organization_id = %(organization_id)s and d.id = c.document_id and d.soft_deleted_at is null
        and d.current_version_id = c.document_version_id
    join bots.chatbot_data_sources l
        on l.organization_id = %(organization_id)s and l.chatbot_id = %(chatbot_id)s
        and l.data_source_id = c.data_source_id
    join knowledge.data_sources s
        on s.organization_id = %(organization_id)s and s.id = l.data_source_id and s.deleted_at is null
    where c.organization_id = %(organization_id)s and c.is_active and c.recipe = %(recipe)s
      and length(c.content) >= %(shortest)s
      and not exists (
          select from bots.evaluation_queries q
          join bots.evaluation_judgments j
              on j.organization_id = %(organization_id)s and j.evaluation_query_id = q.id
          where q.organization_id = %(organization_id)s and q.document_id = c.document_id
            and j.start_char >= c.start_char and j.start_char < c.end_char)
) p
order by p.turn, p.content_hash
limit %(at_most)s;
