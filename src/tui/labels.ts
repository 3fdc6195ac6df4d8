/**
 * What a peer is called on a screen, so that nobody can be taken for another or for the program itself.
 *
 * A plain word stands as it is; any other name stands in quotes, in which quotes are escaped: it cannot seem to
 * end before its end. System lines begin with `--`, which neither does. Who looks like one who is here already has
 * the beginning of its id after a `~`, which no plain word contains.
 */
import { safe } from './cells.ts'

export interface Named {
  readonly id: string
  readonly name: string
}

const PLAIN = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}_.+@-]*$/u
/** Takes no ink: two names with and without it look the same. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|[\u2800\ufffc]/gu
const ID_DIGITS = 8

export class Labels {
  readonly #labels = new Map<string, string>()
  /** Who has each look, first come first. */
  readonly #holders = new Map<string, string>()

  /** Its label for as long as it is here. */
  add({ id, name }: Named): string {
    const known = this.#labels.get(id)
    if (known !== undefined) return known
    const look = lookOf(name)
    const isFirst = !this.#holders.has(look)
    if (isFirst) this.#holders.set(look, id)
    const label = isFirst ? labelOf(name) : withId({ id, name })
    this.#labels.set(id, label)
    return label
  }

  delete({ id, name }: Named): void {
    this.#labels.delete(id)
    if (this.#holders.get(lookOf(name)) === id) this.#holders.delete(lookOf(name))
  }

  of(one: Named): string {
    return this.#labels.get(one.id) ?? withId(one)
  }
}

function withId({ id, name }: Named): string {
  return `${labelOf(name)}~${id.slice(0, ID_DIGITS)}`
}

function labelOf(name: string): string {
  const visible = safe(name).replace(INVISIBLE, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
  return visible === name && PLAIN.test(name) ? name : `"${visible.replaceAll('"', '\\"')}"`
}

/** The same for names that a person cannot tell apart. */
function lookOf(name: string): string {
  return name.normalize('NFKC').replace(INVISIBLE, '').replace(/\s+/g, ' ').trim().toLowerCase()
}
