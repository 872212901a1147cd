// The environment of a function on a cluster: functions/shared/process/config.ts says what each variable means. Secrets only by name.
import { isSpeaker, type Speaker } from '../../eventing/signing/speakers.ts';
import type { Deployment } from './deployments.ts';
import { longestStreamSeconds } from './settings.ts';

export type Variable = { name: string; value: string } | { name: string; valueFrom: object };

const inBank = 'microbank.svc.cluster.local';

/** In this order: what it is, what it reaches, how it knows people, and who else speaks to it. */
export function environmentOf(deployment: Deployment): Variable[] {
  const { contract, database, settings } = deployment;
  const secret = databaseSecretOf(deployment);
  const speaker = speakerOf(deployment);
  return [
    plain('FUNCTION_TARGET', contract.name),
    ...(contract.databases.length > 1 && database !== undefined ? [plain('DATABASE', database)] : []),
    ...(database === undefined ? [] : [fromSecret('DATABASE_URL', secret, 'DATABASE_URL')]),
    ...(database === undefined ? [] : [plain('POOL_MAX', String(settings.poolMax))]),
    // LISTEN hears nothing through a pooler in transaction mode.
    ...(streams(deployment) ? [fromSecret('LISTEN_URL', secret, 'LISTEN_URL')] : []),
    ...(streams(deployment) ? [plain('LONGEST_STREAM_SECONDS', String(longestStreamSeconds))] : []),
    ...(sendsEvents(deployment) ? [plain('BROKER_URL', `http://bank-broker-ingress.${inBank}`)] : []),
    ...(asks(deployment) ? [plain('FUNCTION_URL', `http://{function}.${inBank}`)] : []),
    ...(contract.name === 'operations' ? [plain('RELAY_URL', `http://relay-{context}.${inBank}`)] : []),
    // Where nothing watches the bank there is no such ConfigMap, and what the functions did is not known.
    ...(readsMetrics(deployment) ? [fromConfigMap('PROMETHEUS_URL', 'monitoring', 'PROMETHEUS_URL', true)] : []),
    // A file at the edge, which is always there: no function has to wake up so that another can check a token.
    plain('JWKS_URL', `http://edge.${inBank}/.well-known/jwks.json`),
    // Kept for a second there: sign-in answers once, however many ask.
    plain('ENDED_SESSIONS_URL', `http://edge.${inBank}/api/.well-known/ended-sessions.json`),
    plain('JWT_ISSUER', 'microbank'),
    plain('JWT_AUDIENCE', 'microbank'),
    // By which a function knows the edge, and believes what it says of who asks.
    ...(isAskedByPeople(deployment) ? [fromSecret('EDGE_SECRET', 'edge-secret', 'EDGE_SECRET')] : []),
    ...(contract.name === 'sign-in' ? [fromSecret('SIGNING_KEY', 'signing-key', 'SIGNING_KEY')] : []),
    ...(speaker === undefined ? [] : [fromSecret('EVENT_SIGNING_KEY', `event-key-${speaker}`, 'EVENT_SIGNING_KEY')]),
    ...(hears(deployment) ? [plain('EVENT_KEYS_URL', `http://edge.${inBank}/.well-known/event-keys.json`)] : []),
    ...(isAskedByPlatform(deployment) ? [fromSecret('PLATFORM_PROOF', 'platform-proof', 'PLATFORM_PROOF')] : []),
    ...(takesPasskeys(deployment) ? [fromConfigMap('PASSKEY_ORIGINS', 'page-addresses', 'PASSKEY_ORIGINS')] : []),
  ];
}

/** The Secret of the role that its contract names: platform/base/data/database-secrets.txt has them all. */
function databaseSecretOf({ contract: { databaseRole = 'writer' }, database }: Deployment): string {
  return databaseRole === 'writer' ? `database-${database}` : `database-${database}-${databaseRole}`;
}

/** Hands its outbox over to the Broker: by itself after a commit, or as a relay. */
export function sendsEvents({ contract: { emits = [], consumes = [] } }: Deployment): boolean {
  return emits.length > 0 || consumes.includes('dev.knative.sources.ping');
}

export function asks({ settings }: Deployment): boolean {
  return settings.asks === true;
}

/** Holds event streams open, and a connection that listens to PostgreSQL for them. */
export function streams({ contract }: Deployment): boolean {
  return Object.values(contract.routes).some(({ alsoProduces = [] }) => alsoProduces.includes('text/event-stream'));
}

/** Through the edge; it verifies their tokens (where anyone may ask, too: a teller may more), and fetches the keys for that. */
export function isAskedByPeople({ contract }: Deployment): boolean {
  return Object.keys(contract.routes).length > 0;
}

/** As whom it signs what it records and asks: as itself where it has a key of its own, else as the context of its database. */
export function speakerOf(deployment: Deployment): Speaker | undefined {
  const { contract, database } = deployment;
  if (!sendsEvents(deployment) && !asks(deployment)) return undefined;
  return [contract.name, database].find(isSpeaker);
}

/** Takes events, or answers questions: it verifies who says them. */
export function hears({ contract: { consumes, answers } }: Deployment): boolean {
  return consumes !== undefined || answers !== undefined;
}

/** By PingSources, or by the dispatchers of dead letters. */
export function isAskedByPlatform({ contract: { consumes = [] } }: Deployment): boolean {
  return consumes.includes('*') || consumes.includes('dev.knative.sources.ping');
}

/** Shows tellers what the functions did. */
export function readsMetrics({ contract }: Pick<Deployment, 'contract'>): boolean {
  return contract.name === 'operations';
}

/** Needs to know where people reach the pages: a passkey belongs to a host. */
function takesPasskeys({ contract }: Pick<Deployment, 'contract'>): boolean {
  return contract.name === 'sign-in' || contract.name === 'passkeys';
}

function plain(name: string, value: string): Variable {
  return { name, value };
}

function fromSecret(name: string, secret: string, key: string): Variable {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

function fromConfigMap(name: string, configMap: string, key: string, optional = false): Variable {
  return { name, valueFrom: { configMapKeyRef: { name: configMap, key, ...(optional && { optional }) } } };
}
