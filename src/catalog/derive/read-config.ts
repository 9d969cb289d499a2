import { record, type ModelConfig } from '../config-fields';
import { SourceError, type ModelSource } from './source';

/** A string of JSON, or one of the numbers that Python writes and JSON does not have. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * The model's `config.json`. Python's `Infinity` and `NaN`, which released files have (`time_step_limit`), are read as
 * null.
 *
 * @throws SourceError when there is none, or it cannot be read
 */
export async function readConfig(source: ModelSource): Promise<ModelConfig> {
  const text = await source.text('config.json');
  if (text === null) {
    throw new SourceError(
      `${source.label} has no config.json`,
      "Mistral's params.json is not read: take a repository that has both",
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(STRING_OR_NUMBER, (match) => (match.startsWith('"') ? match : 'null')));
  } catch (error) {
    throw new SourceError(
      `config.json of ${source.label} is not JSON: ${error instanceof Error ? error.message : String(error)}`,
      'take the file as the repository on the hub has it',
    );
  }
  const config = record(value);
  if (config === undefined) {
    throw new SourceError(
      `config.json of ${source.label} is not a map`,
      'take the file as the repository on the hub has it',
    );
  }
  return config;
}
