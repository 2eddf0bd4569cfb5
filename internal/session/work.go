package session

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/cluster/netmap"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/lint/store"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/printer"
	"github.com/kubevet/kubevet/render/tree"
	"github.com/kubevet/kubevet/rules"
)

// mode is what is made of units.
type mode string

const (
	modeLint mode = "lint"
	// modeChecklist lints, and looks for the subjects of the checklist.
	modeChecklist mode = "checklist"
	modeRender    mode = "render"
	modeLines     mode = "lines"
	modeCoverage  mode = "coverage"
	modeNetwork   mode = "network"
	modeRights    mode = "rights"
	modeSuggest   mode = "suggest" // modeNetwork with suggestions
)

// job is what a child process is to do: a group, from plan to check.
type job struct {
	Options Options           `json:"options"`
	Mode    mode              `json:"mode"`
	Config  string            `json:"config"`
	Paths   []string          `json:"paths"`
	Changed []string          `json:"changed"`
	Narrow  bool              `json:"narrow"` // Changed is set
	Only    bool              `json:"only"`   // there is no other group
	Prefix  string            `json:"prefix"`
	Buffers map[string][]byte `json:"buffers"`
	Edited  []string          `json:"edited"`
	Edits   bool              `json:"edits"` // fixes have edits
	// Cluster is the access of all units, if they are for one cluster.
	Cluster access.OfCluster `json:"cluster,omitempty"`
	// State is what earlier children came to; Done are the units that they sent.
	State sandbox.State `json:"state"`
	Done  []doneUnit    `json:"done"`
}

// doneUnit is a unit that an earlier child has sent.
type doneUnit struct {
	ID    render.UnitID `json:"id"`
	Reads []string      `json:"reads"`
	// Content is that of render.Part.
	Content string `json:"content"`
	GitOps  bool   `json:"gitOps"`
}

// part is what work sends: what one unit came to, what is of no unit, or how far
// the work is.
type part struct {
	// Usage is the message of a call that cannot be carried out.
	Usage string `json:"usage,omitempty"`
	// Progress is set in messages that say nothing else.
	Progress *render.Progress `json:"progress,omitempty"`
	// Rest is set for what is of no unit; the last one counts.
	Rest *rest `json:"rest,omitempty"`

	ID render.UnitID `json:"id,omitzero"`
	// Findings are those of the unit, or a batch of them: More is set then, nothing
	// else is, and what follows of the unit ends with a part without More. A unit may
	// have more findings than fit into one message.
	Findings []*lint.Finding `json:"-"`
	More     bool            `json:"more,omitempty"`
	// Packed is Findings on the way between processes; see store.Pack.
	Packed   []byte         `json:"packed,omitempty"`
	Problems []lint.Problem `json:"problems,omitempty"`
	Notes    []lint.Problem `json:"notes,omitempty"`
	Summary  lint.Summary   `json:"summary,omitzero"`
	// Comments are those of the unit's files, by file.
	Comments map[string][]ignore.Directive `json:"comments,omitempty"`
	// View is set in the mode of the checklist alone.
	View checklist.View `json:"view,omitzero"`
	// Text is the output of modes that print.
	Text    []byte   `json:"text,omitempty"`
	Reads   []string `json:"reads,omitempty"`
	Content string   `json:"content,omitempty"`
	GitOps  bool     `json:"gitOps,omitempty"`
}

// rest is what is known at the end, besides what is of a unit.
type rest struct {
	// Narrow is set if not everything that was rendered is asked for.
	Narrow bool `json:"narrow,omitempty"`
	// States are those of files with comments, by file, if only some files were
	// asked for.
	States map[string]fileState `json:"states,omitempty"`
	// ReadFiles and ReadDirs are what was read; see render.Plan.ReadNames.
	ReadFiles []string `json:"readFiles,omitempty"`
	ReadDirs  []string `json:"readDirs,omitempty"`
}

// fileState says what a run over changed files knows of a file.
type fileState struct {
	Concerns bool `json:"concerns"`
	Shared   bool `json:"shared"`
}

