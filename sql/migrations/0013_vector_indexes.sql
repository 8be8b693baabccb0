-- Vector indexes: reserved.

set local role millrace_owner;
