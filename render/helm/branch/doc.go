// Package branch knows the blocks of a chart's templates: which of them some scenarios
// entered, and which values make a block render.
package branch
