// Package helm renders Helm charts offline, and knows for each line of the
// output in which template, and by which values key, it can be edited.
//
// How a line is traced:
//
//  1. Load reads a chart's files through a tree that reading cannot leave, and
//     completes it with charts that it refers to by file://.
//  2. Render makes the values of one Scenario as Helm does, and gives every
//     string and number in them an address of its own (identity.go): wherever
//     a template passes a value on, its address still tells the key.
//  3. The templates are parsed by text/template itself, once for all scenarios
//     (compile.go). Trace nodes are put into the parse trees: mostly marks, which
//     print nothing (instrument.go); the text stays the same to the byte.
//  4. While a template runs, the writer that it prints to notes which node wrote
//     which bytes (frame.go), and functions that make strings of strings note what they
//     were given (derive.go, structure.go).
//  5. Only when a rule asks for the place of a value are these notes put
//     together: the text of the file is split into pieces (piece.go), each with
//     the template node that wrote it; locate.go picks the one to edit, and
//     keys.go finds the values file and line that supplied it.
//
// What no scenario reached is told too: which blocks, and what keeps them shut
// (reach.go, coverage.go, branches.go). Explore makes scenarios that open them,
// and shut.go lists the objects that a switch among the values keeps out.
package helm
