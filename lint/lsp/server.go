// Package lsp serves editors: it speaks the Language Server Protocol, and
// publishes the findings in what the open files belong to, as the editor has
// them, saved or not.
package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"go.lsp.dev/jsonrpc2"

	"github.com/kubevet/kubevet/lint"
)

// Server is a language server. All fields are required.
type Server struct {
	// Lint lints what some files belong to. Root is the directory that the editor works
	// in, or empty if it named none. Buffers are the texts of all open files. Paths are
	// absolute.
	Lint func(ctx context.Context, root string, files []string, buffers map[string][]byte) (*Result, error)
	// Explain is the documentation of a rule as Markdown. It is empty if it has none.
	Explain func(ruleID string) string
	// HelpURI is the web page of a rule.
	HelpURI func(ruleID string) string
	// Resolve makes a path absolute and free of links, also if there is no file.
	Resolve func(path string) string
	// IsConfig reports whether a file is a configuration, on which everything depends.
	IsConfig func(path string) bool
	// Version is that of the program.
	Version string
}

// Result is what linting came to.
type Result struct {
	Report *lint.Report
	// Reads reports whether a file, as the report calls it, went into it.
	Reads func(file string) bool
	// Read reads a file that the report names.
	Read func(file string) ([]byte, error)
}

// Serve answers the editor until it is done. It reports whether the editor
// ended the session as the protocol requires: by shutdown, then exit.
func (s Server) Serve(ctx context.Context, in io.Reader, out io.Writer) bool {
	ctx, cancel := context.WithCancel(ctx)
	x := &session{
		Server: s, encoding: utf16Units, exited: make(chan struct{}), wake: make(chan struct{}, 1),
		docs: map[string]*document{}, dirty: map[string]bool{}, published: map[string]string{}, shown: map[string]*shown{}, said: map[string]bool{},
	}
	x.conn = jsonrpc2.NewConn(lenient{jsonrpc2.NewStream(pipe{in, out})}, jsonrpc2.WithCodec(codec{}))
	x.conn.Go(ctx, x.handle)
	var worker sync.WaitGroup
	worker.Go(func() { x.work(ctx) })
	select {
	case <-x.exited:
	case <-x.conn.Done():
	}
	cancel()
	worker.Wait()
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state == exiting
}

// pipe is the connection with the editor. Closing it is the program's end.
type pipe struct {
	io.Reader
	io.Writer
}

func (pipe) Close() error { return nil }

// lenient is a stream on which a message that makes no sense is answered with
// an error. Without it, the first one ends the connection.
type lenient struct{ jsonrpc2.Stream }

func (l lenient) Read(ctx context.Context) (jsonrpc2.Message, int64, error) {
	for {
		m, n, err := l.Stream.Read(ctx)
		wrong, ok := errors.AsType[*jsonrpc2.Error](err)
		if !ok {
			return m, n, err
		}
		if _, err := l.Write(ctx, jsonrpc2.NewResponse(jsonrpc2.ID{}, nil, wrong)); err != nil {
			return nil, 0, err
		}
	}
}

// state is the state of a session.
type state int

const (
	fresh    state = iota // initialize has not come
	running               // it has
	stopping              // shutdown has come
	exiting               // exit has come after it
)

// session is the service of one editor.
type session struct {
	Server
	conn   jsonrpc2.Conn
	exited chan struct{}
	wake   chan struct{} // something may be due

	mu       sync.Mutex
	state    state
	encoding encoding
	root     string // the directory that the editor works in; empty if it named none
	// versioned edits, and watched files, are what the editor can do; openOnly is
	// set if it wants to hear of no file that is not open.
	versioned, watches, openOnly bool
	docs                         map[string]*document // by path
	dirty                        map[string]bool      // paths of files to lint
	timer                        *time.Timer
	current                      *job
	took                         time.Duration     // by the last run
	published                    map[string]string // the diagnostics of each file, by URI
	shown                        map[string]*shown // the same, by path
	tried                        map[string]bool   // whether edits fix what is shown, by file, rule and changed text
	said                         map[string]bool   // messages
}

// document is an open file.
type document struct {
	uri     string
	version int
	text    string
	result  *Result // nil if it is not linted yet
}

// copy is the document as it is now. It is zero if the file is not open.
func (d *document) copy() document {
	if d == nil {
		return document{}
	}
	return *d
}

