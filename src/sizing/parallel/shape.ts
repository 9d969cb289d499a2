/** How the GPUs of one replica are used. */
export interface ParallelShape {
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly dataParallel: number;
}
