package lint

import "slices"

// SeenFrom keeps the findings that stand in a file, and moves there those that
// stand elsewhere but whose trail leads to it: the values key that supplied a
// value, the patch or the base of an object, the line that includes a helper.
// Where the finding stood becomes a related place. The rendered output is no
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
	return slices.DeleteFunc(findings, func(f *Finding) bool {
		if in(f.Origin.File) {
			return false
		}
		s, ok := f.StepIn(in)
		if !ok {
			return true
		}
		f.Related = append([]RelatedPlace{{Position: f.Origin.Position, Label: "where it shows"}}, f.Related...)
		f.Origin.Position, f.Origin.Text, f.Origin.Precision = s.Position, line(s.Position.Line), PrecisionBlock
		if s.Kind == StepValues {
			f.Origin.Precision = PrecisionExact
		}
		if secrets[s.Position.Line] {
			f.Origin.mask()
		}
		return false
	})
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
