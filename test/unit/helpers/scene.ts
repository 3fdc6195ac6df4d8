/** What a test sets up, taken down again in the reverse order, whatever became of the test. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const scenes = new WeakMap<TestContext, (() => unknown)[]>()

/** Runs `act` after the test, after everything that was deferred later. */
export function defer(t: TestContext, act: () => unknown): void {
  const known = scenes.get(t)
  if (known) return void known.push(act)
  const acts = [act]
  scenes.set(t, acts)
  t.after(async () => {
    for (let last = acts.pop(); last; last = acts.pop()) await last()
  })
}

/** A fresh directory of this test: private, and with a short path. */
export function temporaryDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'u-'))
  defer(t, () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }))
  return path
}
