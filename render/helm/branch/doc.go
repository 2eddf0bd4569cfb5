// Package branch finds out which blocks of a chart's templates the scenarios entered, and
// which values make a block render.
package branch
