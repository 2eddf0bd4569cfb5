package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/baseline"
	"github.com/kubevet/kubevet/render"
)

func (p *program) diffCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff BASE [PATH…]",
		Short: "Tell the findings that are new since a Git revision",
		Long: `diff lints the working tree, and the merge base of HEAD and a revision of the local
repository: a branch, a tag, a hash, also with ~N and ^. Findings that the merge base
has too are unchanged: they are counted, and -v lists them. The exit code is by the
new ones.`,
		Example: `  kubevet diff origin/main
  kubevet diff HEAD charts/web -v`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("diff needs a revision to compare with: kubevet diff origin/main")
			}
			return nil
		},
		RunE: p.apart(p.diff),
	}
	p.reportFlags(cmd)
	p.checkFlags(cmd)
	return cmd
}

func (p *program) diff(cmd *cobra.Command, args []string) error {
	if _, err := p.outputFiles(); err != nil { // told before the work, not after
		return err
	}
	if _, err := p.colored(); err != nil {
		return err
	}
	revision, args := args[0], args[1:]
	if len(args) == 0 {
		args = []string{"."}
	}
	base, err := openBase(revision)
	if err != nil {
		return err
	}
	old, err := p.lintBase(cmd, base, args)
	if err != nil {
		return fmt.Errorf("linting the merge base with %s: %w", revision, err)
	}
	if old.summary.Interrupted {
		return errors.New("interrupted while linting the merge base: nothing was compared")
	}
	all, err := p.lintAll(cmd, args)
	if err != nil {
		return err
	}
	all.notes = append(all.notes, compare(old, all, base.name))
	r := lint.NewReport(all.findings, all.problems, all.notes, all.summary)
	p.exit = all.exitCode(r)
	return p.write(r)
}

// lintAll runs the checks of arguments.
func (p *program) lintAll(cmd *cobra.Command, args []string) (*found, error) {
	checks, problems, err := p.checks(cmd, args)
	if err != nil {
		return nil, err
	}
	all := &found{problems: problems}
	for _, c := range checks {
		f, err := c.run(cmd.Context(), p)
		if err != nil {
			return nil, err
		}
		all.add(f)
	}
	return all, nil
}

// lintBase writes the base to a temporary directory and lints it from the
// directory there that is the working directory here: names stay the same.
func (p *program) lintBase(cmd *cobra.Command, base *base, args []string) (all *found, err error) {
	dir, err := os.MkdirTemp("", "kubevet-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := base.write(dir); err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	old := *p
	if old.render.Values, err = absolute(old.render.Values); err != nil {
		return nil, err
	}
	there := filepath.Join(dir, filepath.FromSlash(render.RepositoryPrefix()))
	if err := os.Chdir(there); errors.Is(err, fs.ErrNotExist) {
		return &found{}, nil // all of it is new
	} else if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.Chdir(here)) }()
	for i, name := range old.render.Values {
		if rel, err := filepath.Rel(here, name); err == nil && isFile(rel) {
			old.render.Values[i] = rel
		}
	}
	if old.configFile != "" && !isFile(old.configFile) {
		old.configFile = ""
	}
	var present []string
	for _, a := range args {
		if rel, err := filepath.Rel(here, a); filepath.IsAbs(a) && err == nil {
			a = rel
		}
		if _, err := os.Stat(a); err == nil {
			present = append(present, a)
		}
	}
	if len(present) == 0 {
		return &found{}, nil
	}
	return old.lintAll(cmd, present)
}

