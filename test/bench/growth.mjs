/**
 * Growth: what lswarm costs at several sizes, and the exponent b of the cost that fits best, a * size ** b.
 * 1.00 is linear, 0.00 flat. The fixed cost of a start is not in these times, so that small sizes do not
 * look cheap; where a handshake weighs, the exponent is below 1.
 */
import { swarmed } from './fanout.mjs'
import { dataFile, exponent, median, sizeText } from './harness.mjs'
import { joinedLines } from './lines.mjs'
import { gathered, joined } from './mesh.mjs'

const MIB = 1 << 20

/** @type {{ title: string, of: string, sizes: number[], text?: (size: number) => string, run: (size: number) => Promise<object> }[]} */
const SERIES = [
  {
    title: 'send, seconds for bytes',
    of: 'seconds',
    sizes: [256, 1024, 4096].map((size) => size * MIB),
    text: sizeText,
    run: sent,
  },
  {
    title: 'send, peak memory for bytes',
    of: 'rss',
    sizes: [256, 1024, 4096].map((size) => size * MIB),
    text: sizeText,
    run: sent,
  },
  { title: 'send, CPU for receivers, 128 MiB to each', of: 'cpu', sizes: [2, 4, 8, 16, 32], run: sentTo },
  {
    title: 'join, seconds for lines',
    of: 'seconds',
    sizes: [100_000, 300_000, 1_000_000, 3_000_000],
    run: (size) => joinedLines(size, 1),
  },
  {
    title: 'join, seconds for peers, 300000 lines to each',
    of: 'seconds',
    sizes: [1, 2, 4, 8, 16],
    run: (size) => joinedLines(300_000, size),
  },
  {
    title: 'a newcomer at all peers, seconds for peers',
    of: 'last',
    sizes: [10, 50, 100, 200],
    run: (size) => joined('lswarm', size),
  },
  {
    title: 'a mesh, seconds for processes',
    of: 'seconds',
    sizes: [25, 50, 100, 200],
    run: (size) => gathered(size),
  },
]

export async function compare({ runs, progress, show }) {
  for (const { title, of, sizes, text = String, run } of SERIES) {
    const costs = new Map(sizes.map((size) => [size, []]))
    for (let round = 1; round <= runs; round++) {
      for (const size of sizes) {
        progress(`${title}: ${text(size)}, round ${round} of ${runs}`)
        costs.get(size).push((await run(size))[of])
      }
    }
    const points = sizes.map((size) => ({ size, cost: median(costs.get(size)) }))
    show({ title: `growth: ${title}`, points: relative(points, text), exponent: exponent(points) })
  }
}

/** Costs as multiples of that of the first size. */
function relative(points, text) {
  return points.map(({ size, cost }) => ({ size: text(size), cost: cost / points[0].cost }))
}

function sent(size) {
  return swarmed(1, { FILE: dataFile(size), N: 1 })
}

function sentTo(receivers) {
  return swarmed(receivers, { FILE: dataFile(128 * MIB), N: receivers })
}
