// The parts of a manifest that the checks look at, and where the pods are in each kind.

export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
  data?: Record<string, string>;
  rules?: { apiGroups: string[]; resources: string[]; verbs: string[] }[];
  subjects?: { kind: string; name: string; namespace?: string }[];
};

type SecurityContext = {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  allowPrivilegeEscalation?: boolean;
  readOnlyRootFilesystem?: boolean;
  capabilities?: { drop?: string[]; add?: string[] };
  seccompProfile?: { type: string };
};
type Variable = { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } };
export type Container = {
  name?: string;
  image?: string;
  env?: Variable[];
  securityContext?: SecurityContext;
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
};
type Pod = {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    containers: Container[];
    initContainers?: Container[];
    securityContext?: SecurityContext;
    automountServiceAccountToken?: boolean;
    volumes?: Record<string, unknown>[];
    hostNetwork?: boolean;
    hostPID?: boolean;
    containerConcurrency?: number;
    timeoutSeconds?: number;
  };
};

/** The pods that a manifest of ours describes itself; an operator's pods are the operator's. */
export function podOf(manifest: Manifest): Pod | undefined {
  const spec = (manifest.spec ?? {}) as { template?: Pod; jobTemplate?: { spec: { template: Pod } } };
  if (manifest.kind === 'CronJob') return spec.jobTemplate?.spec.template;
  return isService(manifest) || ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'].includes(manifest.kind)
    ? spec.template
    : undefined;
}

/** Of Knative, not the one of Kubernetes. */
export function isService({ apiVersion, kind }: Manifest): boolean {
  return kind === 'Service' && apiVersion.startsWith('serving.knative.dev/');
}

export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