// work plans, renders and checks a group, and sends what comes of it. Conn is
// that of a child process, nil in the process that the user started. Send is
// called by one goroutine at a time.
func (s *Session) work(ctx context.Context, g *group, j *job, conn *sandbox.Conn, send func(part)) {
	var mu sync.Mutex
	closed := false
	locked := func(p part) {
		mu.Lock()
		defer mu.Unlock()
		if !closed {
			send(p)
		}
	}
	own := *s
	w := &worker{session: &own, group: g, job: j, conn: conn, send: locked, comments: &ignore.Comments{}}
	final, err := w.run(ctx)
	mu.Lock()
	defer mu.Unlock()
	closed = true // what is abandoned does not count
	if err != nil {
		send(part{Usage: err.Error()})
		return
	}
	send(*final)
}

// worker does one job.
type worker struct {
	session  *Session
	group    *group
	job      *job
	conn     *sandbox.Conn
	send     func(part)
	plan     *render.Plan
	checker  *lint.Checker
	comments *ignore.Comments
}

func (w *worker) run(ctx context.Context) (final *part, err error) {
	s, g := w.session, w.group
	s.buffers = w.watched(s.buffers) // the worker's own copy
	if w.conn != nil {
		w.conn.Begin(sandboxUnit(render.Planning), sandbox.Kind{Steady: true})
	}
	var stdin io.Reader = &stdinReader{ctx: ctx, session: s}
	if w.conn != nil {
		stdin = w.conn.Stdin()
	}
	plan, err := s.plan(g, stdin, w.watch())
	if err != nil {
		return nil, err
	}
	w.plan = plan
	if w.conn != nil {
		w.conn.End(sandboxUnit(render.Planning))
	}
	if charts, _ := plan.Names(); len(charts) == 0 && w.job.Only && g.changed == nil && len(s.Values)+len(s.Set) > 0 {
		return nil, errors.New("--set and --values are for charts, and none of the paths holds one")
	}
	selected, err := s.selectRules(g.config)
	if err != nil {
		return nil, err
	}
	settings := g.config.Settings()
	settings.Now = s.Now
	if len(w.job.Cluster) > 0 {
		settings.Cluster = w.job.Cluster
	}
	w.checker = &lint.Checker{
		Rules: selected, Version: g.config.KubeVersion, Profile: g.config.Profile,
		Settings: settings, Jobs: s.Jobs, Edits: w.job.Edits, Prefix: w.job.Prefix, Exempt: rules.Exempt,
	}
	if w.job.Mode == modeRender || w.job.Mode == modeLines {
		plan.Printing()
	}
	plan.OnProgress(func(p render.Progress) { w.send(part{Progress: &p}) })
	final = &part{Notes: g.configNotes(plan)}
	var result *render.Result
	if w.job.Mode == modeCoverage {
		result = plan.StreamCoverage(ctx, w.unit)
	} else {
		result = plan.Stream(ctx, w.unit)
	}
	final.Problems, final.Summary = result.Problems, result.Summary
	final.Notes = append(final.Notes, result.Notes...)
	final.Rest = &rest{Narrow: plan.IsNarrow()}
	if final.Rest.Narrow {
		final.Rest.States = w.states()
	}
	final.Rest.ReadFiles, final.Rest.ReadDirs = plan.ReadNames()
	return final, nil
}

// unit checks or prints a unit and sends it.
func (w *worker) unit(p render.Part) {
	out := part{ID: p.ID, Problems: p.Problems, Notes: p.Notes, Summary: p.Summary, Reads: p.Reads, Content: p.Content, GitOps: p.GitOps}
	switch {
	case w.job.Mode == modeCoverage:
		out.Text = []byte(p.Coverage)
	case p.Unit == nil:
	case w.job.Mode == modeLint || w.job.Mode == modeChecklist:
		w.check(&out, p)
		if w.job.Mode == modeChecklist {
			out.View = checklist.Look(p.Unit, w.checker.Settings)
		}
	case w.job.Mode == modeNetwork || w.job.Mode == modeSuggest:
		out.Text, _ = json.Marshal(netmap.New(p.Unit, w.job.Mode == modeSuggest)) // a Map has JSON
	case w.job.Mode == modeRights:
		out.Text, _ = json.Marshal(access.NewFacts(p.Unit, w.checker.Version)) // Facts have JSON
	default:
		write := printer.Documents
		if w.job.Mode == modeLines {
			write = printer.Lines
		}
		var text bytes.Buffer
		_ = write(&text, p.Rendered) // a buffer takes everything
		out.Text = text.Bytes()
	}
	w.send(out)
}

