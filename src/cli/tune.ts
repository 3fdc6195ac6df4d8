/** What V8 is told about us. */
import process from 'node:process'

/** How long V8 11 lets a function run before it is compiled once more: by itself, and 7 times as long. */
const BUDGET = '--interrupt-budget=135168'
const PATIENT_BUDGET = '--interrupt-budget=1000000'
const START_MS = 500

/**
 * Lets a function run longer before it is compiled once more for speed: a start, and a stream of a second, spent a
 * third of their time on that (measured: 1,000,000 lines in 0.18 s, not 0.28), while all processors were needed for the data. Who
 * is there for longer gets the faster code (a line there and back in 0.23 ms, not 0.27). For V8 11 (Node 20); later ones have no
 * such setting.
 */
export function tune(): void {
  if (!process.versions.v8.startsWith('11.')) return
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString(PATIENT_BUDGET)
  setTimeout(() => setFlagsFromString(BUDGET), START_MS).unref()
}
