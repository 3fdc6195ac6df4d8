/** A function of a program that throws, and what a swarm says of it. */
import assert from 'node:assert/strict'
import type { Swarm } from '../../../src/index.ts'
import { until } from './wait.ts'

export function broken(): never {
  throw new Error('a mistake of the program')
}

export function warningsOf(swarm: Swarm): string[] {
  const warnings: string[] = []
  swarm.on('warning', (message) => warnings.push(message))
  return warnings
}

/** There is a warning with this word and what was thrown, in one line. */
export async function assertWarned(warnings: readonly string[], word: string): Promise<void> {
  const isIt = (text: string) =>
    text.includes(word) && text.includes('a mistake of the program') && !text.includes('\n')
  await until(() => warnings.some(isIt), `a warning with ${word}`, 5_000).catch(() =>
    assert.fail(`no warning with ${word}, but ${JSON.stringify(warnings)}`),
  )
}
