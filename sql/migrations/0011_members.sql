-- Archives, mailboxes and mail: what they contain becomes documents of their own.

set local role millrace_owner;

alter table knowledge.documents add column unpacked_checksum text;
comment on column knowledge.documents.unpacked_checksum is
    'Of a container: the bytes whose members are documents now. Each of these has it as its revision.';
comment on column knowledge.documents.revision is
    'The source''s own word for the state of the item: an etag, a version, a hash. Of a member: the bytes of its container.';
