// Package helm renders Helm charts offline. For each line of the output it knows
// the template and the values key with which the line can be edited.
//
// How a line is traced:
//
//  1. Load reads a chart's files from a tree, and nothing outside of it. It adds the
//     charts that the chart refers to by file://.
//  2. Render makes the values of one Scenario as Helm does. Package trace gives
//     every string, number and boolean in them an address of its own: wherever a
//     template passes a value on, its address still identifies the key.
//  3. Package trace parses the templates with text/template itself, once for all
//     scenarios, puts marks into the parse trees that print nothing, and notes
//     which node wrote which bytes while a template runs.
//  4. These notes are joined only when a rule needs the place of a value: the text
//     of the file is split into pieces, each with the template node that wrote it.
//     locate.go picks the node to edit. entry.go finds the entry of the values that
//     supplied the value, with package values, and missing.go the key with which an
//     absent field can be set. If a block that was not entered has the field, enable.go finds the key
//     that enables it: package blocktext says what the block would print.
//  5. A key that decides what is printed, such as one in the condition of an if, is
//     reported as such: see trail.go. A fix that sets it is first tried out: see trial.go.
//
// Package branch lists the blocks that no scenario reached, and finds the values
// that enable them. Explore makes scenarios from these values, and disabled.go
// lists the objects that a switch among the values prevents from rendering.
// Package schema validates the values.
package helm
