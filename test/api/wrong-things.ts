// What the types refuse: checked by the compiler (`npm run types`), which complains where a line below `@ts-expect-error` is fine.
import type { AdapterProps, InferenceProps, TuningProps, WorkspaceProps } from '../../src';

const preset = { name: 'phi-4' };
const template = { spec: { containers: [] } };
const inference: InferenceProps = { preset };
const input = { urls: ['https://example.com/data.jsonl'] };
const output = { image: 'registry.example.com/adapters/a:1', imagePushSecret: 'push' };
const volumeSource = { persistentVolumeClaim: { claimName: 'data' } };

export const accepted: readonly WorkspaceProps[] = [
  { inference },
  { inference: { template, replicas: 2 } },
  { tuning: { preset, input, output } },
  { tuning: { preset, input: { image: 'registry.example.com/data:1' }, output: { volumeSource } } },
  { inference: { preset, adapters: [{ source: { name: 'a', volumeSource }, strength: 0.5 }] } },
];

// @ts-expect-error: neither inference nor tuning
export const nothing: WorkspaceProps = { resource: {} };
// @ts-expect-error: both inference and tuning
export const both: WorkspaceProps = { inference, tuning: { preset, input, output } };
// @ts-expect-error: neither preset nor template
export const noModel: InferenceProps = { replicas: 2 };
// @ts-expect-error: both preset and template
export const twoModels: InferenceProps = { preset, template };
// @ts-expect-error: a machine type is named as the cloud names it, not counted
export const numberedMachine: WorkspaceProps = { resource: { instanceType: 3 }, inference };
// @ts-expect-error: no data to train on
export const noData: TuningProps = { preset, input: {}, output };
// @ts-expect-error: two places of data
export const twoInputs: TuningProps = { preset, input: { ...input, volumeSource }, output };
// @ts-expect-error: an image is pushed with a Secret
export const noPushSecret: TuningProps = { preset, input, output: { image: output.image } };
// @ts-expect-error: two places for the adapter
export const twoOutputs: TuningProps = { preset, input, output: { ...output, volumeSource } };
// @ts-expect-error: an adapter without a name
export const nameless: AdapterProps = { source: { volumeSource } };
// @ts-expect-error: an adapter is not downloaded from addresses
export const downloaded: AdapterProps = { source: { name: 'a', urls: input.urls } };
// @ts-expect-error: an adapter from two places
export const twoSources: AdapterProps = { source: { name: 'a', volumeSource, tuning: 'other' } };
