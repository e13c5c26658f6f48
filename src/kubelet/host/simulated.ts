import type { HostAccess } from './types.ts'

/** The machine of a simulated node: everything succeeds and nothing is kept, so a thousand pods cost nothing. */
export function simulatedHost(): HostAccess {
  const nothing = async () => {}
  return {
    real: false,
    makeDirectory: nothing,
    writeFile: nothing,
    readFile: async () => undefined,
    readTail: async () => undefined,
    list: async () => [],
    inspect: async () => ({ type: 'directory', size_bytes: 0 }),
    link: nothing,
    readLink: async () => undefined,
    rename: nothing,
    setMode: nothing,
    giveToGroup: nothing,
    setOwner: nothing,
    remove: nothing,
    mountTmpfs: nothing,
    mountInside: nothing,
    unmountBelow: nothing,
    setControlGroup: nothing,
    controlGroupsBelow: async () => [],
    removeControlGroup: nothing,
    usage: async () => ({
      memoryAvailable_bytes: 2 ** 40,
      diskAvailable_bytes: 2 ** 40,
      diskCapacity_bytes: 2 ** 40,
      inodesFree: 2 ** 30,
      inodes: 2 ** 30,
      processes: 1,
      processesMaximum: 32768,
    }),
  }
}
