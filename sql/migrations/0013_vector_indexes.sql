-- Vector indexes: the role that searches reads vectors too, as it reads passages; its function names the organization.

set local role millrace_owner;

create policy search on knowledge.embeddings for select to millrace_search using (true);
grant select on knowledge.embeddings to millrace_search;
