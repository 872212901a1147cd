// One Knative Service as an object. Why each setting is what it is stands here or in settings.ts; the rendered files have no comments.
import type { Deployment } from './deployments.ts';
import {
  asks,
  environmentOf,
  hears,
  isAskedByPeople,
  isAskedByPlatform,
  readsMetrics,
  sendsEvents,
  speakerOf,
  streams,
} from './environment.ts';

/** Replaced by name and tag in each overlay's `images`. */
const image = 'microbank/functions';

/** What policies select pods by: each is one flow (platform/base/policies). */
export function flowsOf(deployment: Deployment): Record<string, string> {
  const { database } = deployment;
  return {
    ...(database !== undefined && { 'microbank.dev/database': database }),
    ...(streams(deployment) && { 'microbank.dev/listens': 'true' }),
    ...(sendsEvents(deployment) && { 'microbank.dev/sends-events': 'true' }),
    ...(asks(deployment) && { 'microbank.dev/asks-functions': 'true' }),
    ...(readsMetrics(deployment) && { 'microbank.dev/reads-metrics': 'true' }),
    ...((isAskedByPeople(deployment) || hears(deployment)) && { 'microbank.dev/checks-tokens': 'true' }),
  };
}

export function serviceOf(deployment: Deployment): object {
  const { name, contract, settings } = deployment;
  const speaker = speakerOf(deployment);
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name,
      namespace: 'microbank',
      labels: {
        'app.kubernetes.io/name': name,
        'app.kubernetes.io/part-of': 'microbank',
        // Whose key it signs with, and whether it knows the platform's proof: what rolls when they are changed.
        ...(speaker !== undefined && { 'microbank.dev/speaks-as': speaker }),
        ...(isAskedByPlatform(deployment) && { 'microbank.dev/hears-platform': 'true' }),
        // The edge is the only way in: no host of a function is published on Kourier's outer side.
        'networking.knative.dev/visibility': 'cluster-local',
      },
      annotations: { 'microbank.dev/summary': contract.summary },
    },
    spec: {
      template: {
        metadata: { labels: flowsOf(deployment), annotations: scalingOf(deployment) },
        spec: {
          containerConcurrency: settings.concurrency,
          timeoutSeconds: settings.timeoutSeconds,
          // Nothing here talks to the API server.
          automountServiceAccountToken: false,
          containers: [containerOf(deployment)],
        },
      },
    },
  };
}

function scalingOf(deployment: Deployment): Record<string, string> {
  const { settings } = deployment;
  return {
    'autoscaling.knative.dev/min-scale': '0',
    'autoscaling.knative.dev/max-scale': String(settings.maxScale),
    'autoscaling.knative.dev/metric': 'concurrency',
    'autoscaling.knative.dev/target': String(settings.target),
    'autoscaling.knative.dev/window': `${settings.windowSeconds}s`,
    // -1: the activator stays in the way. It knows which copies are free, holds what is too much for them, and no request meets the switch
    // from one way to the other when a function leaves zero or a revision rolls. It costs a hop, 1 to 2 ms. A stream takes the short way
    // while a copy runs: it would end with the activator's pod, and is never one that should wait for a free copy.
    'autoscaling.knative.dev/target-burst-capacity': streams(deployment) ? '0' : '-1',
  };
}

function containerOf(deployment: Deployment): object {
  const { memoryRequestMi, memoryLimitMi } = deployment.settings;
  return {
    image,
    ports: [{ name: 'http1', containerPort: 8080 }],
    env: environmentOf(deployment),
    // No limit of CPU: under one of 0.2 a copy takes a second to start instead of 0.16 s. What it asks for is its share of a busy node.
    resources: {
      requests: { cpu: '50m', memory: `${memoryRequestMi}Mi` },
      limits: { memory: `${memoryLimitMi}Mi` },
    },
    // Without a period queue-proxy asks every 50 ms until the copy is ready; with one the kubelet would, once a second.
    readinessProbe: { httpGet: { path: '/readyz' } },
    // Three times unanswered within 30 s means that the event loop stands still. Neither path asks the database: a restart would not help it.
    livenessProbe: { httpGet: { path: '/livez' }, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10_001,
      runAsGroup: 10_001,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    },
  };
}
