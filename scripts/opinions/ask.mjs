// Asks the npm package @cloud-copilot/iam-simulate: a list of questions on standard input, a list of answers on
// standard output. A question is one of the package's simulations; an answer has `decision`, or `refused` with the
// reason why the package does not decide.
//
// The package's checked entrance drops condition keys that it does not know for an action, and refuses actions that it
// does not know. The other entrance takes everything, but knows no session policies and no endpoint policies.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const installed = createRequire(resolve(process.argv[2], 'package.json'))
const { runSimulation, runUnsafeSimulation } = await import(
  pathToFileURL(installed.resolve('@cloud-copilot/iam-simulate')).href
)

const decisions = { Allowed: 'allowed', ImplicitlyDenied: 'implicitDeny', ExplicitlyDenied: 'explicitDeny' }

// What the checked entrance says; nothing when it refuses the question or drops a condition key of a policy.
async function askChecked(simulation, policies) {
  const found = await runSimulation(simulation, {})
  if (found.resultType === 'error') return undefined
  const results = found.resultType === 'single' ? [found.result] : found.results
  const ignored = results.flatMap((result) => result.ignoredContextKeys ?? [])
  if (ignored.some((key) => policies.includes(key.toLowerCase()))) return undefined
  return { decision: decisions[found.overallResult] }
}

async function ask(simulation) {
  const { request, ...policies } = simulation
  try {
    const checked = await askChecked(simulation, JSON.stringify(policies).toLowerCase())
    if (checked) return checked
    if (policies.sessionPolicy || policies.vpcEndpointPolicies) {
      return { refused: 'session or endpoint policies with keys or actions that it does not know' }
    }
    return { decision: decisions[runUnsafeSimulation(simulation, {})] }
  } catch (error) {
    return { refused: `it fails: ${String(error.message).split('\n')[0]}` }
  }
}

const answers = []
for (const simulation of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await ask(simulation))
process.stdout.write(JSON.stringify(answers))
