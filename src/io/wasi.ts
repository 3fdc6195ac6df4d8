/**
 * System calls that Node has for nobody but WASI programs: called through a module of 80 bytes of
 * WebAssembly, which imports one function of WASI's and exports it again.
 */
import process from 'node:process'

const I32 = 0x7f
const I64 = 0x7e

/** A function of WASI's, and the memory through which it is talked to. */
export interface WasiFunction {
  readonly memory: WebAssembly.Memory
  /** @returns WASI's error number: 0 when it went well */
  readonly call: (...parameters: (number | bigint)[]) => unknown
}

/**
 * @param parameters the types of its parameters
 * @param descriptors ours, that it knows as 0 and 1
 */
export function wasiFunction(
  name: string,
  parameters: readonly ('i32' | 'i64')[],
  descriptors: { readonly stdin?: number; readonly stdout?: number },
): WasiFunction | undefined {
  // Loaded by those who need it: it costs a start-up 0.5 ms.
  const { WASI } = process.getBuiltinModule('node:wasi')
  const wasi = new WASI({ version: 'preview1', ...descriptors, returnOnExit: true })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleFor(name, parameters)), {
    wasi_snapshot_preview1: wasi.wasiImport,
  })
  const { memory, call } = exports
  if (!(memory instanceof WebAssembly.Memory) || typeof call !== 'function') return undefined
  wasi.initialize({ exports: { memory } })
  return { memory, call: (...values) => call(...values) }
}

function moduleFor(name: string, parameters: readonly ('i32' | 'i64')[]): Buffer {
  const text = (value: string) => [value.length, ...Buffer.from(value)]
  const section = (id: number, ...body: number[]) => [id, body.length, ...body]
  const types = parameters.map((type) => (type === 'i64' ? I64 : I32))
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, types.length, ...types, 1, I32),
    ...section(2, 1, ...text('wasi_snapshot_preview1'), ...text(name), 0, 0),
    ...section(5, 1, 0, 1),
    ...section(7, 2, ...text('memory'), 2, 0, ...text('call'), 0, 0),
  ])
}
