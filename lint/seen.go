package lint

// SeenFrom gives the findings that are in a file, and copies, moved there, of those
// that are in other files but whose trail leads to it: the values key that supplied
// a value, the patch or the base of an object, the line that includes a helper.
// The place that a copy was at becomes a related place. The rendered output is no
// place to move to. The function line gives the file's lines, counted from 1.
func SeenFrom(findings []*Finding, in func(file string) bool, line func(n int) string) []*Finding {
	secrets := map[int]bool{} // lines that may hold some
	for _, f := range findings {
		for _, s := range f.Origin.Trail {
			if f.Secret && in(s.Position.File) {
				secrets[s.Position.Line] = true
			}
		}
	}
	var out []*Finding
	for _, f := range findings {
		if in(f.Origin.File) {
			out = append(out, f)
			continue
		}
		s, ok := f.StepIn(in)
		if !ok {
			continue
		}
		g := *f
		g.Gap, g.Want = Gap{}, ""
		g.Related = append([]RelatedPlace{{Position: f.Origin.Position, Label: "where it shows"}}, f.Related...)
		g.Origin.Position, g.Origin.Text, g.Origin.Precision = s.Position, line(s.Position.Line), PrecisionBlock
		if s.Kind == StepValues {
			g.Origin.Precision = PrecisionExact
		}
		if secrets[s.Position.Line] {
			g.Origin.mask()
		}
		out = append(out, &g)
	}
	return out
}

// StepIn is the first step of the finding's trail that stands in a file.
func (f *Finding) StepIn(in func(file string) bool) (Step, bool) {
	for _, s := range f.Origin.Trail {
		if s.Kind != StepRendered && s.Position.File != "" && in(s.Position.File) {
			return s, true
		}
	}
	return Step{}, false
}
