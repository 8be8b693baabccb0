-- Question sets: reserved.

set local role millrace_owner;
