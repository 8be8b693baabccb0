-- To be written.

set local role millrace_owner;
