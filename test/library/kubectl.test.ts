import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findKubectls, type Kubectl } from '../support/kubectls.ts'
import { openLibraryCluster, sharedLibraryCluster } from '../support/library.ts'
import { eventually } from '../support/real-cluster.ts'

/** What people type, typed into every version of kubectl that is here: the oldest and the newest do everything, the others what is most common. */

const manifest = (image: string) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "${image}", ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
`
/** Made once with openssl for CN=jane, O=crew; the key is gone. `OWN-NAME` stands for the name that each version of kubectl has for itself. */
const certificateRequest = `
apiVersion: certificates.k8s.io/v1
kind: CertificateSigningRequest
metadata: {name: OWN-NAME}
spec:
  signerName: kubernetes.io/kube-apiserver-client
  usages: [client auth]
  request: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIYU1JR0FBZ0VBTUI0eERUQUxCZ05WQkFvTUJHTnlaWGN4RFRBTEJnTlZCQU1NQkdwaGJtVXdXVEFUQmdjcQpoa2pPUFFJQkJnZ3Foa2pPUFFNQkJ3TkNBQVJxNWxaWlZTR1NzZ3Erb1E0czZJUm1CdnI0UEZMcUFNS0JWckJ1CjZRd2FoNitJRE9MTkxSdEZMMWNTVE9tYTY5UnlWQ0FWdk8zWDNDejY0aU9PUm5zeW9BQXdDZ1lJS29aSXpqMEUKQXdJRFNRQXdSZ0loQUtIRm5rdUdXUVkvMDFtVWlhaEJuZUlVeGdxVzNCQmVab3UwbEI5b0R0eExBaUVBK0V2bwpmS3haZGtNclhBd1VhcFRtTHlQQ2l3czZycEJwVkgySFhRNmZidk09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=
`
const definition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.OWN-NAME.example.com}
spec:
  group: OWN-NAME.example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd], categories: [all]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.size, statusReplicasPath: .status.size}}
    additionalPrinterColumns: [{name: Size, type: integer, jsonPath: .spec.size}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            description: What is asked of a widget.
            properties:
              size: {type: integer, minimum: 1, default: 3}
            x-kubernetes-validations: [{rule: self.size < 100, message: too large}]
          status: {type: object, properties: {size: {type: integer}}}
`
const widget = (spec: string) => `
apiVersion: OWN-NAME.example.com/v1
kind: Widget
metadata: {name: one}
spec: {${spec}}
`
const first = manifest('nginx:1')
const second = manifest('nginx:2')

interface Step {
  /** Words as typed; a quoted part is one word. */
  readonly type: string
  readonly input?: string
  /** What standard output, or standard error of a failure, must look like. */
  readonly shows?: RegExp
  readonly fails?: boolean
  /** The first minor version of kubectl that knows the command. */
  readonly since?: number
  readonly env?: Readonly<Record<string, string>>
}

