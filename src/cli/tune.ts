/** What V8 is told about us. */
import process from 'node:process'

/** How long V8 11 lets a function run before it is compiled once more for speed, in its own units; by itself, 135,168. */
const BUDGETS = { lines: 20_000, stream: 1_000_000, commands: 10_000_000 } as const
/** A stream that is longer than this gets the faster code too. */
const STREAM_MS = 500

let streams = 0

/**
 * What is coming decides when V8 compiles our functions once more for speed, and how much memory it takes for that.
 *
 * A line now and then passes through many small functions, and uses a processor for a moment: they are made fast soon
 * (measured: a line there and back in 0.20 ms within the first second, not 0.27). For a stream all processors are needed: at
 * first it is left alone (8 receivers of a pipe in 0.56 s, not 0.64). To start a command copies the page tables of all our
 * memory, and takes three times as long as our own code: nothing is compiled, and the place for new objects does not grow
 * (19 MiB of its own after 200 commands, not 21, and 25 after 800, not 37; a command in 0.93 of the time).
 *
 * For V8 11 (Node 20); later ones have no such setting.
 */
export function tune(what: keyof typeof BUDGETS): void {
  if (!process.versions.v8.startsWith('11.')) return
  if (what === 'lines' && streams > 0) return
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString(`--interrupt-budget=${BUDGETS[what]}`)
  if (what === 'commands') setFlagsFromString('--semi-space-growth-factor=1')
  if (what !== 'stream') return
  streams += 1
  setTimeout(() => {
    streams -= 1
    tune('lines')
  }, STREAM_MS).unref()
}
