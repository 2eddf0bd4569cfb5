// Package lint is the vocabulary of kubevet and the engine that runs rules.
//
// How one finding comes to be:
//
//  1. render.NewPlan walks the paths of the command line and finds inputs:
//     charts, overlays, and trees of plain manifests.
//  2. Plan.Run renders each input to one or more Units. A chart gives one Unit
//     for each values scenario, an overlay one, all plain manifests one.
//  3. A Unit holds Objects. An Object is Kubernetes YAML as nodes, and a
//     Locator that knows in which file each node can be edited.
//  4. An object with pod templates has Workloads; a Workload has Holders: the
//     pod itself, and its containers of every sort. One table (shape.go) knows
//     where Kubernetes keeps them.
//  5. Checker.Check runs each Rule over each Unit. A rule is a value; what it
//     looks at is a Field (one path, the values allowed there) or a function.
//     Package node reads the YAML: aliases, merge keys. A placeholder, encrypted
//     text or a build reference is unknown (unknown.go): no rule judges it. What
//     objects mean for each other, such as the pods that a Service selects, is in
//     package cluster and other indexes (index.go), each built once for a unit.
//  6. A rule that finds a defect reports a Value: the node, or, if the field is
//     absent, the nearest node that exists. The object's Locator turns it into
//     an Origin: the file and line to edit, how sure that is, and the trail.
//  7. Package ignore marks what comments and the configuration choose to live
//     with, package baseline what was known before.
//  8. NewReport merges what several units found at one place into one Finding,
//     sorts, and counts. Package report writes it as text, JSON, SARIF …,
//     package lsp shows it in an editor.
//
// What could not be read, rendered or placed is a Problem. Nothing is dropped.
package lint
