/** A rate over time in one line of blocks. */

const BLOCKS = '▁▂▃▄▅▆▇█'

/** The last `width` values, the newest at the right; the highest of them is a full block, nothing is blank. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width)
  const highest = Math.max(0, ...shown)
  const blocks = shown.map((value) => {
    if (value <= 0 || highest <= 0) return ' '
    return BLOCKS[Math.min(7, Math.floor((value / highest) * 8))]
  })
  return blocks.join('').padStart(width)
}
