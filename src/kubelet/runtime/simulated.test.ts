import { manualClock } from '../test-support/manual-clock.ts'
import { runtimeContract } from './contract.ts'
import { createSimulatedRuntime } from './simulated.ts'

runtimeContract('simulated', async () => {
  const clock = manualClock()
  const behaviours = { 'stubborn:1': { stopsAfter_ms: 60_000 }, 'fails:1': { runsFor_ms: 10, exitCode: 3 }, 'runs:1': {} }
  const image = (name: string) => (behaviours as Record<string, object>)[name]
  const runtime = createSimulatedRuntime({ clock, image })
  return {
    runtime,
    image: 'runs:1',
    runForever: { image: 'runs:1', command: [] },
    exitWith3: { image: 'fails:1', command: [] },
    ignoresStopSignal: { image: 'stubborn:1', command: [] },
    logDirectory: '/logs',
    cgroupParent: '/contract',
    until: async done => {
      for (let tries = 0; tries < 1000 && !(await done()); tries++) await clock.advance(10)
    },
    close: () => runtime.close(),
  }
})
