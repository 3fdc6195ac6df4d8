/** What V8 is told about us. */
import process from 'node:process'

/**
 * Lets a function run 15 times as long before it is compiled once more for speed: a start, and a stream of a
 * second, spent a third of their time on that (measured: 1,000,000 lines in 0.18 s, not 0.28), while all
 * processors were needed for the data. For V8 11 (Node 20); later ones have no such setting.
 */
export function tune(): void {
  if (!process.versions.v8.startsWith('11.')) return
  process.getBuiltinModule('node:v8').setFlagsFromString('--interrupt-budget=1000000')
}
