package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/timelimit"
)

// BenchmarkManifests lints a tree of plain manifests beside the floor: decoding
// the same bytes into YAML nodes. The metric "times-decode" is how many times as much
// processor time linting takes: both are measured in turn, and the least of each counts, so
// that other work of the machine matters little. KUBEVET_BENCH_MANIFESTS names a directory of
// real manifests to take in place of those that are written here.
func BenchmarkManifests(b *testing.B) {
	sandbox.TuneGC() // as the program does
	dir, all := os.Getenv("KUBEVET_BENCH_MANIFESTS"), []byte(nil)
	if dir == "" {
		dir = b.TempDir()
		all = writeManifests(b, dir, 1000)
	} else {
		all = readManifests(b, dir)
	}
	for _, jobs := range []int{1, 2} {
		b.Run("jobs="+strconv.Itoa(jobs), func(b *testing.B) {
			b.SetBytes(int64(len(all)))
			b.ReportAllocs()
			floor, whole := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
			for b.Loop() {
				b.StopTimer()
				floor = min(floor, timeOf(func() { decode(b, all) }))
				b.StartTimer()
				whole = min(whole, timeOf(func() { lintPath(b, dir, jobs) }))
			}
			b.ReportMetric(float64(whole)/float64(floor), "times-decode")
		})
	}
}

// timeOf is how much processor time a function takes, or how long it takes where that is
// not known.
func timeOf(do func()) time.Duration {
	runtime.GC() // what came before leaves no work behind
	start, used := time.Now(), timelimit.ProcessorTime()
	do()
	if used := timelimit.ProcessorTime() - used; used > 0 {
		return used
	}
	return time.Since(start)
}

// readManifests is the text of all YAML files of a directory, as one stream.
func readManifests(b *testing.B, dir string) []byte {
	b.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(names) == 0 {
		b.Fatalf("no *.yaml in %s: %v", dir, err)
	}
	var all bytes.Buffer
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			b.Fatal(err)
		}
		all.WriteString("---\n")
		all.Write(text)
		all.WriteString("\n")
	}
	return all.Bytes()
}

func decode(b *testing.B, data []byte) {
	b.Helper()
	for d := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var n yaml.Node
		if err := d.Decode(&n); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			b.Fatal(err)
		}
	}
}

// lintPath does what the program does, and throws the report away.
func lintPath(b *testing.B, dir string, jobs int) {
	b.Helper()
	r := lintOnly(b, dir, jobs, render.Options{})
	if len(r.Findings) == 0 || len(r.Problems) > 0 {
		b.Fatalf("%d findings, problems %v", len(r.Findings), r.Problems)
	}
	if err := report.JSON(io.Discard, r, lint.Tool{}); err != nil {
		b.Fatal(err)
	}
}

// lintOnly renders and checks.
func lintOnly(b *testing.B, dir string, jobs int, opts render.Options) *lint.Report {
	b.Helper()
	opts.Jobs, opts.Version = jobs, lint.Newest
	plan, err := render.NewPlan([]string{dir}, opts)
	if err != nil {
		b.Fatal(err)
	}
	checker := lint.Checker{Rules: config.Default().Select(session.AllRules()), Version: lint.Newest, Jobs: jobs}
	var mu sync.Mutex
	var findings []*lint.Finding
	result := plan.Run(context.Background(), func(r *lint.Rendered) {
		found, _ := checker.Check(r.Unit)
		mu.Lock()
		defer mu.Unlock()
		findings = append(findings, found...)
	})
	return lint.NewReport(findings, result.Problems, result.Notes, result.Summary)
}

// writeManifests writes n files, each with the objects that a small service
// has, most of them as they should be. It returns all their bytes.
func writeManifests(b *testing.B, dir string, n int) []byte {
	b.Helper()
	var all bytes.Buffer
	for i := range n {
		text := fmt.Sprintf(service, i)
		if i%10 == 0 {
			text += "---\n" + fmt.Sprintf(careless, i)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("m%04d.yaml", i)), []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		all.WriteString("---\n" + text)
	}
	return all.Bytes()
}

const service = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-%[1]d
  namespace: shop
  labels: &labels
    app.kubernetes.io/name: web-%[1]d
    app.kubernetes.io/part-of: shop
spec:
  replicas: 3
  selector:
    matchLabels: *labels
  template:
    metadata:
      labels: *labels
      annotations:
        prometheus.io/scrape: "true"
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: web
        image: registry.example.com/shop/web@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
        args: ["--listen=:8080", "--log-level=info"]
        env:
        - name: DATABASE_HOST
          value: db.shop.svc
        - name: DATABASE_PASSWORD
          valueFrom:
            secretKeyRef: {name: db, key: password}
        ports:
        - name: http
          containerPort: 8080
        readinessProbe:
          httpGet: {path: /ready, port: http}
        livenessProbe:
          httpGet: {path: /live, port: http}
        securityContext:
          allowPrivilegeEscalation: false
          readOnlyRootFilesystem: true
          capabilities:
            drop: [ALL]
        resources:
          requests: {cpu: 100m, memory: 128Mi}
          limits: {memory: 128Mi}
        volumeMounts:
        - name: tmp
          mountPath: /tmp
      volumes:
      - name: tmp
        emptyDir: {sizeLimit: 64Mi}
---
apiVersion: v1
kind: Service
metadata:
  name: web-%[1]d
  namespace: shop
spec:
  selector:
    app.kubernetes.io/name: web-%[1]d
  ports:
  - name: http
    port: 80
    targetPort: http
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web-%[1]d
  namespace: shop
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: web-%[1]d
  policyTypes: [Ingress, Egress]
  ingress:
  - ports:
    - port: http
  egress:
  - to:
    - podSelector: {}
`

const careless = `apiVersion: batch/v1
kind: CronJob
metadata:
  name: report-%[1]d
  namespace: shop
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
          - name: report
            image: registry.example.com/shop/report:latest
`
