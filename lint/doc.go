// Package lint is the vocabulary of kubevet and the engine that runs rules.
//
// How a finding is made:
//
//  1. Package internal/cli reads the command line, and package internal/session does
//     what it asks: it finds the configuration of each path and takes the paths
//     through the stages. session/run.go has their order.
//  2. Rendering and checking of untrusted input happens in a child process
//     (internal/sandbox), unless the input is small and plain. The child sends
//     findings and problems, and the parent writes every report.
//  3. render.NewPlan finds the inputs: charts, overlays, and plain manifests. Running
//     the plan renders each input to Units. A chart gives one Unit for each
//     scenario, an overlay one, all plain manifests of a run one. The files that
//     hold no Kubernetes objects, such as Dockerfiles and files of CI systems, are
//     one more Unit, of the kind UnitRepository.
//  4. A Unit has Objects. An Object is Kubernetes YAML as nodes, with a Locator that
//     knows in which file each node can be edited. The locators are in
//     render/manifest, render/kustomize and render/helm: they decide a finding's line.
//     The unit of the other files has Documents. An Object is a Document with
//     apiVersion, kind and metadata; the others have a Kind that says what they are,
//     YAML nodes or data in a type of that kind, and a Locator, too. To read another
//     kind of file, add a Reader to the table of render/document, a kind to
//     document.go, and rules with a DocumentCheck: findings, ignore comments,
//     baselines and reports need nothing more.
//  5. An object with pod templates has Workloads. A Workload has PodOrContainers: the
//     pod itself, and its containers of every kind. Package pods has the table of the
//     kinds that have pods, and reads where a definition in the repository has those of others.
//  6. Checker.Check runs each Rule over each Unit. A rule is a value in a package below
//     rules. It looks at a Field (one path and the values allowed there), or it has a
//     function. Package node reads the YAML: a Value is a node with its path, and
//     aliases and merge keys are followed. A placeholder, encrypted text or a build
//     reference is an unknown value (node/unknown.go): no rule judges it. Package
//     cluster and other indexes (UnitIndex) know what objects mean for each other,
//     such as the pods that a Service selects; below it, package access is the only
//     reader of RBAC, and package connect of network policies. Each index is built once
//     for a unit.
//     Policies of admission, such as those of Kyverno, set fields and make network policies,
//     too: package admission reads them, and PodOrContainer.IsDefinite knows what they set.
//  7. A rule that finds a defect reports a Value: the node, or, if the field is
//     absent, the nearest node that exists. The object's Locator turns it into an
//     Origin: the file and line to edit, how sure that is, and the trail.
//     The diagnostic has an Intent: set a value, remove a field, rename a key, or advice.
//     The Finding has a Fix: its text, and the value or the lines to add. A Locator that
//     is an Editor (that of manifests) turns the Intent into Edits of the text; lint/lsp
//     offers those that it tried. A fix by a chart's values is tried here: trials.go says what
//     is tried for a finding, trial.go renders and judges it, and otherkeys.go knows keys that do something else than to supply the value.
//     Package fixes has the parts of fixes, and package place those of an Origin.
//  8. Package ignore marks what comments and the configuration accept, package
//     baseline what was known before.
//  9. NewReport merges the findings of one rule at one place into one Finding with
//     Occurrences, sorts, and counts. Package report writes it as text, JSON, SARIF
//     and so on; package lsp shows it in an editor. Report.ExitCode
//     decides the exit code. Package store holds very many findings, packed.
//
// What could not be read, rendered or placed is a Problem. Nothing is dropped.
package lint
