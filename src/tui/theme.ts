/** Colours: few, readable on light and on dark ground, and the same for the same peer every time. */
import chalk from 'chalk'

/** How many colours the terminal has: none, 16, 256, or all. */
export type ColourLevel = 0 | 1 | 2 | 3

/** Colours of names: of the 16 that every theme of a terminal makes readable, without grey and red (red is trouble). */
const NAME_COLOURS = [
  'cyan',
  'green',
  'magenta',
  'yellow',
  'blue',
  'cyanBright',
  'greenBright',
  'magentaBright',
  'blueBright',
] as const

export type Colour = (typeof NAME_COLOURS)[number] | 'red'

/** What Ink draws from here on has so many colours; at 0 it has no bold, dim or inverse either. */
export function setColours(level: ColourLevel): void {
  chalk.level = level
}

/** The colour of a peer's name, from its id. */
export function colourOf(id: string): Colour {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193) >>> 0
  return NAME_COLOURS[hash % NAME_COLOURS.length] ?? 'cyan'
}