const common: readonly Step[] = [
  { type: 'version', shows: /v1\.36\.\d/ },
  { type: 'api-resources --namespaced=true', shows: /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment/m },
  { type: 'api-versions', shows: /^apps\/v1$/m },
  { type: 'cluster-info', shows: /is running at/ },
  { type: 'apply -f -', input: first, shows: /deployment\.apps\/web created\nservice\/web created\nconfigmap\/settings created/ },
  { type: 'rollout status deploy/web --timeout=20s', shows: /successfully rolled out/ },
  { type: 'apply -f -', input: first, shows: /deployment\.apps\/web unchanged\nservice\/web unchanged\nconfigmap\/settings unchanged/ },
  { type: 'get deploy', shows: /^NAME\s+READY\s+UP-TO-DATE\s+AVAILABLE\s+AGE\nweb\s+2\/2\s+2\s+2\s+\d+s/ },
  {
    type: 'get pods -o wide -l app=web',
    shows:
      /^NAME\s+READY\s+STATUS\s+RESTARTS\s+AGE\s+IP\s+NODE\s+NOMINATED NODE\s+READINESS GATES\n(web-\w+-\w{5}\s+1\/1\s+Running\s+0\s+\d+s\s+10\.\S+\s+node-\d\s+<none>\s+<none>\n){2}$/,
  },
  { type: 'get pods -o jsonpath={.items[*].status.phase}', shows: /^Running Running$/ },
  { type: 'get pods -o custom-columns=PHASE:.status.phase --no-headers', shows: /^Running\nRunning\n$/ },
  { type: 'get pods -o name --chunk-size=1', shows: /^(pod\/web-\S+\n){2}$/ },
  { type: 'get pods --field-selector status.phase!=Running -o name', shows: /^$/ },
  { type: 'get pod nosuch', fails: true, shows: /Error from server \(NotFound\): pods "nosuch" not found/ },
  { type: 'get nosuch', fails: true, shows: /the server doesn't have a resource type "nosuch"/ },
  { type: 'describe deploy web', shows: /NewReplicaSet:\s+web-\w+ \(2\/2 replicas created\)[\s\S]*ScalingReplicaSet/ },
  { type: 'describe pods', shows: /Successfully assigned \S+ to node-\d[\s\S]*Started/ },
  { type: 'explain deploy.spec.strategy.rollingUpdate', shows: /maxSurge\s+</ },
  { type: 'set image deploy/web web=nginx:2', shows: /image updated/ },
  { type: 'rollout status deploy/web --timeout=20s', shows: /successfully rolled out/ },
  { type: 'rollout undo deploy/web', shows: /rolled back/ },
  { type: 'rollout status deploy/web --timeout=20s', shows: /successfully rolled out/ },
  { type: 'apply --server-side --force-conflicts -f -', input: second, shows: /serverside-applied/ },
  { type: 'diff -f -', input: second, shows: /^$/ },
  { type: 'delete -f -', input: first, shows: /deployment\.apps "web" deleted/ },
]

const rest: readonly Step[] = [
  { type: 'apply -f -', input: first, shows: /created/ },
  { type: 'rollout status deploy/web --timeout=20s', shows: /successfully rolled out/ },
  { type: 'get all --show-labels', shows: /replicaset\.apps\/web-/ },
  { type: 'get deploy,svc,cm -o yaml', shows: /kind: List/ },
  { type: "get po,svc -o 'go-template={{range .items}}{{.kind}} {{end}}'", shows: /^Pod Pod Service $/ },
  { type: 'get pods -A --sort-by=.metadata.name', shows: /^NAMESPACE/ },
  { type: 'get pods --watch --request-timeout=1s', shows: /Running/ },
  { type: 'diff -f -', input: second, fails: true, shows: /-.*image: nginx:1\n\+.*image: nginx:2/ },
  {
    type: `patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","env":[{"name":"A","value":"1"}]}]}}}}'`,
    shows: /patched/,
  },
  { type: `patch deploy web --type merge -p '{"metadata":{"labels":{"x":"y"}}}'`, shows: /patched/ },
  { type: `patch deploy web --type json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'`, shows: /patched/ },
  {
    type: `patch deploy web --type json -p '[{"op":"test","path":"/spec/replicas","value":9}]'`,
    fails: true,
    shows: /Testing value \/spec\/replicas failed|test failed|invalid/i,
  },
  { type: `patch deploy web --subresource=status --type merge -p '{"status":{"observedGeneration":0}}'`, since: 24, shows: /patched/ },
  {
    type: 'get deploy web -o jsonpath={.spec.template.spec.containers[0].env[0].name},{.metadata.labels.x},{.spec.replicas}',
    shows: /^A,y,3$/,
  },
  { type: 'scale deploy web --replicas=2', shows: /scaled/ },
  { type: 'scale deploy web --current-replicas=7 --replicas=1', fails: true, shows: /Expected replicas to be 7, was 2/ },
  { type: 'rollout status deploy/web --timeout=20s', shows: /successfully rolled out/ },
  { type: 'rollout history deploy/web', shows: /REVISION\s+CHANGE-CAUSE\n1\s+<none>\n2\s+<none>/ },
  { type: 'rollout history deploy/web --revision=2', shows: /revision #2[\s\S]*A:\s+1/ },
  { type: 'rollout undo deploy/web --to-revision=1', shows: /rolled back/ },
  { type: 'rollout pause deploy/web', shows: /paused/ },
  { type: 'set env deploy/web B=2', shows: /env updated/ },
  { type: 'rollout undo deploy/web', fails: true, shows: /you cannot rollback a paused deployment/ },
  { type: 'rollout resume deploy/web', shows: /resumed/ },
  { type: 'rollout restart deploy/web', shows: /restarted/ },
  { type: 'rollout status deploy/web --timeout=20s', shows: /successfully rolled out/ },
  { type: 'set resources deploy/web --requests=cpu=100m --limits=cpu=200m', shows: /resource requirements updated/ },
  { type: 'set selector svc/web app=web', shows: /selector updated/ },
  { type: 'expose deploy web --name=again --port=81 --target-port=80', shows: /service\/again exposed/ },
  { type: 'get svc again', shows: /^again\s+ClusterIP\s+10\.43\.\d+\.\d+\s+<none>\s+81\/TCP/m },
  { type: 'run one --image=busybox --restart=Never --labels=a=b -- sleep 1', shows: /pod\/one created/ },
  { type: 'wait --for=condition=Ready pod/one --timeout=10s', shows: /condition met/ },
  { type: "wait --for=jsonpath='{.status.phase}'=Running pod/one --timeout=10s", since: 23, shows: /condition met/ },
  { type: 'label pod one c=d', shows: /labeled/ },
  { type: 'label pod one c=e', fails: true, shows: /--overwrite is false/ },
  { type: 'annotate pod one z=1', shows: /annotated?$/m },
  { type: 'debug one --image=busybox -c helper --quiet', since: 25 },
  { type: 'get pod one -o jsonpath={.spec.ephemeralContainers[0].name}', since: 25, shows: /^helper$/ },
  { type: 'attach one', fails: true, shows: /simulated nodes run no containers/ },
  { type: 'exec one -- true', fails: true, shows: /simulated nodes run no containers/ },
  { type: 'logs one', fails: true, shows: /simulated nodes run no containers/ },
  { type: 'cp one:/etc/hosts hosts', fails: true, shows: /simulated nodes run no containers/ },
  { type: 'port-forward one :80', fails: true, shows: /simulated nodes run no containers/ },
  { type: 'delete pod one --wait=false', shows: /deleted/ },
  { type: 'wait --for=delete pod/one --timeout=20s', since: 24 },
  { type: 'autoscale deploy web --min=1 --max=3 --cpu-percent=80', shows: /autoscaled/ },
  { type: 'get hpa', shows: /^web\s+Deployment\/web\s+(cpu: )?<unknown>\/80%\s+1\s+3\s+0/m },
  { type: 'create quota q --hard=pods=50,configmaps=40', shows: /created/ },
  { type: 'describe quota q', shows: /configmaps\s+\d+\s+40\npods\s+\d+\s+50/ },
  { type: 'create pdb guard --selector=app=web --min-available=1', since: 21, shows: /created/ },
  { type: 'get pdb', since: 21, shows: /^guard\s+1\s+N\/A\s+\d+\s/m },
  { type: "create cronjob nightly --image=busybox --schedule='*/5 * * * *' -- true", since: 21, shows: /created/ },
  { type: 'get cronjob', since: 21, shows: /^nightly\s+\*\/5 \* \* \* \*\s/m },
  { type: 'create ingress front --class=c --rule=example.com/*=web:80', shows: /created/ },
  { type: 'get ingress', shows: /^front\s+c\s+example\.com\s+80\s/m },
  { type: 'describe ingress front', shows: /example\.com\s*\n\s+\/\s+web:80/ },
  { type: 'top pods', fails: true, shows: /metrics (API )?not available/i },
  { type: 'create job j --image=busybox -- true', shows: /created/ },
  { type: 'create deployment other --image=nginx', shows: /created/ },
  { type: 'create role reader --verb=get,list --resource=pods', shows: /created/ },
  { type: 'create rolebinding reads --role=reader --user=jane', shows: /created/ },
  { type: 'create secret generic s --from-literal=a=b', shows: /created/ },
  { type: 'create secret docker-registry dr --docker-server=a --docker-username=b --docker-password=c', shows: /created/ },
  { type: 'create configmap c --from-literal=a=b', shows: /created/ },
  { type: 'create sa robot', shows: /created/ },
  { type: 'create token robot --duration=1h', since: 24, shows: /^ey\w+\.\w+\.\S+/ },
  { type: 'create service nodeport np --tcp=80', shows: /created/ },
  { type: 'create service externalname en --external-name=a.b', shows: /created/ },
  { type: 'create service loadbalancer lb --tcp=80', shows: /created/ },
  {
    type: 'get svc',
    shows:
      /^lb\s+LoadBalancer\s+\S+\s+<pending>\s+80:3\d{4}\/TCP[\s\S]*^en\s+ExternalName|^en\s+ExternalName\s+<none>\s+a\.b\s+<none>[\s\S]*^lb/m,
  },
  {
    type: 'describe job,secret,cm,role,rolebinding,sa,svc,endpoints,ns,node,rs,priorityclass,lease',
    shows: /Name:\s+robot/,
  },
  { type: 'describe endpointslices', since: 21, shows: /AddressType:\s+IPv4/ },
  { type: 'describe clusterrole,clusterrolebinding cluster-admin', shows: /system:masters/ },
  { type: 'auth can-i get pods --as=jane', shows: /^yes/ },
  { type: 'auth can-i delete pods --as=jane', fails: true, shows: /^no/ },
  { type: 'auth can-i --list --as=jane', shows: /^pods\s+\[\]\s+\[\]\s+\[(get list|list get)\]/m },
  { type: 'auth whoami', since: 28, shows: /Username\s+admin/ },
  { type: 'auth whoami --as=jane --as-group=crew', since: 28, shows: /Username\s+jane[\s\S]*crew/ },
  {
    type: 'delete pod web --as=jane',
    fails: true,
    shows:
      /Error from server \(Forbidden\): pods "web" is forbidden: User "jane" cannot delete resource "pods" in API group "" in the namespace/,
  },
  { type: 'events --for deploy/web', since: 26, shows: /ScalingReplicaSet/ },
  { type: 'get events --field-selector involvedObject.kind=Deployment', shows: /ScalingReplicaSet/ },
  { type: 'taint node node-1 k=v:PreferNoSchedule', shows: /tainted/ },
  { type: 'taint node node-1 k-', shows: /untainted/ },
  { type: 'cordon node-1', shows: /cordoned/ },
  { type: 'get node node-1', shows: /SchedulingDisabled/ },
  { type: 'uncordon node-1', shows: /uncordoned/ },
  { type: 'drain node-2 --ignore-daemonsets --delete-emptydir-data --force --timeout=20s', shows: /node-2 (drained|evicted)|cordoned/ },
  { type: 'uncordon node-2', shows: /uncordoned/ },
  { type: 'replace -f -', input: second, shows: /deployment\.apps\/web replaced/ },
  {
    type: 'create -f -',
    input: second,
    fails: true,
    shows: /Error from server \(AlreadyExists\)[\s\S]*deployments\.apps "web" already exists/,
  },
  {
    type: 'apply --server-side --field-manager=another -f -',
    input: first,
    fails: true,
    shows: /conflict with "kubectl-replace"[\s\S]*image/,
  },
  { type: 'apply --dry-run=server -f -', input: first, shows: /server dry run/ },
  { type: 'edit cm settings', env: { KUBE_EDITOR: "sed -i 's/colour:.blue/colour: red/'" }, shows: /edited/ },
  { type: 'get cm settings -o jsonpath={.data.colour}', shows: /^red$/ },
  {
    type: 'edit deploy web',
    env: { KUBE_EDITOR: "sed -i 's/replicas:.2/replicas: -2/'" },
    fails: true,
    shows: /deployments\.apps "web" is invalid/,
  },
  { type: 'explain pod.spec.containers --recursive', shows: /terminationMessagePolicy\s+<string>/ },
  { type: 'explain pods.spec.nosuch', fails: true, shows: /field "nosuch" does not exist/ },
  { type: 'delete deploy web --cascade=orphan', shows: /deleted/ },
  { type: 'get rs -l app=web', shows: /^web-/m },
  { type: 'delete rs -l app=web --cascade=foreground --timeout=20s', shows: /deleted/ },
  { type: 'delete deploy other --cascade=background', shows: /deleted/ },
  { type: 'delete pods --all --grace-period=0 --force', shows: /force deleted/ },
  { type: 'create -f -', input: certificateRequest, shows: /created/ },
  { type: 'get csr OWN-NAME', shows: /kubernetes\.io\/kube-apiserver-client\s+admin\s+.*Pending/ },
  { type: 'certificate approve OWN-NAME', shows: /approved/ },
  { type: 'wait --for=condition=Approved csr/OWN-NAME --timeout=10s', shows: /condition met/ },
  { type: 'describe csr OWN-NAME', shows: /Common Name:\s+jane/ },
  { type: 'delete csr OWN-NAME', shows: /deleted/ },
  { type: 'apply -f -', input: definition, shows: /created/ },
  { type: 'wait --for=condition=Established crd/widgets.OWN-NAME.example.com --timeout=10s', shows: /condition met/ },
  { type: 'apply -f -', input: widget(''), shows: /widget\.OWN-NAME\.example\.com\/one created/ },
  { type: 'get wd', shows: /^NAME\s+SIZE\s*(AGE)?\none\s+3/ },
  { type: 'apply -f -', input: widget('size: 100'), fails: true, shows: /too large/ },
  { type: 'apply -f -', input: widget('size: none'), fails: true, shows: /spec\.size/ },
  { type: 'scale wd one --replicas=7', shows: /scaled/ },
  { type: 'patch wd one --type merge -p {"spec":{"size":8}}', shows: /patched/ },
  { type: 'apply --server-side --force-conflicts -f -', input: widget('size: 9'), shows: /serverside-applied/ },
  { type: 'edit wd one', env: { KUBE_EDITOR: "sed -i 's/size:.9/size: 10/'" }, shows: /edited/ },
  { type: 'get wd one -o jsonpath={.spec.size}', shows: /^10$/ },
  { type: 'explain wd.spec', shows: /What is asked of a widget\./ },
  { type: 'get all', shows: /widget\.OWN-NAME\.example\.com\/one/ },
  { type: 'delete wd --all', shows: /deleted/ },
  { type: 'delete crd widgets.OWN-NAME.example.com', shows: /deleted/ },
  { type: 'get --raw /readyz?verbose', shows: /poststarthook\/rbac\/bootstrap-roles ok[\s\S]*readyz check passed/ },
]

const brief = common.filter(({ type }) => /^(version|apply|rollout status|get pods -o wide|explain|set image|diff|delete)/.test(type))

const minorOf = ({ version }: Kubectl): number => Number(version.split('.')[1])

const splitWords = (line: string): string[] => (line.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map(word => word.replaceAll("'", ''))

async function run(opened: Awaited<ReturnType<typeof openLibraryCluster>>, kubectl: Kubectl, namespace: string, step: Step): Promise<void> {
  const named = (text: string) => text.replaceAll('OWN-NAME', namespace)
  const words = ['-n', namespace, ...splitWords(named(step.type))]
  const { status, stdout, stderr } = await opened.kubectl(kubectl.path, words, step.input && named(step.input), step.env)
  const said = `kubectl ${step.type}\nstatus ${status}\n${stdout.slice(0, 800)}\n${stderr.slice(-400)}`
  assert.equal(status !== 0, step.fails ?? false, said)
  if (step.shows) assert.match(step.fails ? stdout + stderr : stdout, new RegExp(named(step.shows.source), step.shows.flags), said)
}

const kubectls = findKubectls()
/** Minutes more; asked for with PROA_EVERY_KUBECTL=1. */
const everyVersion = process.env.PROA_EVERY_KUBECTL === '1'

describe('kubectl', { skip: kubectls.length === 0 ? 'no kubectl here' : false }, async () => {
  const opened = await sharedLibraryCluster({ nodes: 2 })
  for (const kubectl of kubectls) {
    const isThorough = everyVersion || kubectl === kubectls[0] || kubectl === kubectls.at(-1)
    it(`${kubectl.version} does ${isThorough ? 'everything' : 'what is most common'}`, async () => {
      const namespace = `with-${kubectl.version.replace('.', '-')}`
      await run(opened, kubectl, 'default', { type: `create ns ${namespace}` })
      await eventually(
        'the namespace has its service account',
        10_000,
        async () => (await opened.send('GET', `/api/v1/namespaces/${namespace}/serviceaccounts/default`)).status,
        status => status === 200,
      )
      const failures: string[] = []
      for (const step of isThorough ? [...common, ...rest] : brief) {
        if (minorOf(kubectl) < (step.since ?? 0)) continue
        await run(opened, kubectl, namespace, step).catch((error: Error) => failures.push(error.message))
      }
      assert.equal(failures.join('\n\n'), '')
      await run(opened, kubectl, 'default', { type: `delete ns ${namespace} --timeout=20s`, shows: /deleted/ })
    })
  }
})
