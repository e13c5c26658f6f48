/**
 * The process that holds a pod's namespaces: it lets the kernel reap what dies as its child, as the first process of a
 * shared PID namespace must, and waits for TERM or INT. It is a static ELF program of a few hundred bytes, written down
 * here instruction by instruction, so that no compiler and no registry is needed.
 */
export type Architecture = 'amd64' | 'arm64'

const base = 0x400000
const headers_bytes = 64 + 56
const signals = { child: 17, ignore: 1, interruptAndTerminate: (1 << 1) | (1 << 14) }
const signalSet_bytes = 8
const signalAction_bytes = 32

export function pauseProgram(architecture: Architecture): Uint8Array {
  const assemble = architecture === 'amd64' ? amd64 : arm64
  // The length doesn't depend on the addresses, which in turn depend on the length.
  const code_bytes = assemble(0, 0).length
  const actionAddress = base + align(headers_bytes + code_bytes)
  const setAddress = actionAddress + signalAction_bytes
  const program = Buffer.alloc(setAddress + signalSet_bytes - base)
  writeHeaders(program, architecture)
  assemble(actionAddress, setAddress).copy(program, headers_bytes)
  program.writeBigUInt64LE(BigInt(signals.ignore), actionAddress - base)
  program.writeBigUInt64LE(BigInt(signals.interruptAndTerminate), setAddress - base)
  return program
}

const align = (offset: number) => Math.ceil(offset / 8) * 8

function writeHeaders(program: Buffer, architecture: Architecture): void {
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]).copy(program) // ELF, 64 bit, little endian, version 1
  program.writeUInt16LE(2, 16) // an executable at fixed addresses
  program.writeUInt16LE(architecture === 'amd64' ? 62 : 183, 18)
  program.writeUInt32LE(1, 20)
  program.writeBigUInt64LE(BigInt(base + headers_bytes), 24) // entry
  program.writeBigUInt64LE(64n, 32) // program headers follow this one
  program.writeUInt16LE(64, 52)
  program.writeUInt16LE(56, 54)
  program.writeUInt16LE(1, 56)
  program.writeUInt32LE(1, 64) // one segment: the whole file,
  program.writeUInt32LE(5, 68) // readable and executable
  program.writeBigUInt64LE(BigInt(base), 80)
  program.writeBigUInt64LE(BigInt(base), 88)
  program.writeBigUInt64LE(BigInt(program.length), 96)
  program.writeBigUInt64LE(BigInt(program.length), 104)
  program.writeBigUInt64LE(0x10000n, 112)
}

function amd64(action: number, set: number): Buffer {
  const word = (value: number) => [value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]
  const edi = (value: number) => [0xbf, ...word(value)]
  const esi = (value: number) => [0xbe, ...word(value)]
  const clearEdi = [0x31, 0xff]
  const clearEsi = [0x31, 0xf6]
  const clearEdx = [0x31, 0xd2]
  const r10d = (value: number) => [0x41, 0xba, ...word(value)]
  const call = (number: number) => [0xb8, ...word(number), 0x0f, 0x05]
  const wait = [...edi(set), ...clearEsi, ...call(128), 0x85, 0xc0] // rt_sigtimedwait; test eax, eax
  return Buffer.from([
    ...[...edi(signals.child), ...esi(action), ...clearEdx, ...r10d(signalSet_bytes), ...call(13)], // rt_sigaction
    ...[...clearEdi, ...esi(set), ...call(14)], // rt_sigprocmask(SIG_BLOCK)
    ...[...wait, 0x78, 0x100 - (wait.length + 2)], // interrupted: wait again
    ...[...clearEdi, ...call(60)], // exit(0)
  ])
}

function arm64(action: number, set: number): Buffer {
  const move = (register: number, value: number) => [0xd2800000 | ((value & 0xffff) << 5) | register]
  const address = (register: number, value: number) => [...move(register, value), 0xf2a00000 | ((value >>> 16) << 5) | register]
  const call = (number: number) => [...move(8, number), 0xd4000001]
  const wait = [...address(0, set), ...move(1, 0), ...move(2, 0), ...move(3, signalSet_bytes), ...call(137)] // rt_sigtimedwait
  const backWhenNegative = 0xb7f80000 | ((-wait.length & 0x3fff) << 5) // tbnz x0, #63
  const instructions = [
    ...[...move(0, signals.child), ...address(1, action), ...move(2, 0), ...move(3, signalSet_bytes), ...call(134)],
    ...[...move(0, 0), ...address(1, set), ...move(2, 0), ...call(135)],
    ...[...wait, backWhenNegative],
    ...[...move(0, 0), ...call(93)],
  ]
  const code = Buffer.alloc(instructions.length * 4)
  for (const [index, instruction] of instructions.entries()) code.writeUInt32LE(instruction >>> 0, index * 4)
  return code
}
