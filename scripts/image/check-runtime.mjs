// What the runtime image has to be able to do, seen from outside.
import assert from 'node:assert/strict';
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { root } from '../counts.mjs';
import { runtimeEnvironment } from '../runtime-env.mjs';
import { imageConfig, makeBundle, mountImage, runBundle, startBundle } from './container.mjs';
import { run } from './tools.mjs';

const USER = 65532;
/** How long a server may take to be ready; vLLM needs about a minute on two free cores. */
const READY_SECONDS = 420;

/** Run all checks of the image, each by `check(name, run)`. */
export async function checkRuntime(check, image, scratch) {
  const config = imageConfig(image).config;
  const model = join(scratch, 'model');
  const { rootfs, release } = mountImage(image);
  const bundle = (name, options) =>
    makeBundle({ folder: join(scratch, name), rootfs, config, args: [], ...options });
  try {
    await check('the image says who it is and runs as nobody in particular', () => describes(config));
    await check('user, root file system and caches are as a restricted pod wants them', () => {
      const code = [
        'import os, pathlib, pwd, tempfile',
        `assert os.getuid() == os.getgid() == ${USER}`,
        'assert pwd.getpwuid(os.getuid()).pw_name == "nonroot"',
        'pathlib.Path.home().joinpath("probe").write_text("x")',
        'for name in ("HF_HOME", "TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR", "VLLM_CACHE_ROOT"):',
        '    pathlib.Path(os.environ[name]).mkdir(parents=True)',
        'try:',
        '    pathlib.Path("/opt/probe").write_text("x")',
        'except OSError as error:',
        '    print("root is", error.strerror)',
      ].join('\n');
      const done = runBundle(bundle('who', { command: ['python', '-c', code] }), 'slipway-who');
      assert.equal(done.code, 0, done.output);
      assert.match(done.output, /root is Read-only file system/);
    });
    await check('the entrypoint answers --version and --help', () => {
      const version = runBundle(bundle('version', { args: ['--version'] }), 'slipway-version');
      assert.match(version.output, /^\d+\.\d+\.\d+/, version.output);
      const help = runBundle(bundle('help', { args: config.Cmd }), 'slipway-help');
      for (const command of ['serve', 'tune', 'fetch', 'push'])
        assert.match(help.output, new RegExp(command));
    });
    await check('what the build was handed as a secret is not in the image', () => {
      assert.doesNotMatch(JSON.stringify(imageConfig(image)), /run\/build\/index-url.*https?:/);
      const listed = run('sh', [
        '-c',
        `find ${rootfs}/run ${rootfs}/opt/slipway/requirements -type f -name '*.crt' -o -name index-url`,
      ]);
      assert.equal(listed.trim(), '');
    });
    await tinyModel(model);
    const weights = { source: model, destination: '/workspace/weights' };
    await check('transformers, started at the path of KAITO, answers /chat', () =>
      serves(bundle, 'tfs', {
        command: ['python3', '/workspace/tfs/inference_api.py'],
        args: ['--pipeline=text-generation', '--torch_dtype=float32'],
        mounts: [weights],
      }),
    );
    await check('vLLM answers /chat', () =>
      serves(bundle, 'vllm', {
        args: [
          'serve',
          '--runtime-backend=vllm',
          '--runtime-model=/workspace/weights',
          '--runtime-dtype=float32',
        ],
        mounts: [weights],
        env: ['VLLM_CPU_KVCACHE_SPACE=1', 'HF_HUB_OFFLINE=1'],
      }),
    );
    await check('tune leaves an adapter on a volume of the same user', () => tunes(bundle, scratch, weights));
  } finally {
    release();
  }
}

