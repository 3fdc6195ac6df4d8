/**
 * `npm run simulate [-- PEERS…] [--seed N] [--fault NAME]`: how gossip spreads, over worlds of 10 to 10,000 peers and
 * every fault. Prints a table; nothing here passes or fails but `test/unit/gossip-simulation.test.ts`.
 */
import { parseArgs } from 'node:util'
import { FAULTS, type Outcome, World } from './world.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' }, fault: { type: 'string' } },
})
const sizes = positionals.length > 0 ? positionals.map(Number) : [10, 100, 1_000, 10_000]
const seed = Number(values.seed ?? 1)
const faults = FAULTS.filter((fault) => values.fault === undefined || fault === values.fault)

const columns: readonly (readonly [title: string, show: (outcome: Outcome) => string])[] = [
  ['reach', ({ reach }) => `${(reach * 100).toFixed(reach === 1 ? 0 : 3)} %`],
  ['wrong', ({ wrong }) => `${wrong}`],
  ['rounds: median', ({ median }) => `${median}`],
  ['99 %', ({ p99 }) => `${p99}`],
  ['max', ({ max }) => `${max}`],
  ['copies', ({ redundancy }) => redundancy.toFixed(2)],
  ['bytes', ({ bytes }) => bytes.toFixed(0)],
]

const row = (cells: readonly string[]) =>
  console.log(cells.map((cell, index) => (index < 2 ? cell.padEnd(10) : cell.padStart(15))).join(''))

console.log(
  `40 messages of 100 bytes by 5 authors, 20 links each, seed ${seed}; bytes: for each message and peer\n`,
)
row(['peers', 'fault', ...columns.map(([title]) => title)])
for (const peers of sizes) {
  for (const fault of faults) {
    const outcome = new World({ peers, fault, seed }).run()
    row([`${peers}`, fault, ...columns.map(([, show]) => show(outcome))])
  }
}
