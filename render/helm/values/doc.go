// Package values finds in which values file, and at which line, a value of a chart was
// written.
package values
