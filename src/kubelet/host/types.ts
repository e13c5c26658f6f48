/**
 * What the kubelet does to the machine beside containers: files, mounts, control groups. The real one is Linux; simulated
 * nodes have one that touches nothing. Paths are absolute. Writers make missing parents; removers accept what is gone.
 */
export interface HostAccess {
  /** False where nothing is kept: simulated nodes. */
  readonly real: boolean

  makeDirectory(path: string, mode?: number): Promise<void>
  /** Through a temporary file in the same directory, so that no reader sees half of it. */
  writeFile(path: string, content: Uint8Array | string, mode?: number): Promise<void>
  readFile(path: string): Promise<Uint8Array | undefined>
  /** At most the last `length_bytes` of a file. */
  readTail(path: string, length_bytes: number): Promise<Uint8Array | undefined>
  list(path: string): Promise<readonly string[]>
  /** Follows symbolic links. */
  inspect(path: string): Promise<FileFacts | undefined>
  /** Makes `path` a symbolic link to `target`, atomically replacing an older one. */
  link(target: string, path: string): Promise<void>
  readLink(path: string): Promise<string | undefined>
  rename(from: string, to: string): Promise<void>
  setMode(path: string, mode: number): Promise<void>
  /** Gives a whole tree to a group: files become readable and writable for it, new files in directories inherit it. */
  giveToGroup(path: string, gid: number, readOnly: boolean, onlyOnMismatch: boolean): Promise<void>
  setOwner(path: string, uid: number, gid: number): Promise<void>
  /** A whole tree. Refuses while something is mounted in it. */
  remove(path: string): Promise<void>

  /** Nothing happens where a tmpfs is mounted already. */
  mountTmpfs(path: string, size_bytes: number | undefined): Promise<void>
  /** Bind-mounts what `relative` means inside `root` (created as a directory if missing) and never anything outside of it. */
  mountInside(root: string, relative: string, target: string): Promise<void>
  /** Detaches all mounts at or below `path`, the innermost first. */
  unmountBelow(path: string): Promise<void>

  /** Creates a control group with these limits in each hierarchy that knows them; parents come with it. */
  setControlGroup(path: string, limits: ControlGroupLimits): Promise<void>
  /** Names of the groups directly below. */
  controlGroupsBelow(path: string): Promise<readonly string[]>
  /** Kills what still runs in a group or below, and removes it. */
  removeControlGroup(path: string): Promise<void>

  usage(path: string): Promise<MachineUsage>
}

export interface FileFacts {
  readonly type: 'file' | 'directory' | 'socket' | 'charDevice' | 'blockDevice' | 'other'
  readonly size_bytes: number
}

export interface ControlGroupLimits {
  readonly cpuShares?: number
  readonly cpuPeriod_us?: number
  readonly cpuQuota_us?: number
  readonly memoryLimit_bytes?: number
}

export interface MachineUsage {
  readonly memoryAvailable_bytes: number
  readonly diskAvailable_bytes: number
  readonly diskCapacity_bytes: number
  readonly inodesFree: number
  readonly inodes: number
  readonly processes: number
  readonly processesMaximum: number
}
