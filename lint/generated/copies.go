package generated

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/store"
)

// Copies are findings in files that Helm rendered from charts of the input, that were built from its kustomizations, or that are copies
// of other files, or generated from them. Where the chart, the kustomization or the other file itself has the finding, they are one
// defect with one place to edit.
type Copies struct {
	// originals are the findings of charts by what their copies have in common with them: nil until
	// they are found.
	originals map[likeness]*lint.Finding
	// releases are those of other releases of the charts.
	releases releases
	// overlays are those of kustomizations.
	overlays overlays
	// charts are those of charts.
	charts chartCopies
}

// likeness is what a copy has in common with its original: the message, or the object, where another release makes
// another message. Other values may have made another finding.
type likeness struct {
	rule, template, container, field, message, kind, name string
	// only is the only copy, if the values are those with which a command renders that file. It is empty for the values of the chart.
	only string
}

// storedIn is the file to which a command renders a chart with the values with which the chart has a finding: the scenario has its name. It is empty
// for other values.
func storedIn(f *lint.Finding) string {
	if len(f.Occurrences) == 0 {
		return ""
	}
	file, _, ok := strings.Cut(f.Occurrences[0].Scenario, " of ") // by which command
	if ext := path.Ext(file); ok && (ext == ".yaml" || ext == ".yml" || ext == ".json") {
		return file
	}
	return ""
}

func likenessesOf(f *lint.Finding, template string) (l [2]likeness) {
	l[0] = likeness{rule: f.Rule.ID, template: template, container: f.Container, field: fieldOf(f), message: f.Message}
	if path.Base(template) == chartFile { // any template of it: others may have the same message
		l[0].kind, l[0].name = f.Object.Kind, f.Object.Name
	}
	l[1] = l[0]
	l[1].message, l[1].kind, l[1].name = "", f.Object.Kind, f.Object.Name
	return l
}

// fieldOf is the path of a field, without the container: where it is missing, the chart may have it in the values for the pod, while the
// copy only has the container.
func fieldOf(f *lint.Finding) string {
	path := f.StablePath()
	if f.Container == "" {
		return path
	}
	for _, list := range []string{"containers[", "initContainers[", "ephemeralContainers["} {
		before, after, ok := strings.Cut(path, "."+list+f.Container+"].")
		if ok {
			return before + "." + after
		}
	}
	return path
}

func isCopy(f *lint.Finding) bool { return len(f.MadeFrom) > 0 && f.Ignored == nil }

// Look notes which of the findings are copies.
func (c *Copies) Look(findings []*lint.Finding) {
	for _, f := range findings {
		if isCopyOfChart(f) {
			c.charts.look(f)
		}
		if !isCopy(f) {
			continue
		}
		if c.originals == nil {
			c.originals = map[likeness]*lint.Finding{}
		}
		if isBuilt(f) {
			c.overlays.look(f)
			continue
		}
		for _, from := range f.MadeFrom {
			for _, like := range likenessesOf(f, from) {
				c.originals[like] = nil
				like.only = f.Origin.File
				c.originals[like] = nil
			}
		}
		c.releases.look(f)
	}
}

// Join gives the copies the place and the fix of their originals. Look must have seen all findings.
func (c *Copies) Join(findings *store.Store) error {
	if c.originals == nil && c.charts == nil {
		return nil
	}
	if err := findings.Map(c.find); err != nil {
		return err
	}
	if c.overlays.wanted != nil {
		if err := findings.Map(c.overlays.compareNames); err != nil {
			return err
		}
	}
	if c.releases.wanted != nil {
		if err := findings.Map(c.compareCopies); err != nil {
			return err
		}
	}
	return findings.Map(c.move)
}

func (c *Copies) find(findings []*lint.Finding) []*lint.Finding {
	for _, f := range findings {
		if len(f.MadeFrom) > 0 || f.Ignored != nil {
			continue
		}
		if c.charts.add(f); f.CopyOf != "" {
			continue
		}
		c.overlays.add(f)
		c.add(f, f.Origin.File)
		for _, s := range f.Origin.Trail {
			if s.Kind == lint.StepRendered {
				c.add(f, s.Position.File)
			}
		}
	}
	return findings
}

