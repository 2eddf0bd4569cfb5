package lsp

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"time"
)

// How long the server waits for more before it lints. After a keystroke it is
// half of what the last run took, between leastWait and mostWait.
const (
	afterOpen  = 20 * time.Millisecond // editors open several files in a row
	afterWatch = 300 * time.Millisecond
	leastWait  = 50 * time.Millisecond
	mostWait   = 500 * time.Millisecond
)

// job is a run of the linter.
type job struct {
	files  map[string]bool // paths
	cancel context.CancelFunc
	// outdated is set if it is given up; missed are files that changed meanwhile.
	outdated bool
	missed   []string
	took     time.Duration
}

func (x *session) didOpen(p didOpenParams) {
	path, ok := x.path(p.TextDocument.URI)
	if !ok {
		return
	}
	x.docs[path] = &document{uri: p.TextDocument.URI, version: p.TextDocument.Version, text: p.TextDocument.Text}
	x.changed(path, false)
	x.schedule(afterOpen)
}

func (x *session) didChange(p didChangeParams) {
	path, ok := x.path(p.TextDocument.URI)
	d := x.docs[path]
	if !ok || d == nil {
		return
	}
	for _, c := range p.ContentChanges {
		d.text = x.encoding.apply(d.text, c)
	}
	d.version = p.TextDocument.Version
	x.changed(path, false)
	x.schedule(min(max(x.took/2, leastWait), mostWait))
}

func (x *session) didSave(p didOpenParams) {
	if path, ok := x.path(p.TextDocument.URI); ok {
		x.changed(path, false)
		x.schedule(0)
	}
}

func (x *session) didClose(p didOpenParams) {
	path, ok := x.path(p.TextDocument.URI)
	if !ok || x.docs[path] == nil {
		return
	}
	delete(x.docs, path)
	delete(x.dirty, path)
	x.changed(path, false) // others see the file on disk again
	x.schedule(afterOpen)
}

func (x *session) didChangeWatchedFiles(p didChangeWatchedFilesParams) {
	for _, c := range p.Changes {
		if path, ok := x.path(c.URI); ok && x.docs[path] == nil { // an open file is what the editor has
			x.changed(path, true)
			x.schedule(afterWatch)
		}
	}
}

// path is the path of a document. ok is false if it is no file.
func (x *session) path(uri string) (path string, ok bool) {
	p, ok := pathOf(uri)
	if !ok {
		return "", false
	}
	return x.Resolve(p), true
}

// changed notes that a file changed. It is linted if it is open, and so are the
// open files that have to do with it, or all of them: if that is not known, and
// if the configuration changed. A run that is about one of them is given up.
func (x *session) changed(path string, all bool) {
	all = all || x.IsConfig(path)
	for p, d := range x.docs {
		busy := x.current != nil && x.current.files[p]
		unknown := d.result == nil && !busy // if it is being found out, done sees to it
		if all || p == path || unknown || d.result != nil && d.result.Reads(x.display(path)) {
			x.dirty[p] = true
			if busy {
				x.cancel()
			}
		}
	}
	if x.current != nil {
		x.current.missed = append(x.current.missed, path)
	}
}

// cancel gives the current run up; what it was about is still to be done.
func (x *session) cancel() {
	if x.current != nil {
		x.current.outdated = true
		x.current.cancel()
		for p := range x.current.files {
			if x.docs[p] != nil {
				x.dirty[p] = true
			}
		}
	}
}

// schedule has the linter run some time after now.
func (x *session) schedule(after time.Duration) {
	if x.timer != nil {
		x.timer.Stop()
	}
	x.timer = time.AfterFunc(after, func() {
		select {
		case x.wake <- struct{}{}:
		default: // it is awake
		}
	})
}

// work runs the linter, one run at a time, until the context ends.
func (x *session) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.wake:
		}
		for _, m := range x.round(ctx) { // unlocked: the editor may be slow to read
			_ = x.conn.Notify(ctx, m.method, m.params) // see log
		}
	}
}

// notification is a message to the editor.
type notification struct {
	method string
	params any
}

// round lints what is due and returns the messages for the editor.
func (x *session) round(ctx context.Context) []notification {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	j, files, buffers := x.next(cancel)
	if len(files) == 0 {
		return x.done(ctx, j, nil, nil)
	}
	start := time.Now()
	result, err := x.Lint(ctx, x.root, files, buffers)
	j.took = time.Since(start)
	return x.done(ctx, j, result, err)
}

// next takes what is due.
func (x *session) next(cancel context.CancelFunc) (j *job, files []string, buffers map[string][]byte) {
	x.mu.Lock()
	defer x.mu.Unlock()
	j = &job{files: x.dirty, cancel: cancel}
	x.dirty, x.current = map[string]bool{}, j
	buffers = map[string][]byte{}
	for path, d := range x.docs {
		buffers[path] = []byte(d.text)
	}
	return j, slices.Sorted(maps.Keys(j.files)), buffers
}

// display is how reports call a file.
func (x *session) display(path string) string {
	wd := x.Resolve(".")
	rel, err := filepath.Rel(wd, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// called is how people call a file of a report: by its path in the directory that the
// editor works in.
func (x *session) called(file string) string {
	if x.root == "" || file == "" {
		return file
	}
	rel, err := filepath.Rel(x.Resolve(x.root), x.Resolve(filepath.FromSlash(file)))
	if err != nil || !filepath.IsLocal(rel) {
		return file
	}
	return filepath.ToSlash(rel)
}

// done takes what a run came to, unless it is outdated.
func (x *session) done(ctx context.Context, j *job, result *Result, err error) []notification {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.current = nil
	for _, path := range j.missed { // it may have read what changed meanwhile
		if !j.outdated && result != nil && result.Reads(x.display(path)) {
			x.current = j
			x.cancel()
			x.current = nil
			x.schedule(0)
		}
	}
	switch {
	case j.outdated || ctx.Err() != nil:
		return nil // what is due has its own wake to come
	case err != nil:
		return x.say(err.Error())
	}
	x.took = j.took
	for path := range j.files {
		if d := x.docs[path]; d != nil {
			d.result = result
		}
	}
	return x.publish()
}

// say shows a message, once.
func (x *session) say(message string) []notification {
	if x.said[message] {
		return nil
	}
	x.said[message] = true
	return []notification{{"window/showMessage", messageParams{messageError, "kubevet: " + message}}}
}