// check checks a unit. It sends the findings, and adds the rest to the part that ends them.
func (w *worker) check(out *part, p render.Part) {
	w.comments.Add(p.Sources...)
	commented := map[string]bool{}
	for _, s := range p.Sources {
		commented[s.Name] = true
	}
	problems := w.checkerFor(p.ID).Each(p.Unit, func(findings []*lint.Finding) {
		findings = markUnchanged(w.plan, p.Unit, findings)
		generated.Mark(findings, p.Sources, w.plan)
		findings = w.group.config.Adjust(findings) // here, runGroup has nothing to copy
		for _, name := range w.comments.Complete(findings, w.session.readText) {
			commented[name] = true
		}
		w.send(part{ID: p.ID, More: true, Findings: findings})
	})
	problems = slices.DeleteFunc(problems, func(q lint.Problem) bool { return !w.plan.Concerns(p.Unit, q.Position) })
	out.Problems = slices.Concat(out.Problems, problems)
	out.Comments = w.comments.In(commented)
}

// checkerFor is the checker for a unit: it reports to the parent how far it is.
func (w *worker) checkerFor(id render.UnitID) *lint.Checker {
	if w.conn == nil {
		return w.checker
	}
	c := *w.checker
	c.Begin = func(d *lint.Document) {
		switch {
		case d == nil:
			w.conn.Pass(sandboxUnit(id))
		case w.conn.Serial: // a place is asked for by one goroutine at a time
			w.conn.Step(d.Locate(d.Root).File)
		default:
			w.conn.Step("")
		}
	}
	return &c
}

func (s *Session) readText(name string) ([]byte, bool) {
	text, err := s.buffers.ReadFile(name)
	return text, err == nil
}

// states are those of the files with comments, and of the configuration.
func (w *worker) states() map[string]fileState {
	l := map[string]fileState{}
	for _, name := range append(w.comments.Files(), w.group.config.File) {
		l[name] = fileState{Concerns: w.plan.ConcernsFile(name), Shared: w.plan.Shared(name)}
	}
	return l
}

// watched are the buffers, with a watch that reports to the parent what is read and
// refuses the files that cost a process.
func (w *worker) watched(b *tree.Buffers) *tree.Buffers {
	if w.conn == nil {
		return b
	}
	lost := map[string]bool{}
	for _, l := range w.job.State.Losses {
		if l.File != "" && isSteady(l.Unit) {
			lost[l.File] = true
		}
	}
	return b.Watched(&tree.ReadWatch{
		Read: func(file string) {
			w.conn.Step(file)
			if TestHook != nil {
				TestHook(sandbox.Unit{}, file, w.conn)
			}
		},
		Got:    w.conn.Read,
		Refuse: func(file string) bool { return lost[file] },
	})
}

// watch reports units to the parent, and leaves out those that are lost or done.
func (w *worker) watch() *render.Watch {
	if w.conn == nil {
		return nil
	}
	lost := map[sandbox.Unit]sandbox.Loss{}
	for _, l := range w.job.State.Losses {
		if l.File == "" || !isSteady(l.Unit) {
			lost[l.Unit] = l
		}
	}
	done := map[render.UnitID]doneUnit{}
	for _, d := range w.job.Done {
		done[d.ID] = d
	}
	all := w.job.Mode == modeCoverage || w.job.Options.Explore // these need what every scenario reached; every unit needs the repository's files
	return &render.Watch{
		Begin: func(id render.UnitID, within *render.UnitID) render.Verdict {
			if l, ok := lost[sandboxUnit(id)]; ok {
				p := lossProblem(l)
				return render.Verdict{Lost: &p}
			}
			v := render.Verdict{}
			if d, ok := done[id]; ok {
				v = render.Verdict{Done: true, Reads: d.Reads, Content: d.Content, Again: d.GitOps || id.Kind == lint.UnitRepository || all && id.Scenario != ""}
			}
			if !v.Done || v.Again {
				w.begin(id, within)
			}
			return v
		},
		At:  func(id render.UnitID, file string) { w.conn.At(sandboxUnit(id), file) },
		End: func(id render.UnitID) { w.conn.End(sandboxUnit(id)) },
	}
}

