import type { EnvVar } from 'kubernetes-types/core/v1';
import { adaptersOf } from '../../adapters';
import type { Decision } from '../../decision';
import { httpProbes } from '../../probes';
import { roleOf } from '../../role';
import type { Problem } from '../../../spec/problem';
import { chosenImage, IMAGE_FIELDS } from '../chosen';
import type { Group, RuntimeImage, ServerProgram } from '../contract';
import { groupEnv } from '../group-env';
import { modelNames } from '../../served-name';
import { cudaToolkit } from './cuda-toolkit';
import { groupCommand, groupProbes } from './group';
import { transformersCommand } from './transformers';
import { CONFIG_FILE, CONFIG_FOLDER, KAITO_REFERENCE, WEIGHTS_FOLDER } from './paths';
import { splitLists, vllmCommand } from './vllm';
import { toYaml } from '../../yaml';

/** KAITO v0.12 sets it for every model. */
const NO_FLASHINFER: EnvVar = { name: 'VLLM_USE_FLASHINFER_SAMPLER', value: '0' };

/** KAITO's public base image with KAITO's own command line. It has no other user than root. */
export const kaitoImage: RuntimeImage = {
  kind: 'kaito',
  user: { uid: 0, gid: 0, name: 'root', home: '/root' },
  readOnlyRootFilesystem: false,
  weightsFolder: WEIGHTS_FOLDER,
  reference: () => KAITO_REFERENCE,
  check,
  program,
};

function program(decision: Decision, group: Group | null): ServerProgram {
  const isVllm = decision.workspace.inference?.runtime !== 'transformers';
  const config = decision.workspace.inference?.config ?? null;
  const serve = isVllm ? vllmCommand(decision, group) : transformersCommand(decision);
  const toolkit =
    isVllm && decision.model.vllm.needsCudaToolkit
      ? cudaToolkit(chosenImage(decision).reference ?? KAITO_REFERENCE)
      : null;
  return {
    // A shell only where one is needed: /bin/sh of Debian drops variables whose names it cannot write, such as an
    // adapter's strength under the name `phi-3-adapter`.
    command: group === null ? serve : ['/bin/sh', '-c', groupCommand(serve, group)],
    env: [
      ...(isVllm ? [NO_FLASHINFER, deepGemm(decision)] : []),
      ...(toolkit === null ? [] : [toolkit.env]),
      ...roleEnv(decision),
      ...adapterStrengths(decision),
      ...(group === null ? [] : groupEnv(group)),
    ],
    ...(config !== null &&
      isVllm && {
        config: {
          folder: CONFIG_FOLDER,
          files: () => ({ [CONFIG_FILE]: toYaml({ ...splitLists(config).file }) }),
        },
      }),
    ...(toolkit !== null && {
      initContainers: [toolkit.initContainer],
      volumes: [toolkit.volume],
      volumeMounts: [toolkit.volumeMount],
    }),
    ...(group === null
      ? httpProbes(decision, { startup: '/health', live: '/health', ready: '/health' })
      : groupProbes(decision, group)),
  };
}

function deepGemm({ model }: Decision): EnvVar {
  return { name: 'VLLM_USE_DEEP_GEMM', value: model.vllm.deepGemm ? '1' : '0' };
}

/** With it the image's server adds the connector that hands the KV cache over. */
function roleEnv(decision: Decision): EnvVar[] {
  const role = roleOf(decision);
  return role === undefined ? [] : [{ name: 'KAITO_INFERENCE_ROLE', value: role.type }];
}

/** The transformers server reads each adapter's strength from a variable of the adapter's name. */
function adapterStrengths(decision: Decision): EnvVar[] {
  return adaptersOf(decision).flatMap(({ name, strength }) =>
    strength === null ? [] : [{ name, value: String(strength) }],
  );
}

function check(decision: Decision): Problem[] {
  const { workspace } = decision;
  const isVllm = workspace.inference?.runtime !== 'transformers';
  const problems: Problem[] = [
    {
      severity: 'warning',
      code: 'pod-security-deviation',
      ...workspace.at('inference.image'),
      message:
        'the image kaito runs as root with a writable root file system, which the restricted Pod Security Standard forbids',
      allowed: 'the baseline standard allows it',
      next: `choose the image slipway or vllm (${IMAGE_FIELDS}), or label the namespace pod-security.kubernetes.io/enforce: baseline`,
    },
  ];
  for (const [index, { strength }] of adaptersOf(decision).entries()) {
    if (strength === null || !isVllm) continue;
    const field = `inference.adapters[${index}].strength`;
    problems.push({
      severity: 'error',
      code: 'image-without-adapter-strength',
      ...workspace.at(field),
      message: `the image kaito cannot honour a strength (${strength}) with the runtime vllm`,
      next: `leave strength out, choose the runtime transformers, or the image slipway, which honours it with both (${IMAGE_FIELDS})`,
    });
  }
  const otherNames = modelNames(decision).slice(1);
  if (!isVllm && otherNames.length > 0) {
    problems.push({
      severity: 'error',
      code: 'image-with-one-name',
      ...workspace.at('inference.servedName'),
      message: `the transformers server of the image kaito has one model id, and cannot answer to ${otherNames.join(', ')}`,
      next: `give one name, or choose inference.runtime vllm or the image slipway (${IMAGE_FIELDS})`,
    });
  }
  if (!isVllm && workspace.inference.config !== null) {
    problems.push({
      severity: 'warning',
      code: 'config-without-effect',
      ...workspace.at('inference.config'),
      message: 'inference.config has no effect: the transformers server of the image kaito does not read it',
      next: 'leave it out, or choose inference.runtime vllm',
    });
  }
  return problems;
}
