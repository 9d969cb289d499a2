import { isPlainMap } from '../../spec/shape/empty-fields';
import type { Provenance, VllmOptions } from '../model';
import type { Findings } from './findings';
import { readTensors } from './safetensors';
import type { ModelFile, ModelSource } from './source';

const INDEX = 'model.safetensors.index.json';
const GIB = 2 ** 30;

/** What the weight files of a model say. */
export interface Weights {
  /** What the engine loads: without draft layers where they can be told apart. */
  readonly weightBytes: number;
  readonly downloadBytes: number;
  /** KAITO's count of the same: files, rounded to hundredths of a GiB. */
  readonly kaitoWeightBytes: number;
  readonly provenance: Provenance;
  readonly loadFormat: VllmOptions['loadFormat'];
  /** Undefined when the names of the tensors are not known. */
  readonly hasOutputLayer: boolean | undefined;
  /** Undefined when the names of the tensors are not known. */
  readonly hasDraftLayers: boolean | undefined;
}

/** The index of a model in several files. */
interface Index {
  readonly totalBytes: number | undefined;
  /** File of each tensor. */
  readonly fileOf: ReadonlyMap<string, string>;
}

/**
 * Sizes from the weight files: tensor by tensor where their headers can be read, else from the index, else from the
 * files' sizes. Draft layers are those of `layers` and beyond, or under `mtp.`.
 */
export async function measureWeights(
  source: ModelSource,
  layers: number,
  findings: Findings,
): Promise<Weights> {
  const index = await readIndex(source, findings);
  const chosen = chooseFiles(source.files, index);
  const files = chosen.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const isDraft = draftTest(layers);
  const tensors = await allTensors(source, chosen.files);
  const names =
    tensors === null ? (index && !chosen.isMistral ? [...index.fileOf.keys()] : null) : [...tensors.keys()];
  const loaded = loadedBytes(tensors, index, files, isDraft);
  if (loaded === undefined) {
    findings.refuse(
      'it has no weights that can be counted: neither *.safetensors, nor model.safetensors.index.json with metadata.total_size, nor pytorch_model*.bin',
    );
  }
  const hasDraftLayers = names?.some(isDraft);
  if (tensors === null && hasDraftLayers === true) {
    findings.assume(
      'its draft layers are counted as loaded: without the weight files they cannot be told apart',
    );
  }
  const all = source.files.filter(({ path }) => path.endsWith('.safetensors'));
  const downloadFiles = all.length > 0 ? all : chosen.files;
  const download = downloadFiles.reduce((sum, { bytes }) => sum + bytes, 0);
  const weightBytes = loaded?.bytes ?? 1;
  return {
    weightBytes,
    downloadBytes: Math.max(download, index?.totalBytes ?? 0, weightBytes),
    kaitoWeightBytes: kaitoBytes(files > 0 ? files : weightBytes),
    provenance: loaded?.provenance ?? { confidence: 'estimated', source: 'unknown' },
    loadFormat: chosen.isMistral ? 'mistral' : 'auto',
    hasOutputLayer: names?.some((name) => /(^|\.)(lm_head|embed_out|output)\.weight$/.test(name)),
    hasDraftLayers,
  };
}

function loadedBytes(
  tensors: ReadonlyMap<string, number> | null,
  index: Index | null,
  files: number,
  isDraft: (name: string) => boolean,
): { bytes: number; provenance: Provenance } | undefined {
  if (tensors !== null) {
    let bytes = 0;
    for (const [name, size] of tensors) if (!isDraft(name)) bytes += size;
    return {
      bytes,
      provenance: { confidence: 'measured', source: 'tensors in the headers of the safetensors files' },
    };
  }
  if (index?.totalBytes !== undefined) {
    return {
      bytes: index.totalBytes,
      provenance: { confidence: 'published', source: `metadata.total_size of ${INDEX}` },
    };
  }
  if (files === 0) return undefined;
  return { bytes: files, provenance: { confidence: 'published', source: 'sizes of the weight files' } };
}

/** The files that vLLM loads. Mistral's own format wins where it is there (KAITO v0.12). */
function chooseFiles(
  files: readonly ModelFile[],
  index: Index | null,
): { files: ModelFile[]; isMistral: boolean } {
  const atRoot = files.filter(({ path }) => !path.includes('/'));
  const named = (pattern: RegExp): ModelFile[] => atRoot.filter(({ path }) => pattern.test(path));
  const mistral = named(/^consolidated.*\.safetensors$/);
  if (mistral.length > 0) return { files: mistral, isMistral: true };
  const indexed = new Set(index?.fileOf.values());
  const shards = atRoot.filter(({ path }) => indexed.has(path));
  if (shards.length > 0 && shards.length === indexed.size) return { files: shards, isMistral: false };
  if (index !== null) return { files: [], isMistral: false };
  const single = named(/^(?!adapter_).*\.safetensors$/);
  return { files: single.length > 0 ? single : named(/^pytorch_model.*\.bin$/), isMistral: false };
}

async function allTensors(
  source: ModelSource,
  files: readonly ModelFile[],
): Promise<ReadonlyMap<string, number> | null> {
  const all = new Map<string, number>();
  for (const { path } of files) {
    const tensors = path.endsWith('.safetensors') ? await readTensors(source, path) : null;
    if (tensors === null) return null;
    for (const [name, bytes] of tensors) all.set(name, bytes);
  }
  return all.size === 0 ? null : all;
}

async function readIndex(source: ModelSource, findings: Findings): Promise<Index | null> {
  const text = await source.text(INDEX);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    findings.refuse(`${INDEX} is not JSON`);
    return null;
  }
  const map = isPlainMap(value) ? value['weight_map'] : undefined;
  const metadata = isPlainMap(value) ? value['metadata'] : undefined;
  if (!isPlainMap(map)) {
    findings.refuse(`${INDEX} has no weight_map`);
    return null;
  }
  const total = isPlainMap(metadata) ? metadata['total_size'] : undefined;
  return {
    totalBytes: wholeBytes(total),
    fileOf: new Map(Object.entries(map).map(([name, file]) => [name, String(file)])),
  };
}

/** Sizes stand as numbers, or quoted. */
function wholeBytes(value: unknown): number | undefined {
  const bytes = typeof value === 'string' ? Number(value) : value;
  return typeof bytes === 'number' && Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}

/** Multi-token prediction: a module `mtp`, or (DeepSeek, GLM) layers beyond the last. */
function draftTest(layers: number): (name: string) => boolean {
  return (name) => {
    if (/(^|\.)mtp(_layers)?\./.test(name)) return true;
    const layer = /(?:^|\.)layers\.(\d+)\./.exec(name)?.[1];
    return layer !== undefined && Number(layer) >= layers && !/vision|visual|audio|encoder/.test(name);
  };
}

/** KAITO v0.12 keeps the size as a quantity with two decimals and rounds it up to a whole byte. */
function kaitoBytes(bytes: number): number {
  return Math.ceil((Math.max(Math.round((bytes / GIB) * 100), 1) * GIB) / 100);
}