// begin reports a unit to the parent that begins.
func (w *worker) begin(id render.UnitID, within *render.UnitID) {
	u := sandboxUnit(id)
	k := sandbox.Kind{Steady: isSteady(u), Single: u.Kind == "manifests" && isFile(u.Input)}
	if within != nil {
		outer := sandboxUnit(*within)
		k.Within = &outer
	}
	w.conn.Begin(u, k)
	if TestHook != nil {
		TestHook(u, id.Name(), w.conn)
	}
}

// TestHook is called with each unit that begins and each file that is read in a
// child process. Only tests set it, which need one that is lost.
var TestHook func(unit sandbox.Unit, name string, conn *sandbox.Conn)

// The kinds of units, as the sandbox has them.
var unitKinds = map[lint.UnitKind]string{
	lint.UnitChart: "chart", lint.UnitOverlay: "overlay", lint.UnitManifests: "manifests", lint.UnitRepository: "files",
}

func sandboxUnit(id render.UnitID) sandbox.Unit {
	if id == render.Planning {
		return sandbox.Unit{Kind: "planning"}
	}
	return sandbox.Unit{Kind: unitKinds[id.Kind], Input: id.Input, Scenario: id.Scenario}
}

// isSteady reports whether a unit goes through many files, each of which can be
// left out.
func isSteady(u sandbox.Unit) bool {
	return u.Kind == "manifests" || u.Kind == "files" || u.Kind == "planning"
}

// lossProblem reports a unit, or a file of it, that was stopped.
func lossProblem(l sandbox.Loss) lint.Problem {
	what := l.Input
	if l.Scenario != "" {
		what += " (" + l.Scenario + ")"
	}
	p := lint.Problem{
		Code:     lint.CodeUnitLost,
		Position: lint.Position{File: l.Input},
		Help:     "look for aliases or merge keys that expand, very deep nesting, or a file that is not meant for Kubernetes; everything else is checked",
	}
	if l.File != "" {
		p.File = l.File
	}
	switch {
	case l.Kind == "chart":
		p.Message = fmt.Sprintf("rendering %s was stopped: %s", what, l.Cause)
		p.Help = "look for a template that includes itself, a value that holds itself, or a loop that does not end; the chart is not checked with these values"
	case l.Kind == "overlay":
		p.Message = fmt.Sprintf("building %s was stopped: %s", what, l.Cause)
		p.Help = "look for aliases, replacements or patterns that expand; what the overlay builds is not checked"
	case l.File != "" && l.Kind == "planning":
		p.Message = "reading the file was stopped: " + l.Cause
	case l.File != "":
		p.Message = "checking the file was stopped: " + l.Cause
	case l.Kind == "planning":
		p.Message = "looking for what to lint was stopped: " + l.Cause
	case l.Kind == "files":
		p.Message = fmt.Sprintf("checking the files of %s that are no manifests was stopped: %s", what, l.Cause)
	default:
		p.Message = fmt.Sprintf("checking the manifests of %s together was stopped: %s", what, l.Cause)
	}
	return p
}

// ServeChild is the life of a child process: it does the job of its parent.
func ServeChild() error {
	return sandbox.Serve(func(ctx context.Context, message json.RawMessage, conn *sandbox.Conn) error {
		var j job
		if err := json.Unmarshal(message, &j); err != nil {
			return fmt.Errorf("reading the job: %w", err)
		}
		s := New(j.Options)
		if len(j.Buffers) > 0 {
			s = s.with(j.Buffers, j.Edited)
		}
		if conn.Serial {
			s.Jobs = 1
		}
		c, broken := s.readConfig(j.Config)
		if len(broken) > 0 { // the parent has read it: it has changed meanwhile
			return errors.New(broken[0].Error())
		}
		if err := s.override(c); err != nil {
			return err
		}
		g := &group{config: c, paths: j.Paths}
		if j.Narrow {
			g.changed = append([]string{}, j.Changed...)
		}
		var failed error
		s.work(ctx, g, &j, conn, func(p part) {
			p.Packed = store.Pack(p.Findings)
			if err := conn.Send(p); err != nil && failed == nil {
				failed = err
			}
		})
		return failed
	})
}
