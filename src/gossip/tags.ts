/** Tags: what an author says of a message beside its content, signed with it. */
import { isUtf8 } from 'node:buffer'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { isName } from '../protocol/hello.ts'

export interface Tags {
  /** How the author calls itself: a claim, which the key has to bear out. */
  readonly name?: string | undefined
  /** What sort of message it is: a word that author and readers agree on. */
  readonly label?: string | undefined
}

/**
 * Two short texts, each after its length in one byte. `undefined` where there are none.
 * @throws SwarmError OPTION_INVALID
 */
export function encodeTags({ name = '', label = '' }: Tags): Buffer | undefined {
  if (name === '' && label === '') return undefined
  const parts = [name, label].map((text) => {
    if (text !== '' && !isName(text))
      throw new SwarmError('OPTION_INVALID', `a tag is at most ${limits.nameBytes} bytes of printable text`)
    const bytes = Buffer.from(text)
    return Buffer.concat([Buffer.of(bytes.length), bytes])
  })
  return Buffer.concat(parts)
}

/** The tags at the beginning of a body, and how long they are; `undefined` where there are none to be read. */
export function decodeTags(body: Buffer): { readonly tags: Tags; readonly bytes: number } | undefined {
  const name = textAt(body, 0)
  if (name === undefined) return undefined
  const label = textAt(body, name.end)
  if (label === undefined) return undefined
  const tags = { ...(name.text && { name: name.text }), ...(label.text && { label: label.text }) }
  return { tags, bytes: label.end }
}

function textAt(body: Buffer, at: number): { readonly text: string; readonly end: number } | undefined {
  const end = at + 1 + (body[at] ?? Number.NaN)
  if (!(end <= body.length)) return undefined
  const bytes = body.subarray(at + 1, end)
  const text = bytes.toString()
  return bytes.length === 0 || (isUtf8(bytes) && isName(text)) ? { text, end } : undefined
}
