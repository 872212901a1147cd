-- A role for each kind of work; functions/shared/database/README.md says which function works as which. microbank_notifications, the writer,
-- keeps all that the context needs: one process that runs every function of it has no other role.

-- Shows people what they were told, marks it as read, and deletes it for them. It can't tell anybody anything.
GRANT SELECT, UPDATE (read_at), DELETE ON notification TO microbank_notifications_recipient;

-- Keeps dead letters and redrives them. It can't forge a receipt, and sees no notifications.
GRANT SELECT, INSERT, UPDATE (reason_code, reason_data, attempts, last_received_at, redriven_at, redriving_until)
  ON dead_letter TO microbank_notifications_dead_letters;
