/** Text measured in the cells of a screen: wide characters and emoji take two, marks none. */
import stringWidth from 'string-width'
import { sanitize } from '../io/sanitize.ts'

const segmenter = new Intl.Segmenter()

/** The characters of `text` as people see them. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

/** How many cells `text` takes. */
export function cells(text: string): number {
  return stringWidth(text)
}

/** A stranger's text as one line for a screen: safe, and without tabs, whose width nobody knows. */
export function safe(text: string): string {
  return sanitize(text).replaceAll('\t', ' ')
}

/** `text` in at most `width` cells, cut between characters as people see them, with `…` for what is missing. */
export function cut(text: string, width: number): string {
  if (cells(text) <= width) return text
  if (width <= 0) return ''
  let kept = ''
  let used = 0
  for (const character of graphemes(text)) {
    const wide = cells(character)
    if (used + wide > width - 1) break
    kept += character
    used += wide
  }
  return `${kept}…`
}

/** `text` in exactly `width` cells. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const kept = cut(text, width)
  const space = ' '.repeat(Math.max(0, width - cells(kept)))
  return align === 'left' ? kept + space : space + kept
}
