// Package helm renders Helm charts offline, and knows for each line of the
// output in which template, and by which values key, it can be edited.
//
// How a line is traced:
//
//  1. Load reads a chart's files through a tree that reading cannot leave, and
//     completes it with charts that it refers to by file://.
//  2. Render makes the values of one Scenario as Helm does. Package trace gives
//     every string, number and boolean in them an address of its own: wherever a
//     template passes a value on, its address still tells the key.
//  3. Package trace parses the templates with text/template itself, once for all
//     scenarios, puts marks into the parse trees that print nothing, and notes
//     which node wrote which bytes while a template runs.
//  4. Only when a rule asks for the place of a value are these notes put together:
//     the text of the file is split into pieces, each with the template node that
//     wrote it. locate.go picks the one to edit; package values finds the values
//     file and line that supplied it; missing.go the key under which an absent field
//     can be given.
//  5. A key that decides what is printed, as the condition of an if does, is named as
//     such. A fix that sets it is tried first: see scenario.go.
//
// Package branch lists the blocks that no scenario reached, and finds the values
// that enable them. Explore makes scenarios of these, and disabled.go lists the
// objects that a switch among the values prevents from rendering.
package helm