function describes(config) {
  assert.equal(config.User, `${USER}:${USER}`);
  assert.deepEqual(config.Entrypoint, ['python', '-m', 'slipway_runtime']);
  assert.deepEqual(Object.keys(config.ExposedPorts), ['5000/tcp']);
  for (const label of ['title', 'description', 'licenses', 'version', 'revision']) {
    assert.ok(config.Labels[`org.opencontainers.image.${label}`], label);
  }
  assert.equal(config.Labels['org.opencontainers.image.version'], '0.1.0');
}

/** The tiny model of the Python tests, readable by everybody. */
async function tinyModel(folder) {
  const python = join(await runtimeEnvironment(), 'bin', 'python');
  const code = `import sys, pathlib; from tinymodel import save_model; save_model(pathlib.Path(${JSON.stringify(folder)}))`;
  run(python, ['-c', code], {
    env: { ...process.env, PYTHONPATH: join(root, 'runtime', 'tests'), OMP_NUM_THREADS: '1' },
  });
  run('chmod', ['-R', 'a+rX', join(folder, '..')]);
}

/** Start a server, ask it over HTTP, stop it as the kubelet does. */
async function serves(bundle, name, options) {
  const port = await freePort();
  const folder = bundle(name, {
    ...options,
    env: ['OMP_NUM_THREADS=1', `SLIPWAY_SERVER_PORT=${port}`, ...(options.env ?? [])],
  });
  const server = startBundle(folder, `slipway-${name}-${process.pid}`);
  try {
    const url = `http://127.0.0.1:${port}`;
    await ready(url, server);
    const answer = await fetch(`${url}/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        prompt: 'say hello',
        return_full_text: false,
        generate_kwargs: { max_length: 40, do_sample: false },
      }),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    assert.ok(JSON.parse(text).Result.length > 0, text);
  } catch (error) {
    throw new Error(`${error.message}\n${server.output().split('\n').slice(-30).join('\n')}`, {
      cause: error,
    });
  } finally {
    const code = await server.stop();
    assert.equal(code, 0, `SIGTERM ended the server with ${code}:\n${server.output().slice(-2000)}`);
  }
}

async function ready(url, server) {
  const deadline = Date.now() + READY_SECONDS * 1000;
  while (Date.now() < deadline) {
    if (server.hasEnded()) throw new Error('the server ended before it was ready');
    try {
      if ((await fetch(`${url}/health`)).status === 200) return;
    } catch {
      // Nobody is listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error(`not ready after ${READY_SECONDS} s`);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function tunes(bundle, scratch, weights) {
  const folder = (name) => {
    const path = join(scratch, 'mnt', name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const [data, configuration, results] = [folder('data'), folder('config'), folder('results')];
  chownSync(results, USER, USER);
  const rows = Array.from({ length: 8 }, (_, n) =>
    JSON.stringify({ prompt: `what is ${n}? `, completion: 'seven' }),
  );
  writeFileSync(join(data, 'train.jsonl'), rows.join('\n') + '\n');
  const training = {
    ModelConfig: { torch_dtype: 'float32', local_files_only: true, device_map: 'auto' },
    TrainingArguments: { output_dir: '/mnt/results', save_strategy: 'no', num_train_epochs: 1 },
  };
  writeFileSync(join(configuration, 'training_config.yaml'), JSON.stringify({ training_config: training }));
  const done = runBundle(
    bundle('tune', {
      args: ['tune', '--port', String(await freePort())],
      env: ['OMP_NUM_THREADS=1'],
      mounts: [
        weights,
        { source: data, destination: '/mnt/data' },
        { source: configuration, destination: '/mnt/config' },
        { source: results, destination: '/mnt/results', writable: true },
      ],
    }),
    `slipway-tune-${process.pid}`,
  );
  assert.equal(done.code, 0, done.output);
  assert.match(readFileSync(join(results, 'fine_tuning_completed.txt'), 'utf8'), /^Fine-Tuning completed/);
  assert.equal(JSON.parse(readFileSync(join(results, 'adapter_config.json'), 'utf8')).peft_type, 'LORA');
}
