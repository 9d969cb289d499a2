import { isPlainMap } from '../../spec/shape/empty-fields';
import { SourceError, type ModelFile, type ModelSource } from './source';

const DEFAULT_ENDPOINT = 'https://huggingface.co';
const TIMEOUT_MILLISECONDS = 30_000;
/** The longest file that is read is the index: tens of megabytes for the largest models. */
const MAX_TEXT_BYTES = 200 * 2 ** 20;

/** How to reach the hub. */
export interface HubOptions {
  /** Branch, tag or commit. @default `main` */
  readonly revision?: string;
  /** @default `HF_ENDPOINT`, else https://huggingface.co */
  readonly endpoint?: string;
  /** For gated and private repositories. @default `HF_TOKEN` */
  readonly token?: string;
}

/**
 * A model on the Hugging Face hub, its revision resolved to a commit. Only its configuration, its index and the list
 * of its files are fetched.
 *
 * @throws SourceError when the hub does not answer, or not with this model
 */
export async function hubSource(id: string, options: HubOptions = {}): Promise<ModelSource> {
  const { revision = 'main' } = options;
  const endpoint = (options.endpoint ?? process.env['HF_ENDPOINT'] ?? DEFAULT_ENDPOINT).replace(/\/+$/, '');
  const token = options.token ?? process.env['HF_TOKEN'];
  const hub = new Hub(endpoint, token === undefined || token === '' ? null : token);
  const repository = id.split('/').map(encodeURIComponent).join('/');
  const url = `${endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const text = await hub.get(url);
  if (text === null) {
    throw new SourceError(
      `${endpoint} has no model ${id} with a revision ${revision}`,
      'check the id and --revision; a private repository needs HF_TOKEN',
    );
  }
  const model = parseModel(text, id, endpoint);
  return {
    label: id,
    ...model,
    text: (path) =>
      model.files.some((file) => file.path === path)
        ? hub.get(`${endpoint}/${repository}/resolve/${model.revision}/${path}`)
        : Promise.resolve(null),
    head: () => Promise.resolve(null),
  };
}

type HubModel = Pick<ModelSource, 'huggingFaceId' | 'license' | 'gated' | 'files'> & {
  readonly revision: string;
};

/** The hub's answer about a model (https://huggingface.co/docs/hub/api). */
function parseModel(text: string, id: string, endpoint: string): HubModel {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    answer = undefined;
  }
  const sha = isPlainMap(answer) ? answer['sha'] : undefined;
  if (!isPlainMap(answer) || typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) {
    throw new SourceError(
      `${endpoint} does not answer as a hub does: no commit for ${id}`,
      'check HF_ENDPOINT',
    );
  }
  const card = answer['cardData'];
  const license = isPlainMap(card) ? (card['license_name'] ?? card['license']) : undefined;
  const siblings: unknown[] = Array.isArray(answer['siblings']) ? answer['siblings'] : [];
  const gated = answer['gated'];
  return {
    huggingFaceId: typeof answer['id'] === 'string' ? answer['id'] : id,
    revision: sha,
    license: typeof license === 'string' ? license : null,
    gated: gated === false ? 'no' : gated === undefined ? 'unknown' : 'yes',
    files: siblings.flatMap((sibling): ModelFile[] => {
      const path = isPlainMap(sibling) ? sibling['rfilename'] : undefined;
      const size = isPlainMap(sibling) ? sibling['size'] : undefined;
      return typeof path === 'string' ? [{ path, bytes: typeof size === 'number' ? size : 0 }] : [];
    }),
  };
}

/** HTTP with the user's token. */
class Hub {
  constructor(
    private readonly endpoint: string,
    private readonly token: string | null,
  ) {}

  /** Text of `url`; null when the hub has no such thing. */
  async get(url: string): Promise<string | null> {
    let response: Response;
    try {
      response = await fetch(url, {
        headers: this.token === null ? {} : { authorization: `Bearer ${this.token}` },
        signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      });
      if (response.status === 404) return null;
      if (response.ok) return await this.read(response);
    } catch (error) {
      if (error instanceof SourceError) throw error;
      throw new SourceError(
        `${this.endpoint} cannot be reached: ${reasonOf(error)}`,
        'check the network, proxies and HF_ENDPOINT',
      );
    }
    if (response.status === 401 || response.status === 403) {
      throw new SourceError(
        `${this.endpoint} refuses access (${response.status}): the repository is gated, private, or does not exist`,
        this.token === null
          ? 'set HF_TOKEN to a token that may read it'
          : 'ask for access on its page; the token in HF_TOKEN may not read it',
      );
    }
    throw new SourceError(
      `${this.endpoint} answers ${response.status} ${response.statusText}`.trimEnd(),
      'try again later',
    );
  }

  private async read(response: Response): Promise<string> {
    const length = Number(response.headers.get('content-length') ?? 0);
    if (length > MAX_TEXT_BYTES)
      throw new SourceError(`a file on ${this.endpoint} is too long to be a configuration`);
    return await response.text();
  }
}

/** `fetch` says "fetch failed"; what failed is in its cause. */
function reasonOf(error: unknown): string {
  const cause = property(error, 'cause') ?? error;
  const message = property(cause, 'message');
  return typeof message === 'string' && message !== '' ? message : String(property(cause, 'code') ?? cause);
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
