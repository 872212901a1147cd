// Reads a notification from the stream, also one of a bank that is newer than this page.
import { notification, type Notification } from '../../../functions/shared/contract/notification.ts';

/** More fields than this page knows of do not matter. */
const readable = notification.strip();

/** Undefined for what this page has no words for; an event that it refused would come again and again. */
export function readNotification(data: string): Notification | undefined {
  return readable.safeParse(JSON.parse(data)).data;
}
