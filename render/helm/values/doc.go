// Package values finds the values file and the line in which a chart's value was written.
package values
