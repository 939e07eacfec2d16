import { Problem, type ProblemDetails } from '../../model/problem.js';

/** The details of the `Problem` that a promise must end in. */
export async function problemOf(promise: Promise<unknown>): Promise<ProblemDetails> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Problem) return error.details;
    throw error;
  }
  throw new Error('expected a Problem');
}
