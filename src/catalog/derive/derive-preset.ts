import { contextLimit, DEFAULT_CONTEXT } from '../config-context';
import { numberField, record, textField, type ModelConfig } from '../config-fields';
import { expandLayers } from '../layers';
import type { Geometry, Model, Provenance } from '../model';
import { serviceOf } from './architectures';
import { faultsOf } from './check-derived';
import { architectureOf, completeConfig } from './complete-config';
import { tiesByDefault } from './families';
import { Findings } from './findings';
import { deriveGeometry } from './geometry';
import { readConfig } from './read-config';
import { refusalOf } from './refusals';
import { SourceError, type ModelSource } from './source';
import { vllmOptions } from './vllm-options';
import { measureWeights, type Weights } from './weights';

const GIB = 2 ** 30;
/** KAITO v0.12: whole GiB of the weights, and this for the image and the rest. */
const SPARE_DISK_GIB = 80;

/** What the user says, where the source cannot. */
export interface PresetWishes {
  /** @default the last part of the id, in lower case */
  readonly name?: string;
  readonly huggingFaceId?: string;
  readonly license?: string;
  readonly gated?: Model['gated'];
}

/** A preset made from a model's files, and what had to be assumed. */
export interface DerivedPreset {
  readonly model: Model;
  readonly assumptions: readonly string[];
}

/**
 * A preset from a model's `config.json` and the sizes of its weight files.
 *
 * @throws SourceError when the configuration is missing, cannot be read, or describes what no preset can
 */
export async function derivePreset(source: ModelSource, wishes: PresetWishes = {}): Promise<DerivedPreset> {
  const root = await readConfig(source);
  const config = completeConfig(root);
  const architecture = architectureOf(root);
  const refusal = refusalOf(architecture);
  if (refusal !== null) {
    throw new SourceError(`no preset can be made of ${source.label}: ${refusal.reason}`, refusal.next);
  }
  const findings = new Findings();
  if (architecture !== '' && serviceOf(architecture) === 'unknown') {
    findings.assume(
      `vLLM 0.32 has no class of its own for ${architecture}: it serves it through transformers, if at all`,
    );
  }
  const read = deriveGeometry(architecture, config, findings);
  // Draft layers are those behind the last.
  const layers = read === undefined ? Infinity : expandLayers(read.layers).length;
  const weights = await measureWeights(source, layers, findings);
  const maxContext = contextOf(config, findings);
  if (read === undefined || !findings.isComplete) throw incomplete(source, findings);
  const geometry: Geometry = {
    ...read,
    tieWordEmbeddings: isTied(config, weights),
    mtpLayers: weights.hasDraftLayers === false ? 0 : read.mtpLayers,
  };
  const { dtype, provenance: dtypeProvenance } = dtypeOf(config);

  const huggingFaceId = idOf(source, config, wishes, findings);
  const name = wishes.name ?? huggingFaceId.slice(huggingFaceId.lastIndexOf('/') + 1).toLowerCase();
  const license = wishes.license ?? source.license;
  if (license === null) findings.assume('its licence is not known: say it with --license');
  const extra = keysLoadedTwice(config, geometry);
  const model: Model = {
    name,
    aliases: [],
    status: 'current',
    huggingFaceId,
    revision: source.revision,
    license: license ?? 'unknown',
    gated: wishes.gated ?? source.gated,
    architecture,
    weightBytes: weights.weightBytes + extra,
    downloadBytes: weights.downloadBytes,
    kaitoWeightBytes: weights.kaitoWeightBytes,
    kaitoBytesPerToken: kaitoBytesPerToken(config, geometry),
    maxContext,
    quantization: quantizationOf(config),
    dtype,
    geometry,
    runtimes: ['vllm'],
    vllm: vllmOptions({
      name,
      architecture,
      loadFormat: weights.loadFormat,
      trustRemoteCode: record(root['auto_map']) !== undefined,
    }),
    diskBytes: (Math.floor(weights.kaitoWeightBytes / GIB) + SPARE_DISK_GIB) * GIB,
    tuning: { supported: false },
    provenance: provenanceOf(source, weights, dtypeProvenance, wishes, extra),
  };
  const faults = faultsOf(model);
  if (faults.length > 0) {
    for (const fault of faults) findings.refuse(fault);
    throw incomplete(source, findings);
  }
  return { model, assumptions: findings.assumptions };
}

/** The output layer shares the embedding: as configured, else as the tensors say, else as its family does. */
function isTied(config: ModelConfig, { hasOutputLayer }: Weights): boolean {
  const configured = config['tie_word_embeddings'];
  if (typeof configured === 'boolean') return configured;
  return hasOutputLayer === undefined
    ? tiesByDefault(textField(config, 'model_type') ?? '')
    : !hasOutputLayer;
}

function incomplete(source: ModelSource, findings: Findings): SourceError {
  const reasons = [
    ...findings.refusals,
    ...findings.missing.map((field) => `config.json has no positive number for ${field}`),
  ];
  return new SourceError(
    `no preset can be made of ${source.label}:\n${reasons.map((reason) => `  - ${reason}`).join('\n')}`,
    'write the preset by hand: schemas/model.schema.json says what it holds',
  );
}

