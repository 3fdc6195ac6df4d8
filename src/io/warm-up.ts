/** What the first byte of a stream needs and a start does not: loaded while nobody is there yet. */
import process from 'node:process'
import { createDigest } from './digest.ts'

export function warmUp(): void {
  createDigest('sample')
  process.getBuiltinModule('node:net')
}
