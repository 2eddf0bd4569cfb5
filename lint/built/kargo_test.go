package built_test

import (
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
)

// TestKargo: a step of Kargo writes tags into the files that its Stages name.
func TestKargo(t *testing.T) {
	t.Parallel()
	const tasks = `
apiVersion: kargo.akuity.io/v1alpha1
kind: PromotionTask
metadata: {name: release}
spec:
  vars:
  - {name: folder}
  steps:
  - uses: git-clone
    config: {checkout: [{branch: main, path: ./src}]}
  - uses: yaml-update
    config:
      path: ./src/${{ vars.folder }}/web.yaml
      updates:
      - {key: web.tag, value: "${{ imageFrom('registry.example.com/web').Tag }}"}
      - {key: side.tag, value: "${{ imageFrom('registry.example.com/side').Tag }}@${{ imageFrom('registry.example.com/side').Digest }}"}
`
	const stages = `
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: live}
spec: {promotionTemplate: {spec: {steps: [{task: {name: release}, vars: [{name: folder, value: envs/live}]}]}}}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: unknown}
spec: {promotionTemplate: {spec: {steps: [{task: {name: release}}]}}}
`
	var documents []*lint.Document
	for file, text := range map[string]string{"kargo/tasks.yaml": tasks, "kargo/stages.yaml": stages} {
		if !built.HasUpdater(text) {
			t.Errorf("%s is not taken for one of Kargo", file)
		}
		documents = append(documents, lint.NewDocument(file, lint.DocumentUpdater, nil, text, nil))
	}
	x := built.New(documents)
	for _, tt := range []struct{ file, key, want string }{
		{"envs/live/web.yaml", "web.tag", "Kargo's PromotionTask release in kargo/tasks.yaml"},
		{"envs/live/web.yaml", "side.tag", ""},
		{"envs/live/web.yaml", "tag", ""},
		{"envs/test/web.yaml", "web.tag", ""},
		{"web.yaml", "web.tag", ""},
	} {
		at := func() lint.Origin {
			return lint.Origin{Trail: []lint.Step{{Kind: lint.StepValues, Label: tt.key, Position: lint.Position{File: tt.file}}}}
		}
		if got := x.Rewriter("1.0", "", at); got != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.file, tt.key, got, tt.want)
		}
	}
}
