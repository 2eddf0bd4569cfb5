// Package branch finds out what prevents a block of a chart's templates from rendering,
// and which values make it render.
//
// trace.ReadCondition reads the pipeline of an if or with as a condition. This package
// adds the values key of each operand: for a block that a rendering did not enter, the one
// that the templates used (DisabledBy), otherwise the one that follows from the text (see
// scope.go). A Solver then finds the values with which conditions hold. All questions are
// answered by it: which switches would add an object, which key sets a missing field,
// which scenarios to explore.
//
// Coverage lists which lines and blocks the scenarios reached.
package branch
