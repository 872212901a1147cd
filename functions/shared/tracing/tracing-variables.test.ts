// When spans are wanted, by OpenTelemetry's variables, and what a wrong one is told.
import { expect, test } from 'vitest';
import * as z from 'zod';
import { tracingFrom, tracingVariables } from './tracing-variables.ts';

const variables = z.object(tracingVariables);
const service = { 'service.name': 'deposit', 'service.namespace': 'microbank' };
const from = (env: Record<string, string>) => tracingFrom(variables.parse(env), service);

test.each<[env: Record<string, string>, isOn: boolean]>([
  [{}, false],
  [{ OTEL_SERVICE_NAME: 'bank', OTEL_TRACES_SAMPLER: 'always_on' }, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318/v1/traces' }, true],
  [{ OTEL_TRACES_EXPORTER: 'console' }, true],
  [{ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
  [{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, false],
])('%j: spans are made: %s', (env, isOn) => {
  expect(from(env) !== undefined).toBe(isOn);
});

test('a process says what it is, unless the variables do', () => {
  const on = { OTEL_TRACES_EXPORTER: 'otlp' };
  expect(from(on)).toEqual({ resource: service });
  expect(from({ ...on, OTEL_SERVICE_NAME: 'x' })).toEqual({ resource: { 'service.namespace': 'microbank' } });
  expect(from({ ...on, OTEL_RESOURCE_ATTRIBUTES: 'a=b, service.namespace=y' })).toEqual({
    resource: { 'service.name': 'deposit' },
  });
});

test('names each variable that would be ignored in silence, with what it may be', () => {
  const wrong = {
    OTEL_TRACES_EXPORTER: 'jaeger',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http',
    OTEL_TRACES_SAMPLER: 'half',
    OTEL_TRACES_SAMPLER_ARG: '1.5',
  };
  const { error } = variables.safeParse(wrong);
  expect(error?.issues.map(({ path }) => path[0])).toEqual(Object.keys(wrong));
  expect(error?.issues[0]?.message).toBe('is none of otlp, console, none');
});
