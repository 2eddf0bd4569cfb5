package kustomize

import (
	"fmt"
	"io"
	"log"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/openapi"
)

// schema guards the OpenAPI schema, which kustomize keeps in package state. All
// overlays without a schema of their own share the built-in one and are built at
// the same time; one with the field openapi is built alone, between two resets.
// kustomize itself never forgets such a schema: the next overlay would be built
// with it, too.
var schema struct {
	sync.RWMutex
	ready bool // the built-in schema is loaded, and nothing else is
}

// withBuiltInSchema calls a function while the schema is the built-in one.
func withBuiltInSchema(build func()) {
	for {
		schema.RLock()
		if schema.ready {
			break
		}
		schema.RUnlock()
		schema.Lock()
		if !schema.ready {
			openapi.ResetOpenAPI()
			openapi.Schema() // loads it: kustomize would, but not safely for concurrent use
			schema.ready = true
		}
		schema.Unlock()
	}
	defer schema.RUnlock()
	build()
}

// withOwnSchema calls a function that may change the schema.
func withOwnSchema(build func()) {
	schema.Lock()
	defer schema.Unlock()
	schema.ready = false
	openapi.ResetOpenAPI()
	defer openapi.ResetOpenAPI()
	build()
}

// run has kustomize build what files show it.
func (b *build) run() (m resmap.ResMap, err error) {
	if !b.ownSchema {
		withBuiltInSchema(func() { m, err = b.krusty() })
		if !b.files.wantsSchema {
			return m, err
		}
		b.ownSchema = true
		b.files = newFiles(b)
	}
	withOwnSchema(func() { m, err = b.krusty() })
	return m, err
}

func (b *build) krusty() (m resmap.ResMap, err error) {
	guardLog()
	defer func() {
		if p := recover(); p != nil {
			m, err = nil, &panicError{value: p, stack: debug.Stack()}
		}
	}()
	o := krusty.MakeDefaultOptions()
	if b.opts.LoadRestrictionsNone {
		o.LoadRestrictions = types.LoadRestrictionsNone
	}
	return krusty.MakeKustomizer(o).Run(b.files, b.files.path(b.dir))
}

// panicError is a panic of kustomize.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("kustomize failed: %v", e.value) }

// Quiet keeps kustomize's warnings about deprecated fields, which name no file,
// off standard error: it sets os.Stderr, so a program calls it once, before it
// starts goroutines, and writes to the os.Stderr that it had before.
func Quiet() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
}

var guardLog = sync.OnceFunc(func() { log.SetOutput(logGuard{log.Writer()}) })

// logGuard drops what kustomize logs, and keeps its log.Fatal from ending the
// process: the call panics, and krusty recovers.
type logGuard struct{ next io.Writer }

// Write passes on what is not of kustomize.
func (g logGuard) Write(p []byte) (int, error) {
	var pcs [32]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	fatal := false
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		fatal = fatal || strings.HasPrefix(f.Function, "log.Fatal")
		if strings.HasPrefix(f.Function, "sigs.k8s.io/kustomize/") {
			if fatal {
				panic(strings.TrimSpace(string(p)))
			}
			return len(p), nil
		}
	}
	return g.next.Write(p)
}
