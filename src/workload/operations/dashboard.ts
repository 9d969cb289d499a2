import type { Construct } from 'constructs';
import type { ConfigMap } from 'kubernetes-types/core/v1';
import type { Decision } from '../decision';
import { objectMetadata } from '../metadata';
import { shortHash } from '../names';
import { podNamePattern } from '../pod-names';
import { addObject } from '../object';

/** One panel: its title, its unit as Grafana names it, and the queries with their legends. */
interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly queries: readonly (readonly [legend: string, expression: string])[];
}

/** Make a Grafana dashboard of one Workspace, found by Grafana's sidecar through its label. */
export function synthesizeDashboard(scope: Construct, decision: Decision): void {
  const name = `${decision.workspace.name}-dashboard`;
  const metadata = objectMetadata(decision, name);
  addObject(scope, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { ...metadata, labels: { ...metadata.labels, grafana_dashboard: '1' } },
    data: { [`${name}.json`]: `${JSON.stringify(dashboard(decision), null, 2)}\n` },
  } satisfies ConfigMap);
}

function panels(decision: Decision): readonly Panel[] {
  const { namespace } = decision.workspace;
  const own = `{namespace="${namespace}",pod=~"${podNamePattern(decision)}"}`;
  const rate = (metric: string) => `sum(rate(${metric}${own}[5m]))`;
  const quantile = (metric: string, share: number) =>
    `histogram_quantile(${share}, sum by (le) (rate(${metric}_bucket${own}[5m])))`;
  return [
    {
      title: 'Requests',
      unit: 'short',
      queries: [
        ['running', `sum(vllm:num_requests_running${own})`],
        ['waiting', `sum(vllm:num_requests_waiting${own})`],
      ],
    },
    {
      title: 'Tokens per second',
      unit: 'short',
      queries: [
        ['prompt', rate('vllm:prompt_tokens_total')],
        ['generated', rate('vllm:generation_tokens_total')],
      ],
    },
    {
      title: 'Time to first token',
      unit: 's',
      queries: [
        ['median', quantile('vllm:time_to_first_token_seconds', 0.5)],
        ['95 %', quantile('vllm:time_to_first_token_seconds', 0.95)],
      ],
    },
    {
      title: 'Whole request',
      unit: 's',
      queries: [
        ['median', quantile('vllm:e2e_request_latency_seconds', 0.5)],
        ['95 %', quantile('vllm:e2e_request_latency_seconds', 0.95)],
      ],
    },
    {
      title: 'KV cache in use',
      unit: 'percentunit',
      queries: [['use', `max(vllm:kv_cache_usage_perc${own})`]],
    },
    {
      title: 'Replicas',
      unit: 'short',
      // Whatever runs them: each server reports its own requests.
      queries: [['serving', `count(count by (pod) (vllm:num_requests_running${own}))`]],
    },
  ];
}

const PANEL_WIDTH = 12;
const PANEL_HEIGHT = 8;

function dashboard(decision: Decision) {
  const { namespace, name } = decision.workspace;
  return {
    // Stable, so that links to the dashboard survive, and no longer than the 40 characters that Grafana takes.
    uid: `slipway-${shortHash(`${namespace}/${name}`, 16)}`,
    title: `${namespace}/${name}`,
    tags: ['slipway'],
    schemaVersion: 39,
    time: { from: 'now-6h', to: 'now' },
    refresh: '30s',
    templating: { list: [{ name: 'datasource', type: 'datasource', query: 'prometheus' }] },
    panels: panels(decision).map(({ title, unit, queries }, index) => ({
      id: index + 1,
      title,
      type: 'timeseries',
      datasource: { type: 'prometheus', uid: '$datasource' },
      fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
      gridPos: {
        x: (index % 2) * PANEL_WIDTH,
        y: Math.floor(index / 2) * PANEL_HEIGHT,
        w: PANEL_WIDTH,
        h: PANEL_HEIGHT,
      },
      targets: queries.map(([legendFormat, expr], position) => ({
        refId: String.fromCharCode('A'.charCodeAt(0) + position),
        legendFormat,
        expr,
      })),
    })),
  };
}
