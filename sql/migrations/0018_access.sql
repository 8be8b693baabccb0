-- Access of people and programs: reserved.

set local role millrace_owner;
