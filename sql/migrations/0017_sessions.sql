-- Sessions over several requests: reserved.

set local role millrace_owner;
