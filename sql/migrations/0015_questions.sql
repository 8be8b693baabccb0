-- Reserved.

set local role millrace_owner;
