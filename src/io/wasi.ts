/**
 * System calls that Node offers to WASI programs only: called through a small module of
 * WebAssembly, which imports one function of WASI's and exports it again.
 */
import process from 'node:process'
import { wasmMemory } from './wasm.ts'

/** More than any call of ours needs. */
const MEMORY_BYTES = 65_536
const I32 = 0x7f
const I64 = 0x7e

/** A function of WASI's, and the memory that its parameters point into. */
export interface WasiFunction {
  readonly memory: WebAssembly.Memory
  /** @returns WASI's error number: 0 when it went well */
  readonly call: (...parameters: (number | bigint)[]) => unknown
}

/**
 * Returns a function of WASI's, or `undefined` where it cannot be had: without WebAssembly, without
 * address space for it, or where Node's permission model denies WASI.
 * @param parameters the types of its parameters
 * @param descriptors our descriptors that the function knows as 0 and 1
 */
export function wasiFunction(
  name: string,
  parameters: readonly ('i32' | 'i64')[],
  descriptors: { readonly stdin?: number; readonly stdout?: number },
): WasiFunction | undefined {
  const memory = wasmMemory(MEMORY_BYTES)
  if (memory === undefined) return undefined
  try {
    // Loaded by those who need it: it costs a start-up 0.5 ms.
    const { WASI } = process.getBuiltinModule('node:wasi')
    const wasi = new WASI({ version: 'preview1', ...descriptors, returnOnExit: true })
    const module = new WebAssembly.Module(moduleFor(name, parameters))
    const imports = { wasi_snapshot_preview1: wasi.wasiImport, our: { memory } }
    const { call } = new WebAssembly.Instance(module, imports).exports
    wasi.initialize({ exports: { memory } })
    return typeof call === 'function' ? { memory, call: (...values) => call(...values) } : undefined
  } catch {
    return undefined
  }
}

function moduleFor(name: string, parameters: readonly ('i32' | 'i64')[]): Buffer {
  const text = (value: string) => [value.length, ...Buffer.from(value)]
  const section = (id: number, ...body: number[]) => [id, body.length, ...body]
  const types = parameters.map((type) => (type === 'i64' ? I64 : I32))
  const theFunction = [...text('wasi_snapshot_preview1'), ...text(name), 0, 0]
  const theMemory = [...text('our'), ...text('memory'), 2, 0, 1]
  return Buffer.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, types.length, ...types, 1, I32),
    ...section(2, 2, ...theFunction, ...theMemory),
    ...section(7, 1, ...text('call'), 0, 0),
  ])
}
