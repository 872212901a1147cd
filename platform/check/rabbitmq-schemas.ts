// The two kinds of RabbitMQ that no Go module holds, written from the documentation of cluster-operator 2.22 and eventing-rabbitmq 1.22:
// the fields that exist there and that we know. Both are checked again by the API server of every cluster they are applied to.
import type { Schema } from './strict-schema.ts';

const text = { type: 'string' };
const whole = { type: 'integer' };
const truth = { type: 'boolean' };
const names = { type: 'object', additionalProperties: text };
const localReference = closed({ name: text });

export const rabbitmqKinds = {
  'rabbitmq.com/v1beta1/RabbitmqCluster': 'RabbitmqCluster',
  'eventing.knative.dev/v1alpha1/RabbitmqBrokerConfig': 'RabbitmqBrokerConfig',
};

/** `partial` and `whole` are the identifiers of Kubernetes' own definitions, without and with their required fields. */
export function rabbitmqDefinitions(partial: string, entire: string): Record<string, Schema> {
  const core = `${entire}#/definitions/io.k8s.api.core.v1`;
  const rabbitmq = {
    additionalConfig: text,
    additionalPlugins: { type: 'array', items: text },
    advancedConfig: text,
    envConfig: text,
    erlangInetConfig: text,
  };
  const spec = {
    replicas: whole,
    image: text,
    imagePullSecrets: { type: 'array', items: localReference },
    delayStartSeconds: whole,
    terminationGracePeriodSeconds: whole,
    skipPostDeploySteps: truth,
    autoEnableAllFeatureFlags: truth,
    persistence: closed({ storageClassName: text, storage: text }),
    resources: { $ref: `${core}.ResourceRequirements` },
    affinity: { $ref: `${core}.Affinity` },
    tolerations: { type: 'array', items: { $ref: `${core}.Toleration` } },
    service: closed({ type: text, annotations: names, labels: names, ipFamilyPolicy: text }),
    tls: closed({ secretName: text, caSecretName: text, disableNonTLSListeners: truth }),
    rabbitmq: closed(rabbitmq),
    override: closed({
      statefulSet: closed({
        metadata: closed({ annotations: names, labels: names }),
        // As in a patch: what is named here is merged with what the operator makes.
        spec: { $ref: `${partial}#/definitions/io.k8s.api.apps.v1.StatefulSetSpec` },
      }),
      service: closed({
        metadata: closed({ annotations: names, labels: names }),
        spec: { $ref: `${partial}#/definitions/io.k8s.api.core.v1.ServiceSpec` },
      }),
    }),
  };
  const brokerConfig = {
    rabbitmqClusterReference: closed({ name: text, namespace: text, connectionSecret: localReference }),
    queueType: { enum: ['quorum', 'classic'] },
    vhost: text,
  };
  return {
    RabbitmqCluster: resource(spec, []),
    RabbitmqBrokerConfig: resource(brokerConfig, ['rabbitmqClusterReference']),
  };
}

function resource(spec: Record<string, Schema>, required: string[]): Schema {
  return closed({ apiVersion: text, kind: text, metadata: {}, spec: { ...closed(spec), required } });
}

function closed(properties: Record<string, Schema>): Schema {
  return { type: 'object', properties, additionalProperties: false };
}
