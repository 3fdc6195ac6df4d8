/** What is typed at a terminal, key by key, and what is pasted, as one. */
import { emitKeypressEvents } from 'node:readline'
import type { KeyEvents } from '../tui/terminal.ts'

/** A key as Node's decoder gives it. */
interface Keypress {
  readonly name?: string
  readonly ctrl: boolean
  readonly meta: boolean
}

/** Pastes come between two marks, where the terminal was asked for that, and are not taken for typed. */
export function decodeKeys(stdin: NodeJS.ReadStream, { onkey, onpaste }: KeyEvents): void {
  let pasted: string[] | undefined
  emitKeypressEvents(stdin)
  stdin.on('keypress', (text: string | undefined, { name, ctrl, meta }: Keypress) => {
    if (name === 'paste-start') pasted = []
    else if (name === 'paste-end') {
      const all = pasted?.join('') ?? ''
      pasted = undefined
      onpaste(all.replace(/\r\n?/g, '\n'))
    } else if (pasted !== undefined) pasted.push(text ?? '')
    else {
      const isText = text !== undefined && !ctrl && !meta && !/^[\x00-\x1f\x7f-\x9f]/.test(text)
      onkey({ name, ctrl, meta, text: isText ? text : undefined })
    }
  })
  stdin.resume()
}
