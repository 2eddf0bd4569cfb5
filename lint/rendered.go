package lint

// Rendered is what one rendering of an input came to.
type Rendered struct {
	// Unit holds the objects. Nil: nothing could be rendered; Problems say why.
	Unit *Unit
	// Texts are the rendered files, for people to read.
	Texts []RenderedText
	// Sources are the files that a person of the project can edit and that went
	// into the unit: manifests; templates, helpers and values files of the
	// project's own charts; kustomizations, bases and patches. Comments in them
	// may ignore findings.
	Sources []SourceText
	// Problems are what could not be read, rendered or placed.
	Problems []Problem
	// Notes are facts worth telling that need no action.
	Notes []Problem
}

// RenderedText is one rendered file.
type RenderedText struct {
	// Name is the file that the text was rendered from: a template, a kustomization.
	Name string
	Text string
	// Origin tells where a line of the text, counted from 1, came from. The
	// zero Origin: not known.
	Origin func(line int) Origin
}