// add notes a finding as the original of its copies in what is made from a file.
func (c *Copies) add(f *lint.Finding, file string) {
	c.addAs(f, file)
	if chart, _, ok := strings.Cut(file, "/templates/"); ok {
		c.addAs(f, chart+"/"+chartFile)
	}
}

func (c *Copies) addAs(f *lint.Finding, source string) {
	stored := storedIn(f)
	for _, like := range likenessesOf(f, source) {
		like.only = stored
		if known, isWanted := c.originals[like]; isWanted && known == nil && (like.message != "" || !hasKey(f)) {
			c.originals[like] = f
		}
	}
	if stored == "" {
		c.releases.add(f, source)
	}
}

// hasKey reports whether values of a chart have a part in a finding.
func hasKey(f *lint.Finding) bool {
	return slices.ContainsFunc(f.Origin.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues || s.Kind == lint.StepDecides })
}

// isRendered reports whether a finding is in what Helm makes of a template.
func isRendered(f *lint.Finding, template string) bool {
	return path.Base(template) == chartFile ||
		slices.ContainsFunc(f.Origin.Trail, func(s lint.Step) bool { return s.Kind == lint.StepRendered && s.Position.File == template })
}

func (c *Copies) move(findings []*lint.Finding) []*lint.Finding {
	var l []*lint.Finding
	for _, f := range findings {
		if isCopy(f) {
			if original, label := c.originalOf(f); original != nil {
				f = moved(f, original, label)
			}
		}
		if isCopyOfChart(f) {
			if original := c.charts.originalOf(f); original != nil {
				f = moved(f, original, inCopy)
			}
		}
		l = append(l, f)
	}
	return l
}

// exactOf is the original of a copy in a file with its message, or of its object: with the values of the file, or those of the chart. It is nil if there
// is none.
func (c *Copies) exactOf(l [2]likeness, file string) (original *lint.Finding) {
	for _, like := range l {
		own := like
		own.only = file
		original = cmp.Or(original, c.originals[like], c.originals[own])
	}
	return original
}

// originalOf is the original of a copy, and what the place of the copy is called. It is nil if none was found.
func (c *Copies) originalOf(f *lint.Finding) (original *lint.Finding, label string) {
	if isBuilt(f) {
		return c.overlays.originalOf(f)
	}
	for _, from := range f.MadeFrom {
		original = cmp.Or(original, c.exactOf(likenessesOf(f, from), f.Origin.File))
	}
	original = cmp.Or(original, c.releases.originalOf(f))
	if isTaken(f) {
		return original, inDependency
	}
	if original == nil {
		if original = c.releases.firstOf(f); original != nil {
			return original, inRendered
		}
	}
	if original != nil && isRendered(original, f.MadeFrom[0]) {
		return original, inRendered
	}
	return original, inCopy
}

const (
	inRendered = "the same in a file that Helm rendered"
	inCopy     = "the same in a copy"
)

// moved is a copy with the place and the fix of its original.
func moved(f, original *lint.Finding, label string) *lint.Finding {
	m := *f
	place := lint.RelatedPlace{Position: f.Origin.Position, Label: label}
	m.Origin, m.Fix, m.Related = original.Origin, original.Fix, slices.Concat(original.Related, []lint.RelatedPlace{place})
	m.ObjectAt, m.ValueAt, m.Subchart = original.ObjectAt, original.ValueAt, original.Subchart
	m.Message = original.Message
	m.Object = original.Object // which counts once, whatever its release and namespace are
	m.Occurrences = slices.Clone(f.Occurrences)
	for i := range m.Occurrences {
		m.Occurrences[i].Object = original.Object
	}
	if isBuilt(f) { // the field may have another path there, and the name of the object, by which it is known, may be another
		m.Subject, m.Path, m.Fingerprint = original.Subject, original.Path, original.Fingerprint
		for i := range m.Occurrences {
			m.Occurrences[i].Path, m.Occurrences[i].Fingerprint = original.Path, original.Fingerprint
		}
	}
	return &m
}
