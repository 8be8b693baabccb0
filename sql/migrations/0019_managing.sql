-- Managing by the API: reserved.

set local role millrace_owner;
