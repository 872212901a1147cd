-- Events that the broker gave up on, one row for each event and subscriber, until somebody has dealt with them.

create table dead_letter (
  id bigint generated always as identity primary key,
  source text not null,
  event_id text not null,
  type text not null,
  subject text,
  -- The whole event in the JSON form of CloudEvents, without the knativeerror extensions. Text, not jsonb: jsonb refuses \u0000,
  -- and a poison event has to fit whatever it holds.
  event json not null,
  -- Address of the subscriber that did not take it (knativeerrordest); empty when the broker did not say.
  destination text not null,
  -- The last HTTP status; -1 when there was no answer, null when the broker did not say.
  reason_code integer,
  reason_data text,
  -- How often the broker has given it up: more than one after a second delivery of the dead letter, or after a redrive.
  attempts integer not null default 1 check (attempts >= 1),
  received_at timestamptz not null,
  last_received_at timestamptz not null
);

-- Hashes, because ids and addresses may be longer than an index row can be.
create unique index dead_letter_once on dead_letter (md5(source), md5(event_id), md5(destination));

grant select, insert, update (reason_code, reason_data, attempts, last_received_at), delete on dead_letter to microbank_notifications;
