-- Vector indexes: the role that searches reads vectors and how many passages there are, as it reads those; its functions name the organization.

set local role millrace_owner;

create policy search on knowledge.embeddings for select to millrace_search using (true);
grant select on knowledge.embeddings to millrace_search;

create policy search on knowledge.text_statistics for select to millrace_search using (true);
grant select on knowledge.text_statistics to millrace_search;