function idOf(source: ModelSource, config: ModelConfig, wishes: PresetWishes, findings: Findings): string {
  const known = wishes.huggingFaceId ?? source.huggingFaceId;
  if (known !== null) return known;
  const path = textField(config, '_name_or_path');
  if (path !== undefined && /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/.test(path)) {
    findings.assume(`its id on the hub is ${path}, as config.json says: else say it with --id`);
    return path;
  }
  const folder =
    source.label
      .replace(/[\\/]+$/, '')
      .split(/[\\/]/)
      .at(-1) ?? '';
  const name = folder.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  findings.assume(
    'its id on the hub is not known, so it can be served from a volume only: else say it with --id',
  );
  return `local/${name === '' ? 'model' : name}`;
}

/** The longest context that vLLM serves the model with. */
function contextOf(config: ModelConfig, findings: Findings): number {
  const limit = contextLimit(config);
  if (limit === undefined) {
    findings.assume(`its context is ${DEFAULT_CONTEXT} tokens: config.json names none`);
    return DEFAULT_CONTEXT;
  }
  return findings.need(limit, 'the longest context (max_position_embeddings)');
}

function quantizationOf(config: ModelConfig): string | null {
  const section = record(config['quantization_config']) ?? record(config['compression_config']);
  if (section === undefined) return null;
  const method = textField(section, 'quant_method') ?? null;
  // These say no more than who made the files; the format says what is in them.
  if (method === null || method === 'compressed-tensors' || method === 'modelopt') {
    return textField(section, 'format', 'quant_algo') ?? method;
  }
  return method;
}

function dtypeOf(config: ModelConfig): { dtype: Model['dtype']; provenance: Provenance } {
  const configured = textField(config, 'torch_dtype', 'dtype');
  if (configured === 'bfloat16' || configured === 'float16') {
    return { dtype: configured, provenance: { confidence: 'published', source: 'config.json' } };
  }
  const source =
    configured === 'float32'
      ? 'config.json says float32, which vLLM halves'
      : 'config.json names none; the usual type';
  return { dtype: 'bfloat16', provenance: { confidence: 'estimated', source } };
}

/** Bytes of the key projections that vLLM loads in the place of missing value projections (`attention_k_eq_v`, Gemma 4). */
function keysLoadedTwice(config: ModelConfig, { full, hiddenSize, layers }: Geometry): number {
  if (config['attention_k_eq_v'] !== true || full === undefined) return 0;
  const fullLayers = expandLayers(layers).filter((kind) => kind === 'full').length;
  return fullLayers * hiddenSize * full.kvHeads * full.headDim * 2;
}

/** KAITO v0.12's rule: every layer, two bytes an element, one geometry for all. */
function kaitoBytesPerToken(config: ModelConfig, geometry: Geometry): number | null {
  const layers = expandLayers(geometry.layers).length;
  const latent = numberField(config, 'kv_lora_rank');
  if (latent !== undefined) return layers * (latent + (numberField(config, 'qk_rope_head_dim') ?? 0)) * 2;
  const heads = geometry.attentionHeads;
  // Networks of states alone keep nothing for a token.
  if (heads === 0) return null;
  const kvHeads = numberField(config, 'num_key_value_heads') ?? (config['multi_query'] === true ? 1 : heads);
  const headDim = numberField(config, 'head_dim') ?? Math.floor(geometry.hiddenSize / heads);
  return layers * 2 * kvHeads * headDim * 2;
}

function provenanceOf(
  source: ModelSource,
  weights: Weights,
  dtype: Provenance,
  wishes: PresetWishes,
  extra: number,
): Model['provenance'] {
  const config: Provenance = { confidence: 'published', source: 'config.json' };
  const repository: Provenance = {
    confidence: 'published',
    source: source.revision === null ? 'files of the model' : 'repository on the hub',
  };
  const unknown: Provenance = { confidence: 'estimated', source: 'not known' };
  const said = (wish: string | undefined, isKnown: boolean): Provenance => {
    if (wish !== undefined) return { confidence: 'published', source: 'said when the preset was made' };
    return isKnown ? repository : unknown;
  };
  const kaito: Provenance = {
    confidence: 'derived',
    source: 'the rule of KAITO v0.12 for models outside its catalogue',
  };
  return {
    huggingFaceId: said(wishes.huggingFaceId, source.huggingFaceId !== null),
    revision: said(undefined, source.revision !== null),
    license: said(wishes.license, source.license !== null),
    gated: said(wishes.gated, source.gated !== 'unknown'),
    weightBytes:
      extra === 0
        ? weights.provenance
        : {
            confidence: 'derived',
            source: `${weights.provenance.source}; key projections of the full layers once more (attention_k_eq_v)`,
          },
    downloadBytes: { confidence: 'published', source: 'sizes of the weight files, or of the index' },
    kaitoWeightBytes: kaito,
    kaitoBytesPerToken: kaito,
    maxContext: config,
    quantization: config,
    dtype,
    geometry: config,
    runtimes: { confidence: 'derived', source: 'vLLM serves the architecture' },
    vllm: { confidence: 'derived', source: 'tables of KAITO v0.12 by name and architecture' },
    diskBytes: kaito,
    tuning: { confidence: 'published', source: 'not tried' },
  };
}
