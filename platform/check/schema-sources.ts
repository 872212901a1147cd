// Where the schemas come from: Go modules at the versions that platform/kind installs, and the kinds that our manifests use.

export type KubernetesKind = { group: string; version: string; kind: string };

/** Kubernetes' own, from the OpenAPI documents in its module. Later versions of it accept all that this one does. */
export const kubernetes = {
  module: 'k8s.io/kubernetes@v1.34.4',
  kinds: [
    { group: '', version: 'v1', kind: 'Namespace' },
    { group: '', version: 'v1', kind: 'ServiceAccount' },
    { group: '', version: 'v1', kind: 'Service' },
    { group: '', version: 'v1', kind: 'ConfigMap' },
    { group: '', version: 'v1', kind: 'PersistentVolumeClaim' },
    { group: 'apps', version: 'v1', kind: 'Deployment' },
    // Never ours; what a RabbitmqCluster overrides is one.
    { group: 'apps', version: 'v1', kind: 'StatefulSet' },
    { group: 'batch', version: 'v1', kind: 'Job' },
    { group: 'batch', version: 'v1', kind: 'CronJob' },
    { group: 'networking.k8s.io', version: 'v1', kind: 'NetworkPolicy' },
    { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget' },
    { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' },
    { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRoleBinding' },
    { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' },
    { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
    { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy' },
    { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding' },
  ] satisfies KubernetesKind[],
};

/** Definitions (CRDs) as their modules hold them: file by file, each of one kind. */
export const definitions: { module: string; files: string[] }[] = [
  { module: 'knative.dev/serving@v0.50.0', files: ['config/core/300-resources/service.yaml'] },
  {
    module: 'knative.dev/eventing@v0.50.0',
    files: [
      'config/core/resources/broker.yaml',
      'config/core/resources/trigger.yaml',
      'config/core/resources/pingsource.yaml',
    ],
  },
  {
    module: 'github.com/cloudnative-pg/cloudnative-pg@v1.30.0',
    files: [
      'config/crd/bases/postgresql.cnpg.io_clusters.yaml',
      'config/crd/bases/postgresql.cnpg.io_databases.yaml',
      'config/crd/bases/postgresql.cnpg.io_poolers.yaml',
      'config/crd/bases/postgresql.cnpg.io_scheduledbackups.yaml',
    ],
  },
  {
    module: 'github.com/cert-manager/cert-manager@v1.21.1',
    files: ['certificates', 'issuers', 'clusterissuers'].map((kind) => `deploy/crds/cert-manager.io_${kind}.yaml`),
  },
  {
    module: 'github.com/argoproj/argo-cd/v3@v3.5.7',
    files: ['manifests/crds/application-crd.yaml', 'manifests/crds/appproject-crd.yaml'],
  },
  {
    // As kube-prometheus-stack 88.5.3 has it (observability/production).
    module: 'github.com/prometheus-operator/prometheus-operator@v0.93.0',
    files: ['servicemonitors', 'podmonitors', 'probes', 'prometheusrules'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  },
  {
    module: 'github.com/cloudnative-pg/plugin-barman-cloud@v0.15.0',
    files: ['config/crd/bases/barmancloud.cnpg.io_objectstores.yaml'],
  },
];
