import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '../spec/problem';
import type { Model } from './model';
import { fileProblem, readModelFile } from './preset-file';
import { presetText, type PresetComments } from './preset-text';

/**
 * Write a preset as `<folder>/<name>.yaml`, after reading it back: what does not pass the schema is not left behind.
 *
 * @param replace write over a file that is there
 * @returns the file's path
 * @throws InvalidInputError when the file is there already, or the preset does not pass the schema
 */
export function writePreset(
  folder: string,
  model: Model,
  comments: PresetComments,
  { replace }: { readonly replace: boolean },
): string {
  const file = join(folder, `${model.name}.yaml`);
  if (!replace && existsSync(file)) {
    throw new InvalidInputError([
      fileProblem(file, 'file-exists', 'is there already', 'use --force to replace it'),
    ]);
  }
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.new`;
  try {
    writeFileSync(draft, presetText(model, comments));
    const { value, problems } = readModelFile(draft);
    if (value === null) throw new InvalidInputError(problems);
    renameSync(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
  return file;
}
