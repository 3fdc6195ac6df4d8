/** Every error that the program can give, as the section DIAGNOSTICS of lswarm(1) lists it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Diagnostic {
  /** A word in capitals stands for what is at hand. */
  readonly message: string
  /** What the program ends with; `undefined` for a warning, after which it goes on. */
  readonly status: number | undefined
}

const page = readFileSync(join(import.meta.dirname, '../../man/lswarm.1'), 'utf8')
const [, section = ''] = /^\.Sh DIAGNOSTICS$(.*?)^\.Sh /ms.exec(page) ?? []

export const diagnostics: readonly Diagnostic[] = section
  .split(/^\.It /m)
  .slice(1)
  .map((item) => {
    const [message = ''] = item.split('\n')
    const [ends, status] = /^(?:Status (\d+)|A warning)\.$/m.exec(item) ?? []
    assert.ok(ends, `DIAGNOSTICS says neither a status nor that it is a warning: ${message}`)
    return { message: unescaped(message), status: status === undefined ? undefined : Number(status) }
  })

/** A line of mdoc as it is shown. */
function unescaped(line: string): string {
  return line
    .replaceAll('\\&', '')
    .replaceAll('\\-', '-')
    .replaceAll('\\(aq', "'")
    .replaceAll('\\(cq', '’')
    .replaceAll('\\(dq', '"')
    .replaceAll('\\e', '\\')
}