// handle answers a message. A notification never fails: that would end the
// connection.
func (x *session) handle(ctx context.Context, req *jsonrpc2.Request) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			x.log(ctx, fmt.Sprintf("%s failed; this is a defect of kubevet, please report it: %v\n%s", req.Method(), p, debug.Stack()))
			err = jsonrpc2.Errorf(jsonrpc2.InternalError, "%s failed: %v", req.Method(), p)
		}
		if !req.IsCall() {
			err = nil
		}
	}()
	x.mu.Lock()
	defer x.mu.Unlock()
	switch req.Method() {
	case "exit":
		x.exit()
		return nil, nil
	case "initialize":
		return x.initialize(req.Params())
	}
	switch x.state {
	case fresh:
		return nil, jsonrpc2.NewError(jsonrpc2.ServerNotInitialized, "initialize comes first")
	case stopping, exiting:
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "the server was shut down")
	case running:
	}
	switch req.Method() {
	case "shutdown":
		x.state = stopping
		x.cancel()
		clear(x.dirty)
		return nil, nil
	case "initialized":
		x.watch(ctx)
		return nil, nil
	case "textDocument/didOpen":
		return nil, with(req, x.didOpen)
	case "textDocument/didChange":
		return nil, with(req, x.didChange)
	case "textDocument/didSave":
		return nil, with(req, x.didSave)
	case "textDocument/didClose":
		return nil, with(req, x.didClose)
	case "workspace/didChangeWatchedFiles":
		return nil, with(req, x.didChangeWatchedFiles)
	case "textDocument/hover":
		return answer(req, x.hover)
	case "textDocument/codeAction":
		return answer(req, func(p codeActionParams) ([]codeAction, error) { return x.codeActions(ctx, p) })
	}
	return nil, jsonrpc2.Errorf(jsonrpc2.MethodNotFound, "kubevet does not know %s", req.Method())
}

// with takes a notification.
func with[P any](req *jsonrpc2.Request, take func(P)) error {
	_, err := answer(req, func(p P) (any, error) {
		take(p)
		return nil, nil
	})
	return err
}

// answer answers a request.
func answer[P any, R any](req *jsonrpc2.Request, give func(P) (R, error)) (any, error) {
	var p P
	if err := json.Unmarshal(req.Params(), &p); err != nil {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "%s: %v", req.Method(), err)
	}
	return give(p)
}

func (x *session) exit() {
	if x.state == stopping {
		x.state = exiting
	}
	select {
	case <-x.exited:
	default:
		close(x.exited)
	}
}

func (x *session) initialize(params []byte) (any, error) {
	if x.state != fresh {
		return nil, jsonrpc2.NewError(jsonrpc2.InvalidRequest, "initialize has come before")
	}
	var p initializeParams
	if err := json.Unmarshal(params, &p); err != nil {
		return nil, jsonrpc2.Errorf(jsonrpc2.InvalidParams, "initialize: %v", err)
	}
	root := p.RootURI
	if len(p.WorkspaceFolders) > 0 {
		root = p.WorkspaceFolders[0].URI
	}
	if dir, ok := pathOf(root); ok {
		x.root = dir
	}
	x.state = running
	x.openOnly = p.InitializationOptions.OpenFilesOnly
	x.encoding = negotiate(p.Capabilities.General.PositionEncodings)
	x.versioned = p.Capabilities.Workspace.WorkspaceEdit.DocumentChanges
	x.watches = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	return initializeResult{
		Capabilities: serverCapabilities{
			PositionEncoding:   string(x.encoding),
			TextDocumentSync:   textDocumentSyncOptions{OpenClose: true, Change: syncIncremental, Save: true},
			HoverProvider:      true,
			CodeActionProvider: codeActionOptions{CodeActionKinds: []string{quickFix}},
		},
		ServerInfo: serverInfo{Name: "kubevet", Version: x.Version},
	}, nil
}

// watch asks the editor for notifications of files that change on disk.
func (x *session) watch(ctx context.Context) {
	if !x.watches {
		return
	}
	ctx = jsonrpc2.DetachContext(ctx)
	go func() { // the answer comes through the loop that waits for this method to end
		_, err := x.conn.Call(ctx, "client/registerCapability", registrationParams{[]registration{{
			ID: "files", Method: "workspace/didChangeWatchedFiles",
			RegisterOptions: watchOptions{[]watcher{{"**/*.{yaml,yml,json,tpl,txt,tgz}"}, {"**/{.helmignore,.gitignore}"}}},
		}}}, nil)
		if err != nil && ctx.Err() == nil {
			x.log(ctx, "files that change outside of the editor are not seen: "+err.Error())
		}
	}()
}

// log writes to the editor's log.
func (x *session) log(ctx context.Context, message string) {
	// Without the editor there is no other place for the message.
	_ = x.conn.Notify(ctx, "window/logMessage", messageParams{messageError, message})
}
