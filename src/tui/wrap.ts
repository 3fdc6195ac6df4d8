/** Text broken into rows here, not by the terminal: a row that it broke would begin at the left, like a line of another. */
import { cells } from './cells.ts'

const segmenter = new Intl.Segmenter()
const ASCII = /^[\x20-\x7e]*$/

/** @param first cells of the first row · @param rest cells of each row after it; at least 2, for wide characters */
export function wrap(text: string, first: number, rest: number): string[] {
  const rows: string[] = []
  let left = text
  for (let width = first; ; width = rest) {
    const length = fitting(left, width)
    if (length >= left.length) break
    // Between words, unless that would leave half a row empty.
    const space = left.lastIndexOf(' ', length)
    const at = space > length / 2 ? space : length
    rows.push(left.slice(0, at))
    left = left.slice(at === space ? at + 1 : at)
  }
  rows.push(left)
  return rows
}

/** How much of `text` fits into `width` cells, at least one character of it. */
function fitting(text: string, width: number): number {
  // Most rows, and many times as fast.
  if (ASCII.test(text.slice(0, width + 1))) return Math.min(width, text.length)
  let used = 0
  let length = 0
  for (const { segment } of segmenter.segment(text.slice(0, width * 16))) {
    const wide = segment.charCodeAt(0) < 0x7f ? 1 : cells(segment)
    if (length > 0 && used + wide > width) return length
    used += wide
    length += segment.length
  }
  return length
}
