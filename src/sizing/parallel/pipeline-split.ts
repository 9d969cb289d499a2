/**
 * Layers of each pipeline stage, as vLLM 0.32 splits them (`get_pp_indices`): evenly; what remains goes one by one to the
 * stages from the last but one backwards, as the last also has the output layer.
 */
export function pipelineSplit(layers: number, stages: number): number[] {
  const remainder = layers % stages;
  const base = Math.floor(layers / stages);
  return Array.from({ length: stages }, (_, stage) => {
    const fromEnd = stages - stage;
    return base + (fromEnd >= 2 && fromEnd < remainder + 2 ? 1 : 0);
  });
}
