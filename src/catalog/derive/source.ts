import type { Model } from '../model';

/** A file of a model repository. */
export interface ModelFile {
  /** Path in the repository, with slashes. */
  readonly path: string;
  readonly bytes: number;
}

/** Where a model's files are: a folder, or a repository on the hub. */
export interface ModelSource {
  /** For messages: the folder, or `owner/model`. */
  readonly label: string;
  /** `owner/model` in its canonical case, where the source knows it. */
  readonly huggingFaceId: string | null;
  /** Commit, where the source knows it. */
  readonly revision: string | null;
  readonly license: string | null;
  readonly gated: Model['gated'];
  readonly files: readonly ModelFile[];
  /** Text of a file; null when there is none. */
  text(path: string): Promise<string | null>;
  /** First bytes of a file, as many as asked for; null where that would be a download. */
  head(path: string, bytes: number): Promise<Buffer | null>;
}

/** Thrown when a source cannot be read; says why and what to do. */
export class SourceError extends Error {
  override readonly name = 'SourceError';

  constructor(
    message: string,
    readonly next?: string,
  ) {
    super(message);
  }
}
