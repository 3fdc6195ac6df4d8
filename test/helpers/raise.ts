/** Runs the scripts of a table: each raises its diagnostic, with its status. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Diagnostic, diagnostics } from './diagnostics.ts'
import { diagnosticsOf } from './listed.ts'
import type { Scripts } from './raised.ts'
import { lacks, runScript } from './script.ts'

const messages = diagnostics.map(({ message }) => message)

/** The name of the test of a diagnostic. */
export function titleOf({ message, status }: Diagnostic): string {
  return `${message} [${status ?? 'a warning'}]`
}

/** Makes a test of each diagnostic that the table has a script for. */
export function raiseEach(scripts: Scripts): void {
  for (const diagnostic of diagnostics) {
    const { message, status } = diagnostic
    const script = scripts[message]
    if (script === undefined) continue
    test(titleOf(diagnostic), { skip: lacks(script) }, () => {
      const ended = runScript(script)
      const said = ended.stderr.split('\n').flatMap((line) => diagnosticsOf(line, messages))
      assert.ok(said.includes(message), ended.stderr)
      if (status !== undefined) assert.equal(ended.status, status, ended.stderr)
    })
  }
}
