-- Filters over documents: reserved.

set local role millrace_owner;
