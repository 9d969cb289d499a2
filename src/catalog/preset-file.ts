import { readFileSync } from 'node:fs';
import type { Problem } from '../spec/problem';
import { Report, type Locator } from '../spec/report';
import { violationOf } from '../spec/shape/violation';
import { decodeText } from '../spec/yaml/decode';
import { parseText } from '../spec/yaml/parse';
import { modelFaults } from './check-model';
import type { MachineFile } from './machine-file';
import type { CatalogModel } from './model';
import { presetValidator, type PresetKind } from './preset-schema';

/** A preset file as read: its content, or what is wrong with it. */
export type PresetFile<T> =
  | { readonly value: T; readonly locator: Locator; readonly problems: readonly Problem[] }
  | { readonly value: null; readonly problems: readonly Problem[] };

/** Read and check a model preset. */
export function readModelFile(file: string): PresetFile<CatalogModel> {
  const read = readChecked<CatalogModel>('model', file);
  if (read.value === null || read.value.status === 'retired') return read;
  const report = new Report(read.locator);
  for (const { code, field, message, next } of modelFaults(read.value)) {
    report.error(code, field, message, { next });
  }
  return report.problems.length === 0 ? read : { value: null, problems: report.problems };
}

/** Read and check a file of machine types. */
export function readMachineFile(file: string): PresetFile<MachineFile> {
  const read = readChecked<MachineFile>('machines', file);
  if (read.value === null) return read;
  const report = new Report(read.locator);
  const gpus = Object.keys(read.value.gpus);
  for (const [index, { gpu }] of read.value.machines.entries()) {
    if (gpus.includes(gpu)) continue;
    report.error(
      'unknown-gpu',
      `machines[${index}].gpu`,
      `${JSON.stringify(gpu)} is not described under gpus`,
      {
        allowed: gpus.join(', '),
      },
    );
  }
  return report.problems.length === 0 ? read : { value: null, problems: report.problems };
}

function readChecked<T>(kind: PresetKind, file: string): PresetFile<T> {
  const text = readText(file);
  if (typeof text !== 'string') return { value: null, problems: [text] };
  const { documents, problems } = parseText(text, file);
  const [document, second] = documents;
  if (problems.some(({ severity }) => severity === 'error')) return { value: null, problems };
  if (document === undefined) {
    return { value: null, problems: [fileProblem(file, 'empty-file', 'holds no preset')] };
  }
  if (second !== undefined) {
    const report = new Report(second.locator);
    report.error('several-documents', '', 'a preset file holds one document', {
      next: 'put each preset into a file of its own',
    });
    return { value: null, problems: report.problems };
  }
  const report = new Report(document.locator);
  const validate = presetValidator(kind);
  if (!validate(document.value)) {
    for (const error of validate.errors ?? []) {
      const violation = violationOf(error, document.value);
      if (violation === undefined) continue;
      const { code, field, message, ...advice } = violation;
      report.error(code, field, message, advice);
    }
    return { value: null, problems: report.problems };
  }
  return { value: document.value as T, locator: document.locator, problems };
}

function readText(file: string): string | Problem {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
    return fileProblem(
      file,
      'unreadable-file',
      code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`,
    );
  }
  return decodeText(file, content);
}

/** A problem of a file as a whole. */
export function fileProblem(file: string, code: string, message: string, next?: string): Problem {
  return {
    severity: 'error',
    code,
    position: { file, line: 1, column: 1 },
    field: '',
    message,
    ...(next !== undefined && { next }),
  };
}
