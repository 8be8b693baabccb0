-- Recipes of chatbots: reserved.

set local role millrace_owner;