func absolute(names []string) ([]string, error) {
	l := make([]string, len(names))
	for i, name := range names {
		var err error
		if l[i], err = filepath.Abs(name); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

// compare marks the findings that the base has too, and tells what changed.
func compare(old, all *found, name string) lint.Problem {
	opts := baseline.Options{File: name, Prefix: render.RepositoryPrefix(), Ran: all.ran, Incomplete: len(all.problems) > 0}
	fresh, known, fixed := baseline.New(old.findings, opts).Apply(all.findings, opts)
	for _, f := range known {
		f.Ignored.Reason = "unchanged"
	}
	var detail strings.Builder
	gone := 0
	for _, e := range fixed {
		gone += e.Count
		fmt.Fprintf(&detail, "fixed: %s: %s in %s %s\n", cmp.Or(e.File, "unknown place"), e.Rule, e.Object, e.Path)
	}
	same := mergedFindings(known)
	for _, f := range same {
		fmt.Fprintf(&detail, "unchanged: %s: %s [%s]\n", f.Origin.String(), f.Message, f.Rule.ID)
	}
	mended := fmt.Sprintf("%d fixed", gone)
	if len(all.problems) > 0 {
		mended = "an unknown number fixed"
	}
	note := lint.Problem{
		Message: fmt.Sprintf("since %s: %d new, %s, %d unchanged", name, len(mergedFindings(fresh)), mended, len(same)),
		Detail:  detail.String(),
	}
	if len(all.problems) > 0 {
		note.Message += "; not all of it could be checked now, and what is fixed is not known"
	}
	if n := len(old.problems); n > 0 {
		note.Message += "; not all of it could be checked then, and some that is told as new may be old"
		for _, p := range old.problems {
			note.Detail += "then: " + p.Error() + "\n"
		}
	}
	return note
}

// mergedFindings are findings as a report has them, what ignores them aside.
func mergedFindings(l []*lint.Finding) []*lint.Finding {
	return lint.NewReport(unmarked(l), nil, nil, lint.Summary{}).Findings
}

// unmarked are copies that nothing ignores, to be merged and counted.
func unmarked(l []*lint.Finding) []*lint.Finding {
	out := make([]*lint.Finding, len(l))
	for i, f := range l {
		g := *f
		g.Ignored, g.Occurrences = nil, slices.Clone(f.Occurrences)
		out[i] = &g
	}
	return out
}

// base is what a working tree is compared with.
type base struct {
	name       string // as reports call it
	root       string // of the working tree
	tree, head *object.Tree
}

// openBase finds the merge base of a revision and HEAD in the repository of the
// working directory.
func openBase(revision string) (*base, error) {
	root, gitDir, err := findGit()
	if err != nil {
		return nil, &usageError{err}
	}
	store := filesystem.NewStorage(repositoryFiles(gitDir), cache.NewObjectLRUDefault())
	defer store.Close() //nolint:errcheck // read only: nothing can be lost
	repo := repository{store}
	theirs, err := repo.commit(revision)
	if err != nil {
		return nil, usagef("revision %q: %w", revision, err)
	}
	ours, err := repo.commit("HEAD")
	if err != nil {
		return nil, usagef("HEAD: %w", err)
	}
	bases, err := ours.MergeBase(theirs)
	if err != nil || len(bases) == 0 {
		return nil, usagef("%s and HEAD have no common commit here; fetch more of the history (fetch-depth: 0)", revision)
	}
	slices.SortFunc(bases, func(a, b *object.Commit) int { return cmp.Compare(a.Hash.String(), b.Hash.String()) })
	b := &base{name: revision + " (" + bases[0].Hash.String()[:10] + ")", root: root}
	if b.tree, err = bases[0].Tree(); err != nil {
		return nil, fmt.Errorf("reading %s: %w", b.name, err)
	}
	if b.head, err = ours.Tree(); err != nil {
		return nil, fmt.Errorf("reading HEAD: %w", err)
	}
	return b, nil
}

// findGit finds the working tree that holds the working directory, and its Git
// directory.
func findGit() (root, gitDir string, err error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", "", err
	}
	for {
		name := filepath.Join(dir, ".git")
		if info, err := os.Stat(name); err == nil {
			if info.IsDir() {
				return dir, name, nil
			}
			text, err := os.ReadFile(name) // of a linked working tree or a submodule
			at, ok := strings.CutPrefix(strings.TrimSpace(string(text)), "gitdir: ")
			if err != nil || !ok {
				return "", "", errors.New(".git is neither a directory nor names one")
			}
			if !filepath.IsAbs(at) {
				at = filepath.Join(dir, at)
			}
			return dir, at, nil
		}
		if dir == filepath.Dir(dir) {
			return "", "", errors.New("the working directory is in no Git repository")
		}
		dir = filepath.Dir(dir)
	}
}

// repositoryFiles is a Git directory; that of a linked working tree has most of
// its files in the common one.
func repositoryFiles(gitDir string) *dotgit.RepositoryFilesystem {
	own := osfs.New(gitDir)
	text, err := os.ReadFile(filepath.Join(gitDir, "commondir"))
	if err != nil {
		return dotgit.NewRepositoryFilesystem(own, nil)
	}
	common := strings.TrimSpace(string(text))
	if !filepath.IsAbs(common) {
		common = filepath.Join(gitDir, common)
	}
	return dotgit.NewRepositoryFilesystem(own, osfs.New(common))
}

// repository reads commits.
type repository struct{ *filesystem.Storage }

// commit is that of a revision: a name or hash, with ~N, ^ and ^N after it.
func (r repository) commit(revision string) (*object.Commit, error) {
	name, steps := revision, ""
	if i := strings.IndexAny(revision, "~^"); i >= 0 {
		name, steps = revision[:i], revision[i:]
	}
	hash, ok := r.hash(name)
	if !ok {
		return nil, errors.New("no branch, tag or commit of the local repository is called that")
	}
	c, err := r.peeled(hash)
	for err == nil && steps != "" {
		kind := steps[0]
		digits := len(steps) - 1 - len(strings.TrimLeft(steps[1:], "0123456789"))
		n := 1
		if digits > 0 {
			if n, err = strconv.Atoi(steps[1 : 1+digits]); err != nil {
				return nil, err
			}
		}
		steps = steps[1+digits:]
		switch {
		case kind == '~':
			for ; n > 0 && err == nil; n-- {
				c, err = c.Parent(0)
			}
		case kind == '^' && n > 0:
			c, err = c.Parent(n - 1)
		case kind != '^':
			return nil, errors.New("only ~N, ^ and ^N may follow a name")
		}
	}
	return c, err
}

// hash is what a name stands for, in Git's order.
func (r repository) hash(name string) (plumbing.Hash, bool) {
	for _, rule := range plumbing.RefRevParseRules {
		ref, err := r.Reference(plumbing.ReferenceName(fmt.Sprintf(rule, name)))
		for depth := 0; err == nil && ref.Type() == plumbing.SymbolicReference && depth < 8; depth++ {
			ref, err = r.Reference(ref.Target())
		}
		if err == nil && ref.Type() == plumbing.HashReference {
			return ref.Hash(), true
		}
	}
	if plumbing.IsHash(name) {
		return plumbing.NewHash(name), true
	}
	if len(name) < 4 || strings.Trim(name, "0123456789abcdef") != "" {
		return plumbing.ZeroHash, false
	}
	return r.abbreviated(name)
}

// abbreviated is the one commit whose hash starts so.
func (r repository) abbreviated(prefix string) (found plumbing.Hash, ok bool) {
	commits, err := r.IterEncodedObjects(plumbing.CommitObject)
	if err != nil {
		return found, false
	}
	n := 0
	_ = commits.ForEach(func(o plumbing.EncodedObject) error { // what cannot be read is not found
		if strings.HasPrefix(o.Hash().String(), prefix) && o.Hash() != found {
			found = o.Hash()
			n++
		}
		return nil
	})
	return found, n == 1
}

// peeled is a commit, or the one that a tag is of.
func (r repository) peeled(hash plumbing.Hash) (*object.Commit, error) {
	if tag, err := object.GetTag(r, hash); err == nil {
		return tag.Commit()
	}
	return object.GetCommit(r, hash)
}

// maxBaseFile bounds the files of the base: larger ones cannot be part of an
// object, and Helm refuses them.
const maxBaseFile = 5 << 20

// write writes the base to an empty directory. What the repository does not
// hold is taken from the working tree: submodules, and dependencies of charts
// that are not checked in.
func (b *base) write(dir string) error {
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o755); err != nil { // the root, for relative names
		return err
	}
	// The origin tells which sources of GitOps objects are of the repository.
	if config, err := os.ReadFile(filepath.Join(b.root, ".git", "config")); err == nil {
		if err := os.WriteFile(filepath.Join(dir, ".git", "config"), config, 0o600); err != nil {
			return err
		}
	}
	walker := object.NewTreeWalker(b.tree, true, nil)
	defer walker.Close()
	for {
		name, entry, err := walker.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading %s: %w", b.name, err)
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			continue
		}
		to := filepath.Join(dir, filepath.FromSlash(name))
		switch entry.Mode {
		case filemode.Dir:
			err = os.MkdirAll(to, 0o755)
		case filemode.Submodule:
			b.copy(name, dir)
		default:
			err = b.writeFile(name, entry.Mode, to)
			if path.Base(name) == "Chart.yaml" {
				b.copyCharts(path.Join(path.Dir(name), "charts"), dir)
			}
		}
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
}

func (b *base) writeFile(name string, mode filemode.FileMode, to string) error {
	f, err := b.tree.File(name)
	if err != nil || f.Size > maxBaseFile {
		return err
	}
	text, err := f.Contents()
	if err != nil {
		return err
	}
	if mode == filemode.Symlink {
		return os.Symlink(text, to)
	}
	return os.WriteFile(to, []byte(text), 0o644)
}

// copyCharts copies the dependencies of a chart, unless they are checked in.
func (b *base) copyCharts(name, dir string) {
	for _, t := range []*object.Tree{b.tree, b.head} {
		if _, err := t.FindEntry(name); err == nil {
			return
		}
	}
	b.copy(name, dir)
}

// copy copies a directory of the working tree. What cannot be copied is
// missing, which linting tells.
func (b *base) copy(name, dir string) {
	from, to := filepath.Join(b.root, filepath.FromSlash(name)), filepath.Join(dir, filepath.FromSlash(name))
	if info, err := os.Stat(from); err == nil && info.IsDir() {
		_ = os.CopyFS(to, os.DirFS(from)) // see above
	}
}
