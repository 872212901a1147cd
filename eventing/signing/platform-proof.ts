// How the platform shows that a tick or a dead letter is its own: by a secret in the path of the sink, which the manifests are given.
//
// Knative has sender identities (OIDC), and its RabbitMQ broker does not use them: its dispatchers send to the address of the sink and add
// nothing. An address they keep whole, so the proof is in it; a PingSource has its sink the same way. So what knows the manifests of a
// cluster, or the logs of its dispatchers, knows the proof: it keeps out pods and pages, not who administers the cluster.
import { createHash, timingSafeEqual } from 'node:crypto';

const folder = '/platform/';

/** In the manifests of git; whoever applies them puts the proof there. */
export const proofPlaceholder = 'PLATFORM_PROOF';

export function proofPath(proof: string): string {
  return folder + proof;
}

/** The manifest's path as it is to be asked. */
export function withProof(uri: string, proof: string): string {
  return uri === proofPath(proofPlaceholder) ? proofPath(proof) : uri;
}

/** What the path shows; undefined for every other path. */
export function proofIn(path: string): string | undefined {
  return path.startsWith(folder) ? path.slice(folder.length) : undefined;
}

/** Where something was sent, for a log: without the proof. */
export function withoutProof(address: string): string {
  const at = address.indexOf(folder);
  return at < 0 ? address : `${address.slice(0, at)}${folder}…`;
}

/** Two are known while the proof changes. Compared by their digests, in the same time whatever was shown. */
export function isProofOfPlatform(shown: string | undefined, proofs: readonly string[]): boolean {
  if (shown === undefined) return false;
  const digest = digestOfText(shown);
  return proofs.map((proof) => timingSafeEqual(digestOfText(proof), digest)).includes(true);
}

function digestOfText(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
