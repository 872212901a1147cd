// An event as the outbox records it: the CloudEvent's attributes by their own names, its data already in wire form.
export type OutboxEvent = {
  /** UUIDv7; also the CloudEvent id. */
  id: string;
  /** `com.microbank.…` */
  type: string;
  /** `/microbank/<function>` */
  source: string;
  /** The aggregate, e.g. `accounts/7`. */
  subject: string;
  /** RFC 3339, UTC. */
  time: string;
  data: unknown;
  /** The account id (or user id) whose events keep their order. */
  partitionkey: string;
  /** Position within the partition key, zero-padded so that it sorts as text. */
  sequence: string;
  /** W3C trace context of the request that caused the event. */
  traceparent: string | null;
};
